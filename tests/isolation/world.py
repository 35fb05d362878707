"""Two cities with two agencies each, put into the database; prints nothing but one line of JSON with the teams' values.

Run as a program of its own on a migrated data folder that has the demo city: its licence files and trust lists are used.
"""

from __future__ import annotations

import json
import os
import random
import sys
from copy import copy
from datetime import date, timedelta
from typing import TYPE_CHECKING

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "liangzheng.server.settings")
    django.setup()

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from dev.city.people import citizen_id, uscc
from liangzheng.holders.models import Holder
from liangzheng.licences.models import Licence
from liangzheng.licences.status import enter_licence
from liangzheng.people.models import Agency, EnforcementCertificate, Officer, PostGrant, Region, User
from liangzheng.storage.columns import index_value
from liangzheng.storage.ids import new_id
from liangzheng.storage.objects import keep_object
from liangzheng.storage.tenancy import Scope, acting

if TYPE_CHECKING:
    from tests.isolation.twins import Values

PASSWORD = "liangzheng-demo"
CITIES = {"370600": "芝罘", "370700": "奎文"}
AGENCIES = ("甲", "乙")
OFFICERS = ("officer", "second", "colleague", "auxiliary")
KEEPING = ("administrator", "supervisor", "auditor")
"""Roles beside officers, auxiliaries and holders; a test holds this to the model."""
POSTS = {
    "colleague": "agency_head",
    "administrator": "security_admin",
    "supervisor": "supervisor",
    "auditor": "auditor",
}
SURNAMES = ("欧阳", "司马", "上官", "诸葛")


def main() -> None:
    """Make the four teams."""
    with acting(Scope(is_source=True)):
        pattern = Licence.objects.filter(type_name__contains="从业资格", holder__kind="person").select_related("holder").first()
    if pattern is None or not pattern.face:  # which opens the column while the row has its own key
        raise SystemExit("the demo city is not there")
    password = make_password(PASSWORD)
    teams = [(region, part) for region in CITIES for part in AGENCIES]
    made = [Team(number, region, part, pattern, password).make() for number, (region, part) in enumerate(teams)]
    sys.stdout.write(json.dumps(made, ensure_ascii=False) + "\n")


class Team:
    """An agency with its people, a driver and a firm it meets."""

    def __init__(self, number: int, region: str, part: str, pattern: Licence, password: str) -> None:
        """Name the team."""
        self.number, self.region, self.pattern, self.password = number, region, pattern, password
        self.key, self.surname = f"team{number}", SURNAMES[number]
        self.name = f"{CITIES[region]}{part}队（演示）"

    def make(self) -> Values:
        """Write everything and give its values."""
        Region.objects.get_or_create(code=self.region, defaults={"name": CITIES[self.region]})
        self.agency = Agency.objects.create(
            name=self.name,
            uscc=f"11{self.region}MADEM{self.number:04d}",
            region_id=self.region,
            sector="transport",
            sector_label="交通运输",
            supervision_phone="0535-000 0009",
            is_demo=True,
        )
        values: Values = {"key": self.key, "region": self.region, "agency": str(self.agency.pk)}
        with acting(Scope(agency=self.agency.pk, region=self.region)):
            for role in OFFICERS:
                values[f"{role}_id"], values[f"{role}_name"] = self._officer(role)
                values[f"{role}_user"] = f"{self.key}-{role}"
                values[f"{role}_certificate"] = self._number(role)
            for role in KEEPING:
                self._post(self._user(role, role, agency=self.agency), role)
        with acting(Scope(is_source=True)):
            values |= self._holder("driver", "person") | self._holder("firm", "organisation")
        return values

    def _user(self, who: str, role: str, **more: object) -> User:
        name = f"{self.surname}{who[:3]}{self.number}"
        return User.objects.create(
            username=f"{self.key}-{who}", name=name, role=role, password=self.password, is_demo=True, **more
        )

    def _post(self, user: User, who: str) -> None:
        now = timezone.now()
        post = POSTS.get(who)
        if post:
            PostGrant.objects.create(user=user, post=post, reason="演示", proposed_at=now, approved_at=now)

    def _officer(self, who: str) -> tuple[str, str]:
        is_auxiliary = who == "auxiliary"
        user = self._user(who, "auxiliary" if is_auxiliary else "officer", agency=self.agency)
        photo = keep_object(f"photo of {user.username}".encode())
        row = Officer.objects.create(user=user, agency=self.agency, region=self.region, is_auxiliary=is_auxiliary, photo=photo)
        today = timezone.now().date()
        if not is_auxiliary:
            EnforcementCertificate.objects.create(
                officer=row,
                agency=self.agency,
                region=self.region,
                number=self._number(who),
                kind="行政执法证",
                fields=["交通运输"],
                area=CITIES[self.region],
                area_code=self.region,
                valid_from=today - timedelta(days=10),
                valid_to=today + timedelta(days=300),
                is_demo=True,
            )
        self._post(user, who)
        return str(user.pk), user.name

    def _number(self, who: str) -> str:
        return f"15{self.region[:4]}{self.number}{OFFICERS.index(who):04d}"

    def _holder(self, who: str, kind: str) -> Values:
        is_person = kind == "person"
        code = citizen_id(date(1990, 1, 1), 101 + self.number) if is_person else uscc("91", f"MADEM90{self.number}")
        holder = Holder.objects.create(
            kind=kind,
            name=f"{self.surname}{'之行' if kind == 'person' else '客运行（演示）'}",
            code=code,
            code_type="111" if kind == "person" else "001",
            code_index=index_value(code),
            region=self.region,
            photo=keep_object(f"picture of {self.key} {who}".encode()),
            is_demo=True,
        )
        user = self._user(who, "holder", holder=holder.pk)
        licence = self._licence(holder)
        return {
            f"{who}": str(holder.pk),
            f"{who}_user": user.username,
            f"{who}_name": holder.name,
            f"{who}_code": code,
            f"{who}_licence": str(licence.pk),
            f"{who}_number": licence.number,
        }

    def _licence(self, holder: Holder) -> Licence:
        licence = copy(self.pattern)
        licence.pk = new_id()
        licence._state.adding = True
        licence.holder = holder
        licence.identifier = f"1.2.156.3005.2.{holder.pk}"
        licence.number = holder.code if holder.kind == "person" else f"许可{holder.code}"
        licence.number_index = index_value(licence.number)
        licence.region, licence.status_index, licence.supersedes = self.region, None, None
        face = json.loads(licence.face)
        licence.face = json.dumps({name: holder.code if len(value) > 15 else value for name, value in face.items()})
        enter_licence(licence, timezone.now())
        return licence


def plant(people: int) -> None:
    """Put people into the database whose every value is found nowhere else; print them."""
    with acting(Scope(is_source=True)):
        pattern = Licence.objects.filter(type_name__contains="从业资格", holder__kind="person").first()
    if pattern is None:
        raise SystemExit("the demo city is not there")
    password = make_password(PASSWORD)
    sys.stdout.write(json.dumps([_person(number, pattern, password) for number in range(people)], ensure_ascii=False) + "\n")


def _person(number: int, pattern: Licence, password: str) -> Values:
    draw = random.Random(number)  # noqa: S311 - the same people in each run
    signs = [chr(draw.randrange(0x4E00, 0x9FA5)) for _ in range(12)]
    planted = {
        "name": f"慕容{''.join(signs[:4])}",
        "code": f"3799{draw.randrange(10**13):013d}X",
        "number": f"鲁演{draw.randrange(10**11):011d}",
        "phone": f"1999{draw.randrange(10**7):07d}",
        "address": f"演示区{''.join(signs[4:9])}路{draw.randrange(1000)}号",
    }
    with acting(Scope(is_source=True)):
        holder = Holder.objects.create(
            kind="person",
            name=planted["name"],
            code=planted["code"],
            code_type="111",
            code_index=index_value(planted["code"]),
            region="370600",
            photo=keep_object(f"photo of {planted['name']}".encode()),
            is_demo=True,
        )
        user = User.objects.create(
            username=f"planted{number}", name=planted["name"], role="holder", holder=holder.pk, password=password, is_demo=True
        )
        licence = copy(pattern)
        licence.pk = new_id()
        licence._state.adding = True
        licence.holder, licence.identifier = holder, f"1.2.156.3005.2.{holder.pk}"
        licence.number, licence.number_index = planted["number"], index_value(planted["number"])
        licence.file = keep_object(f"{planted}".encode())
        licence.region, licence.status_index, licence.supersedes = "370600", None, None
        licence.face = json.dumps({"KZ_DZ": planted["address"], "KZ_LXDH": planted["phone"]}, ensure_ascii=False)
        enter_licence(licence, timezone.now())
    return {**planted, "user": user.username, "licence": str(licence.pk)}


if __name__ == "__main__":
    if len(sys.argv) > 1:
        plant(int(sys.argv[1]))
    else:
        main()
