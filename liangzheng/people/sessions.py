"""Who is asking: the account behind a request, and signing in."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth import authenticate
from django.contrib.auth import login as start_session
from django.http import HttpRequest

from liangzheng.errors import NotAllowed
from liangzheng.people.models import User
from liangzheng.storage.tenancy import Scope


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
        return Scope(agency=self.agency, region=self.region, holder=self.holder)


def actor_of(user: User) -> Actor:
    """Describe an account; the agency's region is the officer's."""
    region = user.agency.region_id if user.agency else ""
    return Actor(user.pk, user.name, user.role, user.agency_id, region, user.holder, user.is_demo)


def sign_in(request: HttpRequest, username: str, password: str) -> Actor:
    """Check the password and start a session; the answer never tells which of the two was wrong."""
    user = authenticate(request, username=username, password=password)
    if not isinstance(user, User):
        raise NotAllowed("login_failed", "账号或密码不正确。")
    start_session(request, user)
    return actor_of(user)
