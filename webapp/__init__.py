"""The web app: records each request, serves the best known value at once, computes nothing."""

from __future__ import annotations

from contextlib import suppress

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from batchwell.connection import check_durable, connect
from batchwell.errors import StoreUnavailable
from batchwell.exposure import check_exposure
from batchwell.follower import Follower
from batchwell.log_lines import configure_log
from batchwell.registry import load_registry
from batchwell.result_memory import ResultMemory
from batchwell.settings import Settings
from batchwell.store import Store
from serving.crew import stepping_aside
from webapp import article, feed, health, pages, problems
from webapp.access import cors, guard, login, rate_limit
from webapp.access.known_tokens import KnownTokens
from webapp.access.scopes import needs
from webapp.api import actions, bulk, computations, deliveries, events, results, submissions
from webapp.api.quick_submits import QuickSubmits
from webapp.context import Context, set_context
from webapp.http import compression
from webapp.http.places import Places
from webapp.http.quick_reads import QuickReads
from webapp.http.secure_headers import SecureHeaders
from webapp.monitoring import metrics_page, observing
from webapp.monitoring.tallies import Tallies
from webapp.openapi import served as openapi

__all__ = ["create_app"]

# Whatever the store does, an answer comes within a second; a disk may take longer to confirm.
STORE_TIMEOUT_SECONDS = 0.9
DURABLE_TIMEOUT_SECONDS = 3.0
# Above the 64 KB that parameters may have, which are refused naming the field: escapes and
# spaces do not count there.
MAX_BODY_BYTES = 512 * 1024

_PARTS = (
    computations,
    submissions,
    events,
    bulk,
    actions,
    results,
    deliveries,
    health,
    metrics_page,
    article,
    feed,
    openapi,
    pages,
    login,
    problems,
)


def create_app(settings: Settings | None = None) -> Flask:
    """Make the WSGI application, for ``settings`` or for those of the environment.

    Imports the computations; on loopback, opens no connection until a request needs one. Raises
    `SettingsError` where others can reach it and there is no token, and where a durable store is
    asked for and the server is none.
    """
    settings = settings or Settings.from_env()
    configure_log(settings.log)
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    store = _store(settings)
    with suppress(StoreUnavailable):  # what is not known now, the guard asks at each request
        check_exposure(settings.host, store)
    context = Context(
        settings=settings,
        registry=load_registry(settings.dags_folder),
        store=store,
        tokens=KnownTokens(store),
        tallies=Tallies(settings.metrics_folder),
        places=Places(settings.waiters),
        follower=Follower(store),
        memory=ResultMemory(store),
    )
    set_context(app, context)
    cors.init_app(app, settings.cors_origins)
    the_guard = guard.init_app(app, context)
    rate_limit.init_app(app, settings.rate_limit, store)
    for part in _PARTS:
        app.register_blueprint(part.blueprint)
    problems.init_app(app)
    compression.init_app(app)
    needs(None)(app.view_functions["static"])
    if not settings.rate_limit:
        app.wsgi_app = QuickReads(app.wsgi_app, context, the_guard)  # type: ignore[method-assign]
        app.wsgi_app = QuickSubmits(app.wsgi_app, context, the_guard)  # type: ignore[method-assign]
    app.wsgi_app = SecureHeaders(app.wsgi_app, settings)  # type: ignore[method-assign]
    if settings.proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies
        )
    observing.init_app(app, context)
    return app


def _store(settings: Settings) -> Store:
    seconds = DURABLE_TIMEOUT_SECONDS if settings.durable else STORE_TIMEOUT_SECONDS
    client = connect(settings.redis_url, timeout_seconds=seconds, waiting=stepping_aside)
    if settings.durable:
        with suppress(StoreUnavailable):  # one that is away now is no reason not to start
            check_durable(client)
    return Store(client, namespace=settings.namespace, durable=settings.durable)
