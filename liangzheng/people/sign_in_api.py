"""Routes of signing in: password, second factor, passkey; how an account is secured; where it is signed in."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import get_token
from django.utils import timezone
from ninja import Field, Router, Schema, Status

from liangzheng.errors import CannotDo, NotAllowed
from liangzheng.formats.strict_json import to_base64url
from liangzheng.people.api import AnyBrowser, AnySession, CertificateOut, UnfinishedSession
from liangzheng.people.certificates import current_certificate
from liangzheng.people.devices import check_device
from liangzheng.people.factors import (
    ask_password,
    confirm_time_code,
    new_recovery_codes,
    new_time_code,
    refuse_last,
    remove_passkey,
    remove_time_code,
    use_recovery_code,
    use_time_code,
)
from liangzheng.people.models import Officer, SignIn, TimeCode, User
from liangzheng.people.outside import come_back, go, providers
from liangzheng.people.passkeys import NewAnswer, UseAnswer, add_passkey, ask, relying_party, use_passkey
from liangzheng.people.posts import posts_of
from liangzheng.people.sessions import (
    IDLE,
    actor_of,
    begin,
    current_sign_in,
    end_everywhere,
    end_here,
    factors_of,
    mark_factor,
    must_have_factor,
    pending,
    require_sign_in,
    sign_in,
)
from liangzheng.people.shapes import (
    AgainIn,
    CodeIn,
    EndedOut,
    NewPasskeyIn,
    NewTimeCodeOut,
    PasskeyOptions,
    PasskeyOut,
    PasswordIn,
    ProviderOut,
    RecoveryOut,
    SecurityOut,
    SignInOut,
    UsedPasskeyIn,
)
from liangzheng.people.throttle import remember_browser
from liangzheng.storage.tenancy import acting

router = Router(tags=["people"])


class Me(Schema):
    """The account that is signed in."""

    id: UUID
    name: str
    role: str
    agency: str | None = None
    certificate: CertificateOut | None = None
    posts: list[str] = Field(default_factory=list)
    is_demo: bool


class SessionOut(Schema):
    """The session's account, if any; asking also sets the CSRF cookie.

    `second`: what may be shown as the second step of a sign-in under way; `must_enrol`: a second factor has to be set up first.
    """

    me: Me | None
    is_demo: bool
    second: list[str]
    must_enrol: bool


def _me(user: User) -> Me:
    actor = actor_of(user)
    me = Me(id=actor.user, name=actor.name, role=actor.role, posts=sorted(posts_of(user.pk)), is_demo=actor.is_demo)
    if user.agency is None:
        return me
    with acting(actor.scope):
        officer = Officer.objects.filter(pk=user.pk).first()
        certificate = current_certificate(officer) if officer else None
        me.agency = user.agency.name
        me.certificate = CertificateOut.of(certificate) if certificate else None
    return me


@router.get("/session", response=SessionOut, auth=None)
def read_session(request: HttpRequest) -> SessionOut:
    """Say who is signed in; a revoked device is told so."""
    get_token(request)
    now = timezone.now()
    check_device(request.session, now)
    row, user = current_sign_in(request, now), request.user
    if row is None or not isinstance(user, User):
        waiting = pending(request)
        return SessionOut(me=None, is_demo=settings.DEMO, second=factors_of(waiting[0]) if waiting else [], must_enrol=False)
    return SessionOut(me=_me(user), is_demo=settings.DEMO, second=[], must_enrol=must_have_factor(user) and not row.factor)


@router.post("/session", response=SessionOut, auth=AnyBrowser())
def create_session(request: HttpRequest, response: HttpResponse, body: PasswordIn) -> SessionOut:
    """Sign in with a password: the whole sign-in, or its first step."""
    user = sign_in(request, body.username, body.password)
    if user is not None:
        remember_browser(response, user)
    return read_session(request)


@router.post("/session/totp", response=SessionOut, auth=AnyBrowser())
def second_step_totp(request: HttpRequest, response: HttpResponse, body: CodeIn) -> SessionOut:
    """Show a time code as the second step."""
    user, method = _waiting(request)
    use_time_code(request, user, body.code.strip())
    return _whole(request, response, user, method, "totp")


@router.post("/session/recovery", response=SessionOut, auth=AnyBrowser())
def second_step_recovery(request: HttpRequest, response: HttpResponse, body: CodeIn) -> SessionOut:
    """Use up a recovery code as the second step."""
    user, method = _waiting(request)
    use_recovery_code(request, user, body.code)
    return _whole(request, response, user, method, "recovery")


@router.post("/session/passkey/options", response=PasskeyOptions, auth=AnyBrowser())
def passkey_options(request: HttpRequest) -> PasskeyOptions:
    """Ask for a passkey: of the account that has shown its password, or of whoever is there."""
    waiting = pending(request)
    return _options(request, waiting[0] if waiting else None, "get")


@router.post("/session/passkey", response=SessionOut, auth=AnyBrowser())
def sign_in_passkey(request: HttpRequest, response: HttpResponse, body: UsedPasskeyIn) -> SessionOut:
    """Sign in with a passkey, with or without a password before it."""
    waiting = pending(request)
    user = use_passkey(request.session, UseAnswer(**body.dict()), waiting[0] if waiting else None, timezone.now())
    return _whole(request, response, user, waiting[1] if waiting else "passkey", "passkey")


def _waiting(request: HttpRequest) -> tuple[User, str]:
    waiting = pending(request)
    if waiting is None:
        raise NotAllowed("sign_in_expired", "等待时间过长，请从头再来。")
    return waiting


def _whole(request: HttpRequest, response: HttpResponse, user: User, method: str, factor: str) -> SessionOut:
    begin(request, user, method, factor)
    remember_browser(response, user)
    return read_session(request)


def _options(request: HttpRequest, user: User | None, purpose: str) -> PasskeyOptions:
    known = user.passkeys.values_list("credential_id", flat=True) if user else []
    return PasskeyOptions(
        challenge=to_base64url(ask(request.session, purpose, timezone.now())).decode(),
        relying_party=relying_party()[0],
        account=to_base64url(user.pk.bytes).decode() if user and purpose == "create" else "",
        username=user.username if user and purpose == "create" else "",
        known=[to_base64url(bytes(one)).decode() for one in known],
    )


@router.delete("/session", response={204: None}, auth=AnyBrowser())
def delete_session(request: HttpRequest) -> Status[None]:
    """Sign out."""
    end_here(request, timezone.now())
    return Status(204, None)


@router.post("/sign-ins/end", response=EndedOut, auth=UnfinishedSession())
def end_other_sign_ins(request: HttpRequest) -> EndedOut:
    """Sign me out everywhere but here."""
    user, here = require_sign_in(request, timezone.now(), whole=False)
    return EndedOut(ended=end_everywhere(user.pk, timezone.now(), but=here.pk))


@router.get("/security", response=SecurityOut, auth=UnfinishedSession())
def read_security(request: HttpRequest) -> SecurityOut:
    """Show how my account is secured and where it is signed in."""
    user, here = require_sign_in(request, timezone.now(), whole=False)
    rows = SignIn.objects.select_related("device").filter(user=user, ended_at=None, seen_at__gt=timezone.now() - IDLE)
    return SecurityOut(
        has_password=user.has_usable_password(),
        must_have=must_have_factor(user),
        has_time_code=TimeCode.objects.filter(user=user).exists(),
        passkeys=[PasskeyOut.from_orm(one) for one in user.passkeys.order_by("id")],
        recovery_left=user.recovery_codes.count(),
        sign_ins=[SignInOut.of(row, here.pk) for row in rows.order_by("-id")],
    )


@router.post("/security/totp", response=NewTimeCodeOut, auth=UnfinishedSession())
def start_time_code(request: HttpRequest, body: AgainIn) -> NewTimeCodeOut:
    """Draw a secret for an authenticator app; asks for the password again."""
    user, _ = require_sign_in(request, timezone.now(), whole=False)
    ask_password(request, user, body.password)
    secret, uri = new_time_code(request.session, user)
    return NewTimeCodeOut(secret=secret, uri=uri)


@router.post("/security/totp/confirm", response=RecoveryOut, auth=UnfinishedSession())
def enrol_time_code(request: HttpRequest, body: CodeIn) -> RecoveryOut:
    """Enrol the app by a code that it shows."""
    user, here = require_sign_in(request, timezone.now(), whole=False)
    codes = confirm_time_code(request, user, body.code.strip())
    mark_factor(here, "totp")
    return RecoveryOut(codes=codes)


@router.post("/security/totp/remove", response={204: None}, auth=AnySession())
def drop_time_code(request: HttpRequest, body: AgainIn) -> Status[None]:
    """Take the time code away; asks for the password again and signs me out everywhere."""
    user, _ = require_sign_in(request, timezone.now())
    ask_password(request, user, body.password)
    refuse_last(user, must_have=must_have_factor(user))
    remove_time_code(user)
    return Status(204, None)


@router.post("/security/passkeys/options", response=PasskeyOptions, auth=UnfinishedSession())
def new_passkey_options(request: HttpRequest, body: AgainIn) -> PasskeyOptions:
    """Ask the browser for a new passkey; asks for the password again."""
    user, _ = require_sign_in(request, timezone.now(), whole=False)
    ask_password(request, user, body.password)
    return _options(request, user, "create")


@router.post("/security/passkeys", response=RecoveryOut, auth=UnfinishedSession())
def enrol_passkey(request: HttpRequest, body: NewPasskeyIn) -> RecoveryOut:
    """Enrol the passkey that the browser made."""
    user, here = require_sign_in(request, timezone.now(), whole=False)
    codes = add_passkey(request.session, user, NewAnswer(**body.dict()), timezone.now())
    mark_factor(here, "passkey")
    return RecoveryOut(codes=codes)


@router.post("/security/passkeys/{passkey_id}/remove", response={204: None}, auth=AnySession())
def drop_passkey(request: HttpRequest, passkey_id: UUID, body: AgainIn) -> Status[None]:
    """Take a passkey away; asks for the password again and signs me out everywhere."""
    user, _ = require_sign_in(request, timezone.now())
    ask_password(request, user, body.password)
    refuse_last(user, must_have=must_have_factor(user))
    remove_passkey(user, passkey_id)
    return Status(204, None)


@router.post("/security/recovery", response=RecoveryOut, auth=AnySession())
def draw_recovery_codes(request: HttpRequest, body: AgainIn) -> RecoveryOut:
    """Draw new recovery codes; the old ones are worthless from now on."""
    user, _ = require_sign_in(request, timezone.now())
    ask_password(request, user, body.password)
    return RecoveryOut(codes=new_recovery_codes(user))


@router.get("/session/outside", response=list[ProviderOut], auth=None)
def list_providers(request: HttpRequest) -> list[ProviderOut]:  # noqa: ARG001 - everybody is offered the same
    """List where else one may sign in."""
    return [ProviderOut(key=one.key, label=one.label) for one in providers()]


@router.get("/session/outside/{key}", response={302: None}, auth=None)
def go_outside(request: HttpRequest, key: str) -> HttpResponseRedirect:
    """Go to the provider."""
    return HttpResponseRedirect(go(request, key, timezone.now()))


@router.get("/session/outside/{key}/back", response={302: None}, auth=None)
def come_back_in(request: HttpRequest, key: str, state: str = "", code: str = "") -> HttpResponseRedirect:
    """Come back from the provider: to the app's own first page, with a stable code of what went wrong, if anything did."""
    try:
        user = come_back(request, key, state, code, timezone.now())
    except CannotDo as problem:
        return HttpResponseRedirect(f"/?problem={problem.code}")
    answer = HttpResponseRedirect("/?signed=outside")
    if current_sign_in(request, timezone.now()) is not None:
        remember_browser(answer, user)
    return answer
