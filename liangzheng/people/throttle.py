"""Slow guessing down without locking the owner out: failures are counted before a secret is looked at, and each adds delay.

A browser on which the account has signed in before (device cookie, after OWASP) has a counter of its own, which nobody else can
reach; all others share those of the account (delay up to a minute), of account with address, and of the address.
"""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core import signing
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse

from liangzheng.errors import NotAllowed
from liangzheng.people.models import User
from liangzheng.storage.columns import index_value

KNOWN_DAYS = 180
_FORGOTTEN = timedelta(days=1)
_SALT = "liangzheng known browser"

# A row is written only while it is open: what came too early is not counted, so nobody can push the end away by knocking on.
_COUNT = """
INSERT INTO people_signintally AS tally (key, failures, last_at, open_at) VALUES (%(key)s, 1, %(now)s, %(now)s)
ON CONFLICT (key) DO UPDATE SET
  failures = CASE WHEN tally.last_at < %(forgotten)s THEN 1 ELSE tally.failures + 1 END,
  last_at = %(now)s,
  open_at = CASE WHEN tally.last_at < %(forgotten)s OR tally.failures + 1 < %(free)s THEN %(now)s
    ELSE %(now)s + make_interval(secs => least(%(longest)s, power(2, least(tally.failures + 1 - %(free)s, 20)))) END
WHERE tally.open_at <= %(now)s
RETURNING failures
"""
_OPEN_AT = "SELECT open_at FROM people_signintally WHERE key = %s"
_FORGIVE = "UPDATE people_signintally SET failures = greatest(failures - 1, 0), open_at = %s WHERE key = ANY(%s)"


@dataclass(frozen=True, slots=True)
class Bucket:
    """One counter: `free` failures without delay, then 1, 2, 4 … seconds up to `longest`."""

    key: bytes
    free: int
    longest: int


def buckets(request: HttpRequest, kind: str, account: str, user: User | None) -> list[Bucket]:
    """Give the counters of a try; `kind` says which secret is tried, `account` is the log-in as typed."""
    nonce = known_browser(request, user)
    if nonce:
        return [Bucket(_key(kind, "browser", nonce), 10, 300)]
    address = client_address(request)
    return [
        Bucket(_key(kind, "account", account), 10, 60),
        Bucket(_key(kind, "place", account, address), 10, 900),
        Bucket(_key("", "address", address), 100, 900),
    ]


def count_try(tried: Sequence[Bucket], now: datetime) -> None:
    """Count a try before the secret is looked at, so that parallel ones count, too. NotAllowed `sign_in_wait` (HTTP 429)."""
    closed: datetime | None = None
    with transaction.atomic(), connection.cursor() as cursor:
        for bucket in tried:
            times = {"now": now, "forgotten": now - _FORGOTTEN}
            cursor.execute(_COUNT, {"key": bucket.key, "free": bucket.free, "longest": bucket.longest, **times})
            if cursor.fetchone() is None:
                cursor.execute(_OPEN_AT, [bucket.key])
                [closed] = cursor.fetchone() or [now]
                transaction.set_rollback(True)
                break
    if closed is not None:
        seconds = max(1, round((closed - now).total_seconds()))
        raise NotAllowed("sign_in_wait", f"试错次数过多，请 {seconds} 秒后再试。", seconds=seconds)


def forgive(tried: Sequence[Bucket], now: datetime) -> None:
    """Take a try back that was right; the failures of others stay."""
    with connection.cursor() as cursor:
        cursor.execute(_FORGIVE, [now, [bucket.key for bucket in tried]])


def remember_browser(response: HttpResponse, user: User) -> None:
    """Give the browser the cookie of one that knows this account; a new password makes it worthless."""
    value = signing.dumps([str(user.pk), secrets.token_hex(16), _password_mark(user)], salt=_SALT)
    response.set_cookie(
        _cookie_name(user),
        value,
        max_age=KNOWN_DAYS * 86400,
        path="/api/v1/session",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )


def known_browser(request: HttpRequest, user: User | None) -> str:
    """Give the browser's nonce when the account has signed in there before, else ""."""
    value = request.COOKIES.get(_cookie_name(user)) if user else None
    if user is None or value is None:
        return ""
    try:
        account, nonce, mark = signing.loads(value, salt=_SALT, max_age=timedelta(days=KNOWN_DAYS))
    except (signing.BadSignature, ValueError):
        return ""
    return str(nonce) if (account, mark) == (str(user.pk), _password_mark(user)) else ""


def client_address(request: HttpRequest) -> str:
    """Give the client's network: an IPv4 address, or the /64 of an IPv6 one. Behind TLS the proxy's last word is believed."""
    text = request.META.get("REMOTE_ADDR", "")
    if settings.SECURE_PROXY_SSL_HEADER:
        text = request.META.get("HTTP_X_FORWARDED_FOR", text).rpartition(",")[2].strip()
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return ""
    return str(address) if address.version == 4 else str(ipaddress.ip_network((address, 64), strict=False))  # noqa: PLR2004


def _cookie_name(user: User) -> str:
    return f"lz_known_{index_value(f'known browser|{user.pk}').hex()[:12]}"


def _password_mark(user: User) -> str:
    return user.get_session_auth_hash()[:16]


def _key(*parts: str) -> bytes:
    return index_value("\x00".join(("sign-in", *parts)))
