"""Who is asking: the account behind a request, signing in step by step, and how long and on which browser a sign-in holds.

A right password alone opens no session where the account has a second factor: the account waits in the browser's anonymous
session (`pending`) for the second step. Every sign-in is a row, so that it can be ended from anywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.auth import authenticate, logout
from django.contrib.auth import login as start_session
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django.utils import timezone

from liangzheng.auditlog.append import Event, append
from liangzheng.errors import NotAllowed
from liangzheng.people.models import Device, Passkey, RecoveryCode, SignIn, TimeCode, User
from liangzheng.people.throttle import buckets, count_try, forgive
from liangzheng.storage.columns import index_value
from liangzheng.storage.tenancy import Scope, acting

IDLE = timedelta(hours=2)
LONGEST = timedelta(hours=12)
"""One shift."""
PENDING_LASTS = timedelta(minutes=5)
PROOF_LASTS = timedelta(minutes=10)
_SEEN_EVERY = timedelta(minutes=1)
_SIGN_IN, _PENDING = "sign_in", "pending_sign_in"


@dataclass(frozen=True, slots=True)
class Actor:
    """The account behind a request. `agency` and `region` for officers, `holder` for holders."""

    user: UUID
    name: str
    role: str
    agency: UUID | None
    region: str
    holder: UUID | None
    is_demo: bool

    @property
    def scope(self) -> Scope:
        """Whose rows this actor may see."""
        return Scope(agency=self.agency, region=self.region, holder=self.holder, account=self.user)


def actor_of(user: User) -> Actor:
    """Describe an account; the agency's region is the officer's."""
    region = user.agency.region_id if user.agency else ""
    return Actor(user.pk, user.name, user.role, user.agency_id, region, user.holder, user.is_demo)


def factors_of(user: User) -> list[str]:
    """List what the account can show beside its password: `passkey`, `totp`, and `recovery` when one of those is lost."""
    kinds = ["passkey"] if Passkey.objects.filter(user=user).exists() else []
    kinds += ["totp"] if TimeCode.objects.filter(user=user).exists() else []
    return [*kinds, "recovery"] if kinds and RecoveryCode.objects.filter(user=user).exists() else kinds


def must_have_factor(user: User) -> bool:
    """Say whether the account sees data of others: all do but a holder's. In the demo a factor is offered, not forced."""
    return user.role != "holder" and not settings.DEMO


def check_password(request: HttpRequest, username: str, password: str) -> User:
    """Check log-in and password, throttled; the answer never tells which of the two was wrong."""
    tried = buckets(request, "password", username, User.objects.filter(username=username).first())
    count_try(tried, timezone.now())
    user = authenticate(request, username=username, password=password)
    if not isinstance(user, User):
        raise NotAllowed("login_failed", "账号或密码不正确。")
    forgive(tried, timezone.now())
    return user


def sign_in(request: HttpRequest, username: str, password: str) -> User | None:
    """Take the first step. None when the account has to show a second factor, for which it has five minutes."""
    user = check_password(request, username, password)
    if factors_of(user):
        wait_for_factor(request, user, "password")
        return None
    begin(request, user, "password", "")
    return user


def wait_for_factor(request: HttpRequest, user: User, method: str) -> None:
    """Remember who showed the first factor, in an anonymous session with a new key."""
    logout(request)
    request.session[_PENDING] = {
        "user": str(user.pk),
        "until": (timezone.now() + PENDING_LASTS).timestamp(),
        "method": method,
        "mark": user.get_session_auth_hash(),
    }


def pending(request: HttpRequest) -> tuple[User, str] | None:
    """Give the account that has shown its first factor here, and which one; None when nobody has, or too long ago."""
    kept = request.session.get(_PENDING)
    if kept is None or timezone.now().timestamp() > kept["until"]:
        return None
    user = User.objects.filter(pk=kept["user"], is_active=True).first()
    return (user, kept["method"]) if user is not None and user.get_session_auth_hash() == kept["mark"] else None


def begin(request: HttpRequest, user: User, method: str, factor: str) -> None:
    """Start the session under a new key; what the browser was before ends."""
    now = timezone.now()
    end_here(request, now)
    start_session(request, user)
    row = SignIn.objects.create(user=user, started_at=now, seen_at=now, method=method, factor=factor, browser=_browser(request))
    request.session[_SIGN_IN] = str(row.pk)
    note(actor_of(user), "sign_in", now, row.pk, result=factor or method)


def end_here(request: HttpRequest, now: datetime) -> None:
    """Sign this browser out; its session key and what it held are gone."""
    known = request.session.get(_SIGN_IN)
    if known:
        SignIn.objects.filter(pk=known, ended_at=None).update(ended_at=now)
    logout(request)


def end_everywhere(user: UUID, now: datetime, *, but: UUID | None = None) -> int:
    """End the account's sign-ins on every browser, or on every other one; give their number."""
    rows = SignIn.objects.filter(user=user, ended_at=None)
    return (rows.exclude(pk=but) if but else rows).update(ended_at=now)


def current_sign_in(request: HttpRequest, now: datetime) -> SignIn | None:
    """Give the sign-in that the request belongs to, when it still holds: not ended, not idle, not too long, the same browser."""
    known = request.session.get(_SIGN_IN)
    row = SignIn.objects.filter(pk=known, ended_at=None).first() if known else None
    if row is None or not isinstance(request.user, User) or row.user_id != request.user.pk:
        return None
    is_same_browser = bytes(row.browser) == _browser(request)
    if not is_same_browser or now - row.seen_at > IDLE or now - row.started_at > LONGEST:
        SignIn.objects.filter(pk=row.pk).update(ended_at=now)
        return None
    if now - row.seen_at > _SEEN_EVERY:
        SignIn.objects.filter(pk=row.pk).update(seen_at=now)
    return row


def require_sign_in(request: HttpRequest, now: datetime, *, whole: bool = True) -> tuple[User, SignIn]:
    """Give account and sign-in. NotAllowed when there is none; `whole`: also when a factor or the device's proof is still due."""
    row = current_sign_in(request, now)
    if row is None or not isinstance(request.user, User):
        raise NotAllowed("not_signed_in", "请先登录。")
    if whole and not row.factor and must_have_factor(request.user):
        raise NotAllowed("second_factor_needed", "本账号须先设置第二重验证（动态口令或通行密钥）。")
    if whole and row.proved_at is not None and now - row.proved_at > PROOF_LASTS:
        raise NotAllowed("device_proof", "请由登录的设备再次证明身份。")
    return request.user, row


def mark_factor(row: SignIn, factor: str) -> None:
    """Note that a factor was shown in a sign-in under way: it was enrolled there, after the password was asked again."""
    SignIn.objects.filter(pk=row.pk).update(factor=factor)


def bound_device(session: SessionBase) -> Device | None:
    """Give the device that the sign-in is bound to."""
    known = session.get(_SIGN_IN)
    row = SignIn.objects.select_related("device").filter(pk=known).first() if known else None
    return row.device if row else None


def bind_device(session: SessionBase, device: Device, now: datetime) -> None:
    """Make the sign-in the device's: from now on the device has to sign again every ten minutes."""
    if known := session.get(_SIGN_IN):
        SignIn.objects.filter(pk=known).update(device=device, proved_at=now)


def note(actor: Actor, action: str, now: datetime, subject: UUID, *, result: str = "") -> None:
    """Log an act of account keeping."""
    event = Event(
        at=now,
        actor_kind=actor.role,
        actor=actor.user,
        action=action,
        subject_kind="account",
        subject=subject,
        agency=actor.agency,
        region=actor.region,
        holder=actor.holder,
        purpose="账号管理",
        result=result,
    )
    with acting(actor.scope):
        append([event])


def _browser(request: HttpRequest) -> bytes:
    return index_value(f"browser|{request.headers.get('User-Agent', '')}")
