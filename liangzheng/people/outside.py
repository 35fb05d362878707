"""统一认证: sign in at a provider outside (OpenID Connect) and come back; the account is found by the link an administrator made.

A subject without a link is refused, whatever name the provider gives: names are not looked at.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils.module_loading import import_string

from liangzheng.errors import NotAllowed, NotFound, Refused, Unavailable
from liangzheng.people.models import OutsideIdentity, User
from liangzheng.people.sessions import Actor, begin, factors_of, note, wait_for_factor
from liangzheng.storage.columns import index_value

_WAITS = timedelta(minutes=10)
_GOING = "outside_sign_in"


class NotIdentified(Exception):  # noqa: N818 - reads as the fact it is
    """`unavailable`: the provider did not answer. `refused`: what it answered was not accepted; `why` is for the log."""

    def __init__(self, kind: Literal["unavailable", "refused"], why: str = "") -> None:
        super().__init__(why or kind)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Identified:
    """Who signed in at the provider. `has_second_factor`: the provider vouches for more than a password."""

    subject: str
    has_second_factor: bool


@dataclass(frozen=True, slots=True)
class Going:
    """What goes along with a person to the provider, and comes back or is asked again."""

    redirect: str
    state: str
    nonce: str
    verifier: str

    @property
    def challenge(self) -> str:
        """Give the PKCE challenge (RFC 7636, S256)."""
        return base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()


class Provider(Protocol):
    """A sign-in provider; a connector implements it."""

    @property
    def key(self) -> str:
        """Name it in addresses: lower-case letters, digits and hyphens."""

    @property
    def label(self) -> str:
        """Name it for people."""

    def address(self, going: Going) -> str:
        """Give the address at which the person signs in."""

    def identify(self, code: str, going: Going, now: datetime) -> Identified:
        """Exchange the code and check the answer. Raises NotIdentified."""


def providers() -> tuple[Provider, ...]:
    """Give the providers this installation speaks with."""
    found: Callable[[], tuple[Provider, ...]] = import_string(settings.SIGN_IN_PROVIDERS)
    return found()


def provider_named(key: str) -> Provider:
    """Find a provider. NotFound `provider_unknown`."""
    found = next((provider for provider in providers() if provider.key == key), None)
    if found is None:
        raise NotFound("provider_unknown", "没有这个统一认证平台。")
    return found


def go(request: HttpRequest, key: str, now: datetime) -> str:
    """Give the address to go to; the session remembers state, nonce and verifier for ten minutes."""
    provider = provider_named(key)
    going = Going(f"{settings.PUBLIC_URL}/api/v1/session/outside/{key}/back", *(secrets.token_urlsafe(32) for _ in range(3)))
    until = (now + _WAITS).timestamp()
    request.session[_GOING] = {"key": key, "until": until, "going": [going.redirect, going.state, going.nonce, going.verifier]}
    return provider.address(going)


def come_back(request: HttpRequest, key: str, state: str, code: str, now: datetime) -> User:
    """Finish the sign-in: whole, or waiting for a second factor. NotAllowed, Unavailable."""
    provider, kept = provider_named(key), request.session.pop(_GOING, None)  # one try, whatever comes of it
    if kept is None or kept["key"] != key or now.timestamp() > kept["until"]:
        raise NotAllowed("sign_in_expired", "等待时间过长，请从头再来。")
    going = Going(*kept["going"])
    if not code or not hmac.compare_digest(state.encode(), going.state.encode()):
        raise NotAllowed("provider_refused", "统一认证没有通过校验。")
    try:
        found = provider.identify(code, going, now)
    except NotIdentified as problem:
        if problem.kind == "unavailable":
            raise Unavailable("provider_unavailable", "统一认证平台没有答复。") from problem
        raise NotAllowed("provider_refused", "统一认证没有通过校验。") from problem
    user = _linked(key, found.subject)
    if found.has_second_factor:
        begin(request, user, "outside", "outside")
    elif factors_of(user):
        wait_for_factor(request, user, "outside")
    else:
        begin(request, user, "outside", "")
    return user


def _linked(key: str, subject: str) -> User:
    index = subject_index(key, subject)
    row = OutsideIdentity.objects.select_related("user__agency").filter(subject_index=index, user__is_active=True).first()
    if row is None:
        raise NotAllowed("identity_not_linked", "这个统一认证身份没有关联本平台的账号。")
    return row.user


def subject_index(key: str, subject: str) -> bytes:
    """Give the keyed digest under which a link is kept; a subject's upper and lower case differ (Core 1.0, 2)."""
    return index_value(f"outside identity|{key}|{subject.encode().hex()}")  # hex: an index folds upper and lower case


def link(actor: Actor, user: User, key: str, subject: str, now: datetime) -> OutsideIdentity:
    """Link an account to a subject; a second time changes nothing. Refused `identity_taken`, also for one's own account."""
    provider_named(key)
    if actor.user == user.pk:
        raise Refused("own_account", "不能为本人的账号办理，请由另一名管理员办理。")
    try:
        with transaction.atomic():
            row, is_new = OutsideIdentity.objects.get_or_create(
                subject_index=subject_index(key, subject),
                defaults={"user": user, "provider": key, "linked_by": actor.user, "linked_at": now},
            )
    except IntegrityError as error:
        raise Refused("identity_taken", "这个身份已关联别的账号。") from error
    if row.user_id != user.pk:
        raise Refused("identity_taken", "这个身份已关联别的账号。")
    if is_new:
        note(actor, "link_identity", now, user.pk, result=key)
    return row


def unlink(actor: Actor, user: User, key: str, now: datetime) -> None:
    """Take an account's links to a provider away. NotFound when there is none."""
    if not OutsideIdentity.objects.filter(user=user, provider=key).delete()[0]:
        raise NotFound("identity_not_linked", "这个账号没有关联这个统一认证平台。")
    note(actor, "unlink_identity", now, user.pk, result=key)
