"""The pages for people: rendered here, made lively by a little JavaScript."""

from __future__ import annotations

from flask import Blueprint

from webapp.pages import computation_page, home, request_page
from webapp.pages.shapes import shape
from webapp.pages.words import ago, breakable, duration, json_text, paragraphs, plural, short_number

blueprint = Blueprint("pages", __name__)
for page in (home, computation_page, request_page):
    blueprint.register_blueprint(page.blueprint)

for word in (ago, breakable, duration, json_text, paragraphs, plural, shape, short_number):
    blueprint.add_app_template_filter(word)
