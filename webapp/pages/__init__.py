"""The pages for people: rendered here, made lively by a little JavaScript."""

from __future__ import annotations

from flask import Blueprint

from webapp.diagnosis import shortened
from webapp.pages import (
    computation_page,
    health_page,
    history_page,
    home,
    operations_page,
    request_page,
    run_page,
    words,
)
from webapp.pages.shapes import shape

blueprint = Blueprint("pages", __name__)
for page in (
    home,
    computation_page,
    history_page,
    request_page,
    run_page,
    operations_page,
    health_page,
):
    blueprint.register_blueprint(page.blueprint)

for word in (
    words.ago,
    words.breakable,
    words.clock,
    words.duration,
    words.json_text,
    words.one_line,
    words.paragraphs,
    words.plural,
    words.short_number,
    shape,
    shortened,
):
    blueprint.add_app_template_filter(word)
