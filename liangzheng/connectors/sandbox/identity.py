"""The sandbox's sign-in provider: OpenID Connect over real HTTP, for fictional people who sign in by a tap.

`faults` makes its ID tokens wrong in one named way, so that a client can be seen refusing each.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from urllib.parse import parse_qs, urlencode

from liangzheng.crypto.p256 import P256PrivateKey
from liangzheng.formats.strict_json import to_base64url

CLIENT_ID, CLIENT_SECRET = "liangzheng-demo", "demo"
CODE_SECONDS = 60
_KEY_ID = "sandbox-1"
TOKEN_FAULTS = ("issuer", "audience", "nonce", "expired", "old", "alg_none", "alg_hs256", "other_key", "no_subject", "signature")


@dataclass(frozen=True, slots=True)
class _Issued:
    """A code that was given out, with what it was asked for."""

    subject: str
    redirect: str
    nonce: str
    challenge: str
    expires_at: float


@dataclass(slots=True)
class IdentityProvider:
    """`people`: names by subject. `origin`: under which address it stands. `fault`: one of TOKEN_FAULTS, or ""."""

    people: Mapping[str, str]
    origin: str
    second_factor: bool = False
    fault: str = ""
    now: Callable[[], float] = time.time
    _key: P256PrivateKey = field(default_factory=P256PrivateKey.generate)
    _codes: dict[str, _Issued] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def page(self, query: str) -> str:
        """Give the body of the page on which a person chooses who he is."""
        asked = {name: values[0] for name, values in parse_qs(query).items()}
        if asked.get("client_id") != CLIENT_ID or asked.get("response_type") != "code" or not asked.get("code_challenge"):
            return "<p>请求不完整（演示）。</p>"
        rows = [
            f'<a href="/oidc/choose?{escape(urlencode(asked | {"subject": subject}))}" id="{escape(subject)}">{escape(name)}</a>'
            for subject, name in self.people.items()
        ]
        return "<p>选择以谁的身份登录：</p>" + "".join(rows)

    def choose(self, query: str) -> str:
        """Give a code to the person who tapped; the address to return to."""
        asked = {name: values[0] for name, values in parse_qs(query).items()}
        code = secrets.token_urlsafe(24)
        issued = _Issued(
            asked["subject"], asked["redirect_uri"], asked["nonce"], asked["code_challenge"], self.now() + CODE_SECONDS
        )
        with self._lock:
            self._codes[code] = issued
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def token(self, body: str) -> dict[str, object] | None:
        """Exchange a code, once, for an ID token; None: refused."""
        form = {name: values[0] for name, values in parse_qs(body).items()}
        with self._lock:
            issued = self._codes.pop(form.get("code", ""), None)
        verifier = form.get("code_verifier", "").encode()
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier).digest()).rstrip(b"=").decode()
        is_client = (form.get("client_id"), form.get("client_secret")) == (CLIENT_ID, CLIENT_SECRET)
        if issued is None or not is_client or challenge != issued.challenge or form.get("redirect_uri") != issued.redirect:
            return None
        if self.now() > issued.expires_at:
            return None
        return {"access_token": secrets.token_urlsafe(8), "token_type": "Bearer", "id_token": self._id_token(issued)}

    def jwks(self) -> dict[str, object]:
        """Publish the key."""
        point = self._key.public_key.point
        x, y = (to_base64url(part).decode() for part in (point[1:33], point[33:]))
        return {"keys": [{"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": _KEY_ID, "x": x, "y": y}]}

    def _id_token(self, issued: _Issued) -> str:
        now = int(self.now())
        claims: dict[str, object] = {
            "iss": self.origin,
            "sub": issued.subject,
            "aud": CLIENT_ID,
            "nonce": issued.nonce,
            "iat": now,
            "exp": now + 300,
            "amr": ["pwd", "mfa"] if self.second_factor else ["pwd"],
            "name": self.people.get(issued.subject, ""),
        }
        wrong: dict[str, dict[str, object]] = {
            "issuer": {"iss": "https://elsewhere.example"},
            "audience": {"aud": "another-client"},
            "nonce": {"nonce": "another"},
            "expired": {"exp": now - 3600},
            "old": {"iat": now - 7200},
            "no_subject": {"sub": ""},
        }
        algorithm = {"alg_none": "none", "alg_hs256": "HS256"}.get(self.fault, "ES256")
        header = {"alg": algorithm, "kid": _KEY_ID}
        parts = [to_base64url(json.dumps(part).encode()) for part in (header, claims | wrong.get(self.fault, {}))]
        key = P256PrivateKey.generate() if self.fault == "other_key" else self._key
        signature = b"" if self.fault == "alg_none" else key.sign_raw(b".".join(parts))
        if self.fault == "signature":
            parts[1] = to_base64url(json.dumps(claims | {"sub": "somebody-else"}).encode())
        return b".".join([*parts, to_base64url(signature)]).decode()


def read_people(file: Path) -> dict[str, str]:
    """Read the subjects the demo city wrote down; an absent file is a provider without people."""
    return dict(json.loads(file.read_text(encoding="utf-8"))) if file.is_file() else {}
