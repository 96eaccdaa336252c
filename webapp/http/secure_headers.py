"""The headers that keep an answer to itself, put on every answer in this one place."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from batchwell.settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_YEAR_SECONDS = 365 * 24 * 3600


class SecureHeaders:
    """A WSGI application whose answers have the headers; so no error gets past them."""

    def __init__(self, app: WSGIApplication, settings: Settings) -> None:
        self._app = app
        self._always = [
            ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "same-origin"),
        ]
        if settings.url.startswith("https://"):
            hsts = f"max-age={_YEAR_SECONDS}"
            self._always.append(("Strict-Transport-Security", hsts))
        self._page = ("Content-Security-Policy", _policy(settings.airflow_url))

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve a request."""

        def start_securely(
            status: str, headers: list[tuple[str, str]], exc_info: Any = None
        ) -> Any:
            for name, value in headers:
                if name == "Content-Type" and value.startswith("text/html"):
                    self._add_policy(headers)
                    break
            headers += self._always
            return start_response(status, headers, exc_info)

        return self._app(environ, start_securely)

    def _add_policy(self, headers: list[tuple[str, str]]) -> None:
        """Add the usual policy unless the page has one of its own."""
        if self._page[0] not in dict(headers):
            headers.append(self._page)


def _policy(airflow_url: str) -> str:
    """Let a page use nothing but our own files, and nobody but Airflow show it in a frame."""
    airflow = urlsplit(airflow_url)
    return "; ".join(
        [
            "default-src 'self'",
            "base-uri 'none'",
            "object-src 'none'",
            "form-action 'self'",
            f"frame-ancestors {airflow.scheme}://{airflow.netloc}",
        ]
    )
