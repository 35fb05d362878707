"""No record, no data: where the log cannot be written, the scan is not, and with the log's part taken out it would be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.utils import timezone

from liangzheng.auditlog.append import seal_event
from liangzheng.onsite.record import STATEMENT
from liangzheng.storage.ids import new_id
from liangzheng.storage.tenancy import Scope, acting
from tests.auditlog.logs import AGENCY, HOLDER, OTHER, Log, events

SCOPE = Scope(agency=AGENCY, region="370600")
_LOGGED = re.compile(r", logged AS \(.*?\n\)\n(?=SELECT)", re.DOTALL)


def parameters() -> dict[str, Any]:
    """One scan of a fictional licence, with its entry."""
    names = ("act", "licence", "code", "id", "key")
    keys = {name: new_id() for name in names}
    now = timezone.now()
    entry = seal_event(replace(events(1)[0], at=now, act=keys["act"], act_code="演示-2026-00001", fields=("name",)))
    empty = ("fill_ids", "fill_fields", "fill_values", "fill_sources")
    return {
        **keys,
        "holder": HOLDER,
        **{name: [] for name in empty},
        **dict.fromkeys(("standing", "server_standing", "counted_standing"), "valid"),
        **dict.fromkeys(("at", "written_at"), now),
        "officer": OTHER,
        "agency": AGENCY,
        "region": "370600",
        "method": "camera",
        "purpose": "现场检查",
        "legal_basis": "《道路运输条例》第五十八条",
        "act_code": "演示-2026-00001",
        "number": "15060000001",
        "claims": True,
        "verdict": "{}",
        "server_verdict": None,
        "licence_type": "",
        "log_ids": [entry.id],
        "log_actions": [entry.action],
        "log_subject_kinds": [entry.subject_kind],
        "log_subjects": [entry.subject],
        "log_fields": ['["name"]'],
        "log_results": [entry.result],
        "log_salts": [bytes(entry.salt)],
        "log_commitments": [bytes(entry.commitment)],
    }


def scans() -> int:
    with acting(SCOPE), connection.cursor() as cursor:
        cursor.execute("SELECT (SELECT count(*) FROM verification_scan) + (SELECT count(*) FROM codes_usedcode)")
        return int(cursor.fetchone()[0])


@pytest.fixture
def closed_log(log: Log) -> Iterator[Log]:
    """A log that takes nothing, as on a full disk."""
    with log.superuser() as superuser:
        superuser.execute("ALTER TABLE auditlog_logentry ADD CONSTRAINT closed CHECK (false) NOT VALID")
        yield log
        superuser.execute("ALTER TABLE auditlog_logentry DROP CONSTRAINT closed")
        superuser.execute("TRUNCATE verification_scan, verification_scanrequest, codes_usedcode")


@pytest.mark.usefixtures("closed_log")
def test_without_a_record_there_is_no_scan() -> None:
    with pytest.raises(IntegrityError), acting(SCOPE), connection.cursor() as cursor:
        cursor.execute(STATEMENT, parameters())
    assert scans() == 0


@pytest.mark.usefixtures("closed_log")
def test_control_without_the_logs_part_the_scan_would_be_written() -> None:
    unlogged, count = _LOGGED.subn("\n", STATEMENT)
    assert count == 1
    with acting(SCOPE), connection.cursor() as cursor:
        cursor.execute(unlogged, parameters())
        assert cursor.fetchone() is not None
    assert scans() == 2


def test_a_record_and_its_scan_are_written_together(log: Log) -> None:
    with acting(SCOPE), connection.cursor() as cursor:
        cursor.execute(STATEMENT, parameters())
        assert cursor.fetchone() is not None
    assert log.seal() == 1
    with log.superuser() as superuser:
        superuser.execute("TRUNCATE verification_scan, verification_scanrequest, codes_usedcode")
