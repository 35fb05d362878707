"""保存期限: what is over its term goes, what is younger, linked or held stays, and the app role can delete nothing else."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from django.db import Error, connection, transaction
from django.utils import timezone

from liangzheng.cases.models import Act, Document, PhysicalLicence, RecordValue
from liangzheng.people.models import Agency, Officer, Region, User
from liangzheng.server.database import OWNER_ROLE
from liangzheng.server.postgres import EmbeddedPostgres
from liangzheng.storage import retention
from liangzheng.storage.ids import new_id
from liangzheng.storage.jobs import delete_due_nightly
from liangzheng.storage.objects import keep_object, object_files, read_object
from liangzheng.storage.retention import data_classes, delete_due, due_now
from liangzheng.storage.tenancy import Scope, acting
from liangzheng.verification.models import Scan, ScanRequest

pytestmark = pytest.mark.django_db
HOLDER = new_id()


@pytest.fixture
def officer() -> Officer:
    """An officer of an agency."""
    Region.objects.get_or_create(code="370600", defaults={"name": "烟台市"})
    agency = Agency.objects.create(name="演示队", uscc="11379906MADEM999", region_id="370600", sector="transport", is_demo=True)
    with acting(Scope(agency=agency.pk, region="370600")):
        user = User.objects.create(username="keeper", name="王建国", role="officer", agency=agency)
        return Officer.objects.create(user=user, agency=agency, region="370600")


def inspected(officer: Officer, days: float, *, recorded: bool = False) -> Act:
    """Make an inspection of some days ago with a scan, a filled value and a physical licence."""
    then = timezone.now() - timedelta(days=days)
    own = {"agency_id": officer.agency_id, "region": "370600"}
    with acting(Scope(agency=officer.agency_id, region="370600")):
        act = Act.objects.create(
            act_code=f"370600-{new_id().hex[-12:]}", subject="coach", place="路口", asks="{}", opened_by=officer,
            opened_at=then, recorded_at=then if recorded else None, request_key=new_id(), **own,
        )  # fmt: skip
        scan = Scan.objects.create(
            id=new_id(), at=then, act=act.pk, officer=officer.pk, method="camera", standing="valid", verdict={"reasons": []},
            purpose="", legal_basis="", holder=HOLDER, **own,
        )  # fmt: skip
        ScanRequest.objects.create(key=new_id(), officer=officer.pk, scan=scan.pk, at=then)
        RecordValue.objects.create(
            act=act, field="person_name", value="张三丰", kind="filled", scan=scan.pk, by=officer.pk, at=then, **own
        )
        PhysicalLicence.objects.create(
            act=act, requirement="x", unverified_holder_name="张三丰", unverified_number="3799", note="", by=officer.pk, at=then,
            request_key=new_id(), **own,
        )  # fmt: skip
        if recorded:
            Document.objects.create(
                act=act, title="笔录", number="1", version=1, object=keep_object(f"演示{act.pk}".encode()), sm3="", by=officer.pk,
                at=then, request_key=new_id(), **own,
            )  # fmt: skip
    return act


def left(officer: Officer, act: Act) -> tuple[int, ...]:
    """Count what is left of an inspection: scans, values, names written by hand, documents, a readable place."""
    with acting(Scope(agency=officer.agency_id, region="370600")):
        return (
            Scan.objects.filter(act=act.pk).count(),
            RecordValue.objects.filter(act=act).count(),
            sum(row.unverified_holder_name != "" for row in PhysicalLicence.objects.filter(act=act)),
            Document.objects.filter(act=act).count(),
            int(Act.objects.get(pk=act.pk).place != ""),
        )


WHOLE, WHOLE_FILE, EMPTY = (1, 1, 1, 0, 1), (1, 1, 1, 1, 1), (0, 0, 0, 0, 0)


def due(kind: str) -> tuple[int, int]:
    """What is due and held of a class."""
    return next((item.due, item.held) for item in due_now() if item.kind.id == kind)


@contextmanager
def owner(postgres: EmbeddedPostgres) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """The owner role's connection, which commits at once."""
    name = str(connection.settings_dict["NAME"])
    with psycopg.connect(postgres.conninfo(OWNER_ROLE, name), autocommit=True) as connected:
        yield connected


def test_an_inspection_that_became_no_case_file_goes_after_its_term_and_not_before(officer: Officer) -> None:
    old, young = inspected(officer, 31), inspected(officer, 29)
    assert (left(officer, old), left(officer, young)) == (WHOLE, WHOLE), "control: both are there"
    assert due("unlinked_scan") == (1, 0)
    assert left(officer, old) == WHOLE, "saying what is due deletes nothing"
    assert delete_due()["unlinked_scan"] == 1
    assert (left(officer, old), left(officer, young)) == (EMPTY, WHOLE)
    assert ScanRequest.objects.count() == 1
    assert delete_due()["unlinked_scan"] == 0, "once"


def test_a_case_file_stays_for_its_own_term_and_goes_with_its_documents(officer: Officer) -> None:
    kept, old = inspected(officer, 3000, recorded=True), inspected(officer, 3651, recorded=True)
    assert due("case_file") == (1, 0)
    delete_due()
    assert (left(officer, kept), left(officer, old)) == (WHOLE_FILE, EMPTY)


@pytest.mark.parametrize("what", ["act", "holder"])
def test_a_hold_stops_the_deleting_until_it_is_lifted(officer: Officer, postgres: EmbeddedPostgres, what: str) -> None:
    act = inspected(officer, 31)
    hold: UUID = new_id()
    subject = act.pk if what == "act" else HOLDER
    with owner(postgres) as connected:
        place = f"INSERT INTO storage_legalhold (id, {what}, reason, placed_at) VALUES (%s, %s, '复议', now())"  # noqa: S608
        connected.execute(place, [hold, subject])
        try:
            assert due("unlinked_scan") == (0, 1)
            assert delete_due()["unlinked_scan"] == 0
            assert left(officer, act) == WHOLE
        finally:
            connected.execute("UPDATE storage_legalhold SET lifted_at = now() WHERE id = %s", [hold])
    assert delete_due()["unlinked_scan"] == 1, "control: without the hold it goes"


def test_another_term_counts_from_the_next_run(officer: Officer, postgres: EmbeddedPostgres) -> None:
    act = inspected(officer, 31)
    with owner(postgres) as connected:
        connected.execute("UPDATE storage_retentionterm SET days = 60 WHERE id = 'unlinked_scan'")
        try:
            assert delete_due()["unlinked_scan"] == 0
        finally:
            connected.execute("UPDATE storage_retentionterm SET days = 30 WHERE id = 'unlinked_scan'")
    assert left(officer, act) == WHOLE
    assert delete_due()["unlinked_scan"] == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE storage_retentionterm SET days = 1",
        "INSERT INTO storage_legalhold (id, act, reason, placed_at) VALUES (gen_random_uuid(), gen_random_uuid(), '', now())",
        "UPDATE storage_legalhold SET lifted_at = now()",
        "DELETE FROM verification_scan",
        "SELECT liangzheng_old_acts('unlinked_scan')",
    ],
)
def test_the_app_role_sets_no_terms_and_lifts_no_holds(statement: str) -> None:
    with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_setting_the_keepers_flag_gives_the_app_role_nothing(officer: Officer) -> None:
    inspected(officer, 1)
    with acting(Scope()), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.keeper', 'on', true)")
        cursor.execute("SELECT count(*) FROM cases_act")
        assert cursor.fetchone()[0] == 0


def old_file(data: bytes, days: float) -> Path:
    """Store an object as if some days ago."""
    digest = keep_object(data)
    path = next(path for path in object_files() if path.name == digest)
    then = time.time() - days * 86_400
    os.utime(path, (then, then))
    return path


def test_objects_that_nobody_names_are_swept_and_no_others(officer: Officer) -> None:
    act = inspected(officer, 1, recorded=True)
    with acting(Scope(agency=officer.agency_id, region="370600")):
        named = old_file(f"演示{act.pk}".encode(), 30)
        assert Document.objects.get(act=act).object == named.name
    orphan, fresh = old_file(b"orphan", 8), old_file(b"fresh", 6)
    assert due("object")[0] >= 1
    delete_due()
    assert [path.exists() for path in (named, orphan, fresh)] == [True, False, True]
    again = old_file(b"orphan", 8)
    keep_object(b"orphan")  # somebody stores the same bytes, and his row is not there yet
    delete_due()
    assert again.exists()


def test_a_file_that_is_stored_again_while_it_is_swept_is_put_back() -> None:
    path = old_file(b"raced", 8)
    os.utime(path)
    assert not retention._remove(path, time.time() - 60)
    assert read_object(hashlib.sha256(b"raced").hexdigest()) == b"raced"
    assert retention._remove(path, time.time() + 60), "control"
    assert not path.exists()


def test_every_class_has_a_term_with_its_basis_and_a_job_runs_each_night() -> None:
    listed = {item.kind.id: item for item in due_now()}
    assert set(listed) == {kind.id for kind in data_classes()}
    assert all(item.days >= 1 and item.basis for item in listed.values())
    assert delete_due_nightly.name == "liangzheng.storage.jobs.delete_due_nightly"
    delete_due_nightly(int(datetime.now().astimezone().timestamp()))
