"""第二重验证: enrol and use a time code, passkeys and recovery codes. Enrolling and removing ask for the password again."""

from __future__ import annotations

import base64
import secrets
from datetime import datetime, timedelta
from urllib.parse import quote
from uuid import UUID

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from liangzheng.crypto.totp import matching_step
from liangzheng.errors import NotAllowed, NotFound, Refused
from liangzheng.people.models import Passkey, RecoveryCode, TimeCode, User
from liangzheng.people.sessions import actor_of, end_everywhere, note
from liangzheng.people.throttle import Bucket, buckets, count_try, forgive
from liangzheng.storage.columns import index_value

RECOVERY_CODES = 8
_SECRET_BYTES = 20  # RFC 4226, 4: 160 bits
_ENROLLING_LASTS = timedelta(minutes=10)
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_RECOVERY_LENGTH = 16  # 30^16: 78 bits
_ENROLLING = "enrolling_time_code"


def ask_password(request: HttpRequest, user: User, password: str) -> None:
    """Ask for the password once more before a sensitive step. NotAllowed `password_again`."""
    tried = buckets(request, "password", user.username, user)
    count_try(tried, timezone.now())
    if not user.check_password(password):
        raise NotAllowed("password_again", "密码不正确，没有更改。")
    forgive(tried, timezone.now())


def new_time_code(session: SessionBase, user: User) -> tuple[str, str]:
    """Draw a secret and give it with the address that an authenticator app reads; it counts once a code of it was shown."""
    secret = base64.b32encode(secrets.token_bytes(_SECRET_BYTES)).decode()
    session[_ENROLLING] = {"secret": secret, "until": (timezone.now() + _ENROLLING_LASTS).timestamp()}
    issuer = quote("亮证（演示）" if settings.DEMO else "亮证")
    label = f"{issuer}:{quote(user.username)}"
    return secret, f"otpauth://totp/{label}?secret={secret}&issuer={issuer}&algorithm=SHA1&digits=6&period=30"


def confirm_time_code(request: HttpRequest, user: User, code: str) -> list[str]:
    """Enrol the drawn secret when the app shows its code. Gives recovery codes when this is the first factor, else none."""
    kept, now = request.session.get(_ENROLLING), timezone.now()
    if kept is None or now.timestamp() > kept["until"]:
        raise NotAllowed("sign_in_expired", "等待时间过长，请从头再来。")
    step = _throttled_step(request, user, kept["secret"], code, now)
    del request.session[_ENROLLING]
    with transaction.atomic():
        values = {"secret": kept["secret"], "last_step": step, "added_at": now}
        TimeCode.objects.update_or_create(user=user, defaults=values)
        return first_recovery_codes(user, "totp", now)


def use_time_code(request: HttpRequest, user: User, code: str) -> None:
    """Check a code; each works once. NotAllowed `second_factor_wrong`."""
    row, now = TimeCode.objects.filter(user=user).first(), timezone.now()
    if row is None:
        raise NotAllowed("second_factor_wrong", "动态口令不正确。")
    step = _throttled_step(request, user, row.secret, code, now)
    if not TimeCode.objects.filter(user=user, last_step__lt=step).update(last_step=step):
        raise NotAllowed("second_factor_wrong", "这个动态口令已用过，请等下一个。")


def _throttled_step(request: HttpRequest, user: User, secret: str, code: str, now: datetime) -> int:
    tried = _factor_buckets(request, user)
    count_try(tried, now)
    step = matching_step(base64.b32decode(secret), code, now.timestamp())
    if step is None:
        raise NotAllowed("second_factor_wrong", "动态口令不正确。")
    forgive(tried, now)
    return step


def _factor_buckets(request: HttpRequest, user: User) -> list[Bucket]:
    """Six digits are few: unlike a password's, the account's delay grows to a quarter of an hour; known browsers stay apart."""
    return [Bucket(one.key, min(one.free, 5), 900) for one in buckets(request, "factor", str(user.pk), user)]


def use_recovery_code(request: HttpRequest, user: User, code: str) -> int:
    """Use up a recovery code and give how many are left. NotAllowed `second_factor_wrong`."""
    tried, now = _factor_buckets(request, user), timezone.now()
    count_try(tried, now)
    deleted, _ = RecoveryCode.objects.filter(user=user, digest=_digest(user, code)).delete()
    if not deleted:
        raise NotAllowed("second_factor_wrong", "备用码不正确，或者已用过。")
    forgive(tried, now)
    note(actor_of(user), "use_recovery_code", now, user.pk)
    return RecoveryCode.objects.filter(user=user).count()


def new_recovery_codes(user: User) -> list[str]:
    """Draw new codes, shown this once; the old ones work no longer."""
    codes = ["".join(secrets.choice(_ALPHABET) for _ in range(_RECOVERY_LENGTH)) for _ in range(RECOVERY_CODES)]
    with transaction.atomic():
        RecoveryCode.objects.filter(user=user).delete()
        RecoveryCode.objects.bulk_create([RecoveryCode(user=user, digest=_digest(user, code)) for code in codes])
    return ["-".join(code[start : start + 4] for start in range(0, _RECOVERY_LENGTH, 4)) for code in codes]


def first_recovery_codes(user: User, kind: str, now: datetime) -> list[str]:
    """Log a new factor; give recovery codes with an account's first one, none with a later one."""
    note(actor_of(user), "add_factor", now, user.pk, result=kind)
    return [] if RecoveryCode.objects.filter(user=user).exists() else new_recovery_codes(user)


def remove_time_code(user: User) -> None:
    """Take the time code away and end every sign-in elsewhere."""
    if not TimeCode.objects.filter(user=user).delete()[0]:
        raise NotFound("factor_unknown", "没有这项第二重验证。")
    _removed(user, "totp")


def remove_passkey(user: User, passkey: UUID) -> None:
    """Take a passkey away and end every sign-in elsewhere."""
    if not Passkey.objects.filter(user=user, pk=passkey).delete()[0]:
        raise NotFound("factor_unknown", "没有这项第二重验证。")
    _removed(user, "passkey")


def refuse_last(user: User, *, must_have: bool) -> None:
    """Keep the last factor of an account that must have one. Refused `last_factor`."""
    count = Passkey.objects.filter(user=user).count() + TimeCode.objects.filter(user=user).count()
    if must_have and count <= 1:
        raise Refused("last_factor", "这是最后一项第二重验证，请先设置另一项。")


def _removed(user: User, kind: str) -> None:
    if not TimeCode.objects.filter(user=user).exists() and not Passkey.objects.filter(user=user).exists():
        RecoveryCode.objects.filter(user=user).delete()
    end_everywhere(user.pk, timezone.now())
    note(actor_of(user), "remove_factor", timezone.now(), user.pk, result=kind)


def _digest(user: User, code: str) -> bytes:
    plain = code.upper().replace("-", "").replace(" ", "")
    return index_value(f"recovery code|{user.pk}|{plain}")
