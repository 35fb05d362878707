"""Row-level security of mandates and supervision, in raw SQL as the app role: whoever reads an area writes nothing in it, and an
agency neither reviews itself nor closes alarms about itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import Error, connection, transaction
from django.utils import timezone
from psycopg.sql import SQL, Composed, Identifier

from liangzheng.mandates.area import area_of, supervising
from liangzheng.mandates.models import Alarm, BreakGlass
from liangzheng.people.models import Agency, Region
from liangzheng.people.sessions import Actor
from liangzheng.storage.ids import new_id
from liangzheng.storage.tenancy import Scope, acting
from liangzheng.supervision.describe import count_area

pytestmark = pytest.mark.django_db


@dataclass(frozen=True, slots=True)
class Place:
    agency: UUID
    region: str
    access: UUID
    alarm: UUID

    @property
    def scope(self) -> Scope:
        return Scope(agency=self.agency, region=self.region)


def place(region: str, number: int) -> Place:
    Region.objects.get_or_create(code=region, defaults={"name": region})
    agency = Agency.objects.create(
        name=region, uscc=f"11{region}MADEM1{number:04d}"[:18], region_id=region, sector="transport", is_demo=True
    )
    now = timezone.now()
    with acting(Scope(agency=agency.pk, region=region)):
        row = {"officer": new_id(), "agency_id": agency.pk, "region": region}
        times = {"opened_at": now, "expires_at": now + timedelta(hours=1), "review_due": now + timedelta(days=1)}
        access = BreakGlass.objects.create(act=new_id(), reason="演示", request_key=new_id(), **row, **times)
        alarm = Alarm.objects.create(key=f"x:{region}", kind="quota_reached", at=now, **row)
    return Place(agency.pk, region, access.pk, alarm.pk)


@pytest.fixture
def places() -> tuple[Place, Place]:
    """A county of the city, and one of another city."""
    return place("370613", 1), place("370702", 2)


def supervisor(region: str) -> Actor:
    return Actor(new_id(), "宋清和", "supervisor", None, region, None, is_demo=True)


def rows(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(SQL("SELECT count(*) FROM {}").format(Identifier(table)))
        return int(cursor.fetchone()[0])


@contextmanager
def refused() -> Iterator[None]:
    with pytest.raises(Error, match=r"permission denied|row-level security"), transaction.atomic():
        yield


def run(statement: str | Composed, *values: UUID | str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, list(values))
        return int(cursor.rowcount)


@pytest.mark.parametrize(
    ("region", "area", "seen"),
    [("370600", "3706", 1), ("370613", "370613", 1), ("370000", "37", 2), ("370800", "3708", 0), ("", "", 0)],
)
def test_an_area_is_the_region_and_all_below_it(places: tuple[Place, Place], region: str, area: str, seen: int) -> None:
    assert places
    assert area_of(supervisor(region)) == area
    with supervising(supervisor(region)):
        assert rows("mandates_alarm") == rows("mandates_breakglass") == seen


def test_the_area_ends_with_the_transaction(places: tuple[Place, Place]) -> None:
    assert places
    with supervising(supervisor("370000")):
        assert rows("mandates_alarm") == 2
    with acting(Scope()):
        assert rows("mandates_alarm") == 0


def test_an_agency_neither_reviews_nor_closes_what_concerns_it(places: tuple[Place, Place]) -> None:
    own = places[0]
    review = "INSERT INTO mandates_breakglassreview VALUES (%s, %s, %s, %s, now(), true, ''::bytea)"
    columns = "INSERT INTO mandates_breakglassreview (access_id, agency_id, region, by, at, is_accepted, note)"
    review = review.replace("INSERT INTO mandates_breakglassreview", columns)
    close = "UPDATE mandates_alarm SET closed_at = now() WHERE id = %s"
    with acting(own.scope):
        with refused():
            run(review, own.access, own.agency, own.region, new_id())
        assert run(close, own.alarm) == 0
        for table in ("mandates_lookup", "mandates_breakglass", "mandates_alarm"):
            with refused():
                run(SQL("DELETE FROM {}").format(Identifier(table)))
        with refused():
            run("UPDATE mandates_breakglass SET expires_at = expires_at + interval '1 day'")
    with supervising(supervisor("370700")):
        assert run(close, own.alarm) == 0, "another city's supervisor"
    with supervising(supervisor("370600")):  # the control: the own supervisor does both
        assert run(review, own.access, own.agency, own.region, new_id()) == 1
        assert run(close, own.alarm) == 1


def test_a_supervisor_writes_nothing_of_an_agency(places: tuple[Place, Place]) -> None:
    own = places[0]
    with supervising(supervisor("370600")):
        for table in ("cases_act", "cases_actofficer", "people_officer", "people_enforcementcertificate"):
            assert run(SQL("UPDATE {} SET region = region").format(Identifier(table))) == 0
        with refused():
            run("UPDATE verification_scan SET standing = 'valid'")
        with refused():
            run(
                "INSERT INTO mandates_lookupcount (id, officer, day, agency_id, region, used, stopped, refused)"
                " VALUES (%s, %s, now(), %s, %s, 0, 0, 0)",
                new_id(),
                new_id(),
                own.agency,
                own.region,
            )
        assert rows("holders_holder") == rows("licences_licence") == 0


def test_the_area_is_counted(places: tuple[Place, Place]) -> None:
    assert places
    counts = count_area(supervisor("370600"), timezone.now())
    assert (counts.open_alarms, counts.unreviewed, [agency.name for agency in counts.agencies]) == (1, 1, ["370613"])
