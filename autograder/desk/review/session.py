"""Who may speak to the app: by a token in the first address, then by a cookie, from our own pages alone."""

import re
import secrets
import time
from dataclasses import dataclass, field

from starlette.datastructures import Headers, MutableHeaders, QueryParams
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# By an ssh tunnel the app has another port in the browser; another name would be a stranger's, led here by its DNS.
_HOST = re.compile(r"(?:localhost|127\.0\.0\.1|\[::1\])(?::(\d{1,5}))?")
_AWAY_SECONDS = 5.0
MOST_BYTES = 1 << 20  # of what a page sends


@dataclass
class Session:
    """One browser: who sits there, whether they see names, which item is open, and when it was heard last."""

    who: str
    names: bool = False
    at: str = ""
    heard: float = field(default_factory=time.monotonic)

    @property
    def is_there(self) -> bool:
        """Whether the browser was heard of a moment ago."""
        return time.monotonic() - self.heard < _AWAY_SECONDS


class Door:
    """Lets in who has the token, and afterwards who has the cookie of their session; all others get a sentence."""

    def __init__(self, app: ASGIApp, who: str) -> None:
        self.token = secrets.token_urlsafe(24)
        self.sessions: dict[str, Session] = {}
        self._app = app
        self._who = who

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        host = _HOST.fullmatch(headers.get("host", ""))

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                _guard(MutableHeaders(scope=message), headers.get("host", "") if host else "")
            await send(message)

        answer = self._refusal(scope, headers, host[1] or "80") if host else _refused("This is not its address.")
        await (answer or self._app)(scope, receive, send_guarded)

    def _refusal(self, scope: Scope, headers: Headers, port: str) -> Response | None:
        """What is answered at the door; None for who may come in."""
        cookie = f"autograder_review_{port}"
        if scope["path"] == "/" and secrets.compare_digest(self._shown(scope), self.token):
            secret = secrets.token_urlsafe(24)
            self.sessions[secret] = Session(self._who)
            answer = RedirectResponse("/", 303)
            answer.set_cookie(cookie, secret, httponly=True, samesite="strict")
            return answer
        session = self.sessions.get(_cookies(headers).get(cookie, ""))
        if session is None:
            return _refused("This page needs the address, with its token, that `autograder review` printed last.")
        if scope["method"] not in ("GET", "HEAD") and not _is_own(headers):
            return _refused("This did not come from a page of the review.")
        session.heard = time.monotonic()
        scope.setdefault("state", {})["session"] = session
        return None

    def _shown(self, scope: Scope) -> str:
        return QueryParams(scope["query_string"]).get("token", "").encode("ascii", "replace").decode()


def _refused(sentence: str) -> Response:
    return PlainTextResponse(f"{sentence}\n", 403)


def _cookies(headers: Headers) -> dict[str, str]:
    pairs = (pair.partition("=") for pair in headers.get("cookie", "").split(";"))
    return {name.strip(): value.strip() for name, _, value in pairs}


def _is_own(headers: Headers) -> bool:
    """Whether one of our own pages sent this, by its script."""
    return (
        headers.get("origin") == f"http://{headers['host']}"
        and headers.get("content-type", "").partition(";")[0] == "application/json"
        and headers.get("content-length", "").isdecimal()
        and int(headers["content-length"]) <= MOST_BYTES
    )


def _guard(headers: MutableHeaders, host: str) -> None:
    """Says to the browser what a page may do: its own script and style, pictures of this app, and nothing else."""
    own = f"http://{host}/own" if host else "'none'"
    sources = (
        f"script-src {own}/review.js; style-src {own}/review.css; img-src 'self'; connect-src 'self'" if host else ""
    )
    headers["content-security-policy"] = (
        f"default-src 'none'; {sources}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    headers["x-content-type-options"] = "nosniff"
    headers["referrer-policy"] = "no-referrer"
    headers["cross-origin-opener-policy"] = "same-origin"
    headers["cross-origin-resource-policy"] = "same-origin"
    headers["cache-control"] = "no-store"
