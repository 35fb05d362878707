"""People of two agencies with accounts, and the browsers they sign in from."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone

from liangzheng.people.models import Agency, EnforcementCertificate, Officer, Region, User
from liangzheng.storage.tenancy import Scope, acting

Json = Any  # answers are read the way a story reads them
PASSWORD = "correct horse battery 7"


@dataclass
class Browser:
    """One browser at one address."""

    http: Client

    @classmethod
    def at(cls, address: str = "192.0.2.1", agent: str = "Story/1") -> Browser:
        return cls(Client(REMOTE_ADDR=address, headers={"user-agent": agent}))

    def post(self, path: str, body: Json = None) -> tuple[int, Json]:
        answer = self.http.post(f"/api/v1{path}", data=json.dumps(body or {}), content_type="application/json")
        return answer.status_code, answer.json() if answer.content else None

    def get(self, path: str) -> tuple[int, Json]:
        answer = self.http.get(f"/api/v1{path}")
        return answer.status_code, answer.json()

    def sign_in(self, username: str = "wang", password: str = PASSWORD) -> tuple[int, Json]:
        return self.post("/session", {"username": username, "password": password})


@pytest.fixture(autouse=True)
def _quick_hashes(settings: LazySettings) -> None:
    """Argon2 costs a tenth of a second by design; what is told here does not depend on it."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@dataclass(frozen=True)
class Town:
    """王建国, 李海霞 and the auxiliary 钱小军 of one agency, 赵文博 of another, 张三丰 who holds licences."""

    agency: Agency
    other: Agency
    users: dict[str, User]


def _officer(username: str, name: str, agency: Agency, *, auxiliary: bool = False) -> User:
    role = "auxiliary" if auxiliary else "officer"
    user = User.objects.create_user(username, PASSWORD, name=name, role=role, agency=agency)
    today = timezone.localdate()
    with acting(Scope(agency=agency.pk, region=agency.region_id)):
        officer = Officer.objects.create(user=user, agency=agency, region=agency.region_id, is_auxiliary=auxiliary)
        if not auxiliary:
            EnforcementCertificate.objects.create(
                officer=officer,
                agency=agency,
                region=agency.region_id,
                number=f"3706-{username}",
                kind="行政执法证",
                fields=["交通运输"],
                area="烟台市",
                area_code="370600",
                valid_from=today - timedelta(days=100),
                valid_to=today + timedelta(days=100),
            )
    return user


@pytest.fixture
def town(_quick_hashes: None) -> Town:
    region = Region.objects.create(code="370600", name="烟台市")
    values = {"sector": "transport", "sector_label": "交通运输", "supervision_phone": "0535-000 0001", "region": region}
    agency = Agency.objects.create(name="烟台市交通运输综合行政执法支队（演示）", uscc="11379906MADEM00110", **values)
    other = Agency.objects.create(name="烟台市文化市场综合行政执法支队（演示）", uscc="11379906MADEM00217", **values)
    users = {
        "wang": _officer("wang", "王建国", agency),
        "li": _officer("li", "李海霞", agency),
        "qian": _officer("qian", "钱小军", agency, auxiliary=True),
        "zhao": _officer("zhao", "赵文博", other),
        "zhang": User.objects.create_user("zhang", PASSWORD, name="张三丰", role="holder"),
    }
    return Town(agency, other, users)
