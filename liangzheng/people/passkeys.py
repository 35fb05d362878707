"""通行密钥: enrol one, and sign in with one, with or without a password before it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.db import IntegrityError, transaction

from liangzheng.crypto.p256 import P256PublicKey
from liangzheng.errors import Malformed, NotAllowed, Refused
from liangzheng.formats.strict_json import BadJson, from_base64url
from liangzheng.formats.webauthn import Asked, BadPasskey, check_use, is_newer, read_new
from liangzheng.people.factors import first_recovery_codes
from liangzheng.people.models import Passkey, User

_CHALLENGE_BYTES = 32
_CHALLENGE_LASTS = timedelta(minutes=5)
_LONGEST_LABEL = 100  # characters
_MOST = 10
_CHALLENGE = "passkey_challenge"


@dataclass(frozen=True, slots=True)
class NewAnswer:
    """What the browser gives for a new passkey; base64url texts."""

    client_data: str
    attestation: str
    label: str


@dataclass(frozen=True, slots=True)
class UseAnswer:
    """What the browser gives when a passkey is used; base64url texts."""

    credential_id: str
    client_data: str
    authenticator_data: str
    signature: str


def relying_party() -> tuple[str, frozenset[str]]:
    """Give the host name that passkeys are bound to, and the origins they may be used on.

    A passkey cannot be bound to an IP address; on this machine alone `localhost` stands for it.
    """
    public = urlsplit(settings.PUBLIC_URL)
    if public.hostname in {"127.0.0.1", "localhost"}:
        return "localhost", frozenset({f"{public.scheme}://localhost:{public.port or 80}"})
    return public.hostname or "", frozenset({f"{public.scheme}://{public.netloc}"})


def ask(session: SessionBase, purpose: str, now: datetime) -> bytes:
    """Draw a challenge for one purpose (`create` or `get`); the session knows one at a time."""
    challenge = secrets.token_bytes(_CHALLENGE_BYTES)
    session[_CHALLENGE] = {"value": challenge.hex(), "purpose": purpose, "until": (now + _CHALLENGE_LASTS).timestamp()}
    return challenge


def _asked(session: SessionBase, purpose: str, now: datetime) -> Asked:
    kept = session.pop(_CHALLENGE, None)  # one try, whatever comes of it
    if kept is None or kept["purpose"] != purpose or now.timestamp() > kept["until"]:
        raise NotAllowed("sign_in_expired", "等待时间过长，请从头再来。")
    host, origins = relying_party()
    return Asked(bytes.fromhex(kept["value"]), host, origins)


def add_passkey(session: SessionBase, user: User, answer: NewAnswer, now: datetime) -> list[str]:
    """Enrol a new passkey; gives recovery codes when it is the account's first factor. NotAllowed `passkey_refused`."""
    asked = _asked(session, "create", now)
    try:
        made = read_new(_bytes(answer.client_data), _bytes(answer.attestation), asked)
    except BadPasskey as error:
        raise NotAllowed("passkey_refused", "通行密钥没有通过校验。") from error
    if Passkey.objects.filter(user=user).count() >= _MOST:
        raise Refused("too_many_passkeys", f"每个账号最多 {_MOST} 个通行密钥。")
    try:
        with transaction.atomic():
            Passkey.objects.create(
                user=user,
                credential_id=made.credential_id,
                public_point=made.key.point,
                sign_count=made.sign_count,
                label=answer.label.strip()[:_LONGEST_LABEL],
                added_at=now,
            )
            return first_recovery_codes(user, "passkey", now)
    except IntegrityError as error:
        raise NotAllowed("passkey_refused", "这个通行密钥已经登记。") from error


def use_passkey(session: SessionBase, answer: UseAnswer, waiting: User | None, now: datetime) -> User:
    """Give the account of the passkey that answered. `waiting`: who has shown a password before. NotAllowed `passkey_refused`."""
    asked = _asked(session, "get", now)
    row = Passkey.objects.select_related("user").filter(credential_id=_bytes(answer.credential_id), user__is_active=True).first()
    if row is None or (waiting is not None and row.user_id != waiting.pk):
        raise NotAllowed("passkey_refused", "通行密钥没有通过校验。")
    try:
        key = P256PublicKey.from_point(bytes(row.public_point))
        count = check_use(_bytes(answer.client_data), _bytes(answer.authenticator_data), _bytes(answer.signature), key, asked)
    except BadPasskey as error:
        raise NotAllowed("passkey_refused", "通行密钥没有通过校验。") from error
    with transaction.atomic():
        known = Passkey.objects.select_for_update().get(pk=row.pk)
        if not is_newer(count, known.sign_count):
            raise NotAllowed("passkey_refused", "通行密钥可能被复制，请联系管理员。")
        Passkey.objects.filter(pk=row.pk).update(sign_count=count, used_at=now)
    return row.user


def _bytes(text: str) -> bytes:
    try:
        return from_base64url(text.encode())
    except (BadJson, UnicodeEncodeError) as error:
        raise Malformed("invalid_input", "通行密钥的格式不对。") from error
