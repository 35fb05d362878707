"""The sandbox's HTTP side: the one-code gateway, the business-licence service, a sign-in provider, pages that show codes.

`POST /sandbox/fault {"kind": …}` makes the next answers misbehave in one of the ways of FAULTS, until `{"kind": ""}`.
"""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Callable
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar
from urllib.parse import urlsplit

import zxingcpp

from liangzheng.connectors.sandbox.holders import CODE_SECONDS, Codes, Front, SandboxHolder
from liangzheng.connectors.sandbox.identity import IdentityProvider
from liangzheng.formats.strict_json import BadJson, read_object

FAULTS = ("reset", "stall", "drip", "html", "wrong_schema", "huge", "gzip_bomb", "error", "busy", "redirect", "half")
_LARGEST_QUESTION = 64 * 1024
_FRONTS: dict[str, tuple[Front, str]] = {
    "resident": ("resident", "居民码"),
    "enterprise": ("enterprise", "企业码"),
    "business-licence": ("business_licence", "电子营业执照"),
}
_STALL_SECONDS = 20
_PIECES = 200


def serve(codes: Codes, host: str, port: int, identity: IdentityProvider | None = None) -> ThreadingHTTPServer:
    """Make the server (port 0: any free one); the caller runs and stops it."""
    handler = type("Handler", (_Handler,), {"codes": codes, "fault": [""], "identity": identity})
    server = ThreadingHTTPServer((host, port), handler)
    server.daemon_threads = True
    return server


class _Handler(BaseHTTPRequestHandler):
    """One request. `fault` is shared by all of one server."""

    codes: ClassVar[Codes]
    fault: ClassVar[list[str]]
    identity: ClassVar[IdentityProvider | None]
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Log nothing: codes stand in the questions."""

    def do_GET(self) -> None:
        """Show a page or a fresh code."""
        path, query = urlsplit(self.path).path, urlsplit(self.path).query
        parts = path.strip("/").split("/")
        if self.identity is not None and parts[0] == "oidc":
            return self._sign_in(self.identity, path, query)
        if path == "/":
            return self._page(_front_page(self.codes))
        if len(parts) == 2 and parts[0] in _FRONTS and parts[1] in self.codes.holders:  # noqa: PLR2004
            front, label = _FRONTS[parts[0]]
            return self._page(_code_page(label, self.codes.holders[parts[1]], self.codes.show(parts[1], front)))
        return self._answer({"code": "404"}, status=404)

    def do_POST(self) -> None:
        """Answer a gateway's question, or the provider's client."""
        path = urlsplit(self.path).path
        try:
            body = self.rfile.read(min(int(self.headers.get("Content-Length", "0")), _LARGEST_QUESTION))
            if path == "/oidc/token" and self.identity is not None and not self.fault[0]:
                token = self.identity.token(body.decode())
                return self._answer(token or {"error": "invalid_grant"}, status=200 if token else 400)
            question = read_object(body) if path != "/oidc/token" else {}
        except (BadJson, ValueError):
            return self._answer({"code": "99"}, status=400)
        if path == "/sandbox/fault":
            self.fault[0] = str(question.get("kind", ""))
            return self._answer({"code": "0"})
        if self.fault[0]:
            return self._misbehave(self.fault[0])
        answers: dict[str, Callable[[dict[str, object]], dict[str, object]]] = {
            "/ymt/verify": self._one_code,
            "/ymt/message": self._message,
            "/authenticationService/httpserver.do": self._business_licence,
        }
        return self._answer(answers[path](question)) if path in answers else self._answer({"code": "404"}, status=404)

    def _sign_in(self, identity: IdentityProvider, path: str, query: str) -> None:
        if path == "/oidc/authorize":
            return self._page(_html("统一认证（演示）", identity.page(query)))
        if path == "/oidc/jwks":
            return self._answer(identity.jwks())
        try:
            return self._send(b"", "text/plain", 302, Location=identity.choose(query))
        except KeyError:
            return self._answer({"error": "invalid_request"}, status=400)

    def _one_code(self, question: dict[str, object]) -> dict[str, object]:
        if question.get("acceptorgid") != "LZ-DEMO" or question.get("pintoken") != "demo":
            return {"code": "1003"}
        code, holder = self.codes.resolve(str(question.get("ymttoken", "")))
        if holder is None:
            return {"code": code}
        return {
            "code": "0",
            "data": {
                "identity": holder.kind,
                "name": holder.name,
                "certno": holder.code,
                "reference": f"SBX-{time.time_ns()}",
                "licences": list(holder.licences),
            },
        }

    def _message(self, question: dict[str, object]) -> dict[str, object]:
        self.codes.told.append({name: str(value) for name, value in question.items() if name != "pintoken"})
        return {"code": "0"}

    def _business_licence(self, question: dict[str, object]) -> dict[str, object]:
        content = question.get("message_content")
        code, holder = self.codes.resolve(str(content.get("qrid", ""))) if isinstance(content, dict) else ("1002", None)
        if holder is None:
            return {"message_header": {"errorCode": {"1001": "2"}.get(code, "1")}}
        return {"message_header": {"errorCode": "0"}, "message_content": {"entname": holder.name, "uniscid": holder.code}}

    def _answer(self, answer: dict[str, object], status: int = 200) -> None:
        self._send(json.dumps(answer, ensure_ascii=False).encode(), "application/json", status)

    def _page(self, page: str) -> None:
        self._send(page.encode(), "text/html; charset=utf-8")

    def _send(self, body: bytes, kind: str, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in {
            "Content-Type": kind,
            "Content-Length": str(len(body)),
            "Cache-Control": "no-store",
            **headers,
        }.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def _misbehave(self, kind: str) -> None:
        """Play one fault; the connection is not used again."""
        self.close_connection = True
        plain: dict[str, tuple[bytes, str, int, dict[str, str]]] = {
            "html": (b"<html>maintenance</html>", "text/html", 200, {}),
            "wrong_schema": (
                b'{"code":"0","data":{"identity":7,"name":null,"certno":[],"licences":{}}}',
                "application/json",
                200,
                {},
            ),
            "huge": (b'{"code":"0","data":"' + b"x" * (4 << 20) + b'"}', "application/json", 200, {}),
            "gzip_bomb": (gzip.compress(bytes(64 << 20)), "application/json", 200, {"Content_Encoding": "gzip"}),
            "error": (b"{}", "application/json", 503, {}),
            "busy": (b"{}", "application/json", 429, {}),
            "redirect": (b"", "text/plain", 302, {"Location": "http://127.0.0.1:1/"}),
        }
        try:
            if kind in plain:
                body, content, status, headers = plain[kind]
                self._send(body, content, status, **headers)
            elif kind != "reset":
                self._slowly(kind)
        except (BrokenPipeError, ConnectionResetError):
            pass  # the other side had enough, as it should

    def _slowly(self, kind: str) -> None:
        """`stall` says nothing, `half` stops in the middle, `drip` gives a byte now and then."""
        if kind != "stall":
            self.send_response(200)
            self.send_header("Content-Length", str(_PIECES))
            self.end_headers()
            self.wfile.flush()
        for _ in range(_PIECES if kind == "drip" else 1):
            if kind != "stall":
                self.wfile.write(b" ")
                self.wfile.flush()
            time.sleep(_STALL_SECONDS / _PIECES if kind == "drip" else _STALL_SECONDS)


_STYLE = """body{font:18px/1.6 system-ui,sans-serif;max-width:26rem;margin:2rem auto;padding:0 1rem;color:#101828;background:#fff}
a{display:block;padding:.75rem 1rem;margin:.5rem 0;border:1px solid #98a2b3;border-radius:.75rem;color:#0b4fb3}
p.note{color:#7a3a04;font-weight:600}svg{width:100%;height:auto}code{font-size:.8rem;word-break:break-all}"""


def _html(title: str, body: str, refresh: int = 0) -> str:
    again = f'<meta http-equiv="refresh" content="{refresh}">' if refresh else ""
    return (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"{again}"
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body><h1>{escape(title)}</h1>"
        f'<p class="note">沙箱（演示）：人物、单位、编号均为虚构，与任何真实系统无关。</p>{body}</body></html>'
    )


def _front_page(codes: Codes) -> str:
    rows: list[str] = []
    for holder in codes.holders.values():
        fronts = ("resident",) if holder.kind == "person" else ("enterprise", "business-licence")
        rows += [f'<a href="/{front}/{holder.key}">{escape(holder.name)} · {_FRONTS[front][1]}</a>' for front in fronts]
    return _html("出示其他系统的码（演示）", "".join(rows) or "<p>没有人物：请先运行演示。</p>")


def _code_page(label: str, holder: SandboxHolder, text: str) -> str:
    picture = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode).to_svg()
    picture = picture[picture.index("<svg") :]
    body = f"<p>{escape(holder.name)}</p>{picture}<p><code>{escape(text)}</code></p><p>{CODE_SECONDS} 秒内有效，自动刷新。</p>"
    return _html(f"{label}（演示）", body, CODE_SECONDS - 15)
