"""A feed of pictures, the article's own story: what any frontend would do with the API."""

from __future__ import annotations

from flask import Blueprint

from webapp.feed import gallery, page

blueprint = Blueprint("feed", __name__, url_prefix="/feed")
blueprint.register_blueprint(gallery.blueprint)
blueprint.register_blueprint(page.blueprint)
