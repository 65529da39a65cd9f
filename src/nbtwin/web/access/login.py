"""/login and /logout: a token typed once becomes a cookie that no script can read. Knows HTML, no database.

The page needs no script and nothing of the console's files; it speaks English or Chinese as the browser asks. Its form
is sent to the page's own address: what stands there behind a `#` comes back with the answer.
"""

from __future__ import annotations

import logging
from html import escape
from urllib.parse import parse_qs

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from nbtwin.web.access.guard import cookie_name
from nbtwin.web.access.roles import Role
from nbtwin.web.access.tokens import Access

_log = logging.getLogger("nbtwin.web")

LASTS = 12 * 3600  # seconds: a working day
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
_HEADERS = {"Content-Security-Policy": _POLICY, "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
_LONGEST_FORM = 2048  # bytes

_WORDS = {
    "en": ("Sign in", "Token", "Sign in", "This token is not known, or no longer valid.", "nbtwin token create NAME"),
    "zh": ("登录", "令牌", "登录", "令牌不存在或已失效。", "nbtwin token create 名称"),
}
_PAGE = """<!doctype html>
<html lang="{lang}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>nbtwin – {title}</title><style>
:root {{ color-scheme: light dark }}
body {{ font: 16px/1.5 system-ui, sans-serif; display: grid; place-items: center; min-height: 90vh; margin: 1rem }}
form {{ width: min(24rem, 100%); display: grid; gap: .75rem }}
input, button {{ font: inherit; padding: .5rem .75rem }}
p {{ margin: 0 }} .wrong {{ color: #c62828 }} code {{ opacity: .75 }}
</style></head><body><form method="post"><h1>nbtwin</h1>{wrong}
<label for="token">{token}</label>
<input id="token" name="token" type="password" autocomplete="current-password" required autofocus>
<input type="hidden" name="next" value="{next}"><button>{button}</button>
<p><code>{how}</code></p></form></body></html>
"""


def install(app: FastAPI, access: Access) -> None:
    async def page(request: Request) -> Response:
        return _page(request, request.query_params.get("next", "/"), wrong=False)

    async def login(request: Request) -> Response:
        form = await _form(request)
        token, onward = form.get("token", "").strip(), form.get("next", "/")
        caller = await run_in_threadpool(access.caller, token, insist=True)
        if caller.role == Role.NOBODY:
            _log.warning("login refused: from %s", request.client.host if request.client else "?")
            return _page(request, onward, wrong=True)
        response = RedirectResponse(_own(onward), 303, {"Cache-Control": "no-store"})
        response.set_cookie(
            cookie_name(request.headers), token, max_age=LASTS, httponly=True, samesite="strict",
            secure=request.url.scheme == "https",
        )  # fmt: skip
        return response

    async def logout(request: Request) -> Response:
        response = RedirectResponse("/login", 303, {"Cache-Control": "no-store"})
        response.delete_cookie(cookie_name(request.headers), httponly=True, samesite="strict")
        return response

    app.add_api_route("/login", page, methods=["GET"], include_in_schema=False)
    app.add_api_route("/login", login, methods=["POST"], include_in_schema=False)
    app.add_api_route("/logout", logout, methods=["POST"], include_in_schema=False)


async def _form(request: Request) -> dict[str, str]:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _LONGEST_FORM:
            return {}
    return {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}


def _own(path: str) -> str:
    """A page of ours; anything that a browser could take for another site is not."""
    fine = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() and "\\" not in path
    return path if fine else "/"


def _page(request: Request, onward: str, *, wrong: bool) -> Response:
    lang = "zh" if request.headers.get("accept-language", "").strip().lower().startswith("zh") else "en"
    title, token, button, sorry, how = _WORDS[lang]
    text = _PAGE.format(
        lang=lang, title=title, token=token, button=button, how=escape(how), next=escape(_own(onward), quote=True),
        wrong=f'<p class="wrong" role="alert">{sorry}</p>' if wrong else "",
    )  # fmt: skip
    return HTMLResponse(text, 401 if wrong else 200, _HEADERS)
