"""The trail: no entry, no data; every entry is bound by its commitment; the partitions roll."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.rows import dict_row

from liangzheng.auditlog.commitment import Entry, commit
from liangzheng.server.postgres import EmbeddedPostgres
from tests.journeys.conftest import City
from tests.journeys.phones import open_coach_act, show_and_open

DRIVER = "道路运输从业人员从业资格证"


@pytest.fixture
def superuser(city: City, city_folder: Path) -> Iterator[psycopg.Connection[dict[str, object]]]:
    """A look behind all policies."""
    del city
    conninfo = EmbeddedPostgres(city_folder).conninfo("postgres")
    with psycopg.connect(conninfo, autocommit=True, row_factory=dict_row) as connection:
        yield connection


def counts(connection: psycopg.Connection[dict[str, object]]) -> dict[str, object]:
    """How many rows the tables of a scan hold."""
    tables = ("verification_scan", "verification_scanrequest", "codes_usedcode", "cases_recordvalue", "auditlog_logentry")
    counted = ", ".join(f"(SELECT count(*) FROM {table}) AS {table}" for table in tables)  # noqa: S608 - names of this file
    return connection.execute(f"SELECT {counted}").fetchone() or {}


def test_without_the_log_nothing_is_written_and_nothing_is_shown(
    city: City, superuser: psycopg.Connection[dict[str, object]]
) -> None:
    wang, zhang = city.phone("wang"), city.phone("zhang")
    act = open_coach_act(wang)["id"]
    show_and_open(city.address, act, wang, city.phone("li"))
    text = zhang.code_for(DRIVER)["text"]
    before = counts(superuser)
    superuser.execute("REVOKE INSERT ON auditlog_logentry FROM liangzheng_app")
    try:
        refused = wang.send("POST", f"/acts/{act}/scans", {"code": text})
        assert (refused.status_code, refused.json()["code"]) == (500, "internal_error")
        assert "张三丰" not in refused.text
        assert counts(superuser) == before
    finally:
        superuser.execute("GRANT INSERT ON auditlog_logentry TO liangzheng_app")
    again = wang.scan(act, text)
    assert again["verdict"]["standing"] == "valid", "the code was not used up by the failed attempt"
    after = counts(superuser)
    assert all(int(str(after[table])) > int(str(before[table])) for table in before), "control: a good scan writes all five"


def test_every_entry_is_bound_by_its_commitment(city: City, superuser: psycopg.Connection[dict[str, object]]) -> None:
    city.phone("zhang").code_for(DRIVER)
    rows = superuser.execute("SELECT * FROM auditlog_logentry").fetchall()
    assert len(rows) > 0
    for row in rows:
        salt, commitment = (bytes(row.pop(name)) for name in ("salt", "commitment"))  # type: ignore[call-overload]
        del row["written_in"]  # the database's own, for the sealer
        row["agency"], row["fields"] = row.pop("agency_id"), tuple(row["fields"])  # type: ignore[arg-type]
        assert commit(salt, Entry(**row)) == commitment  # type: ignore[arg-type]
        assert commit(salt, Entry(**{**row, "result": "changed"})) != commitment  # type: ignore[arg-type]


def test_the_owner_rolls_partitions_for_the_app_role(city: City, superuser: psycopg.Connection[dict[str, object]]) -> None:
    del city
    listed = "SELECT inhparent::regclass::text AS parent, count(*) AS parts FROM pg_inherits GROUP BY 1 ORDER BY 1"
    before = superuser.execute(listed).fetchall()
    newest = superuser.execute(
        "SELECT max(inhrelid::regclass::text) AS n FROM pg_inherits WHERE inhparent = 'codes_issuedcode'::regclass"
    )
    superuser.execute(f"DROP TABLE {(newest.fetchone() or {})['n']}")
    assert superuser.execute(listed).fetchall() != before
    superuser.execute("SET ROLE liangzheng_app")
    superuser.execute("SELECT liangzheng_roll_partitions()")
    superuser.execute("RESET ROLE")
    assert superuser.execute(listed).fetchall() == before
    parts = {str(row["parent"]): int(str(row["parts"])) for row in before}
    assert parts["codes_issuedcode"] >= 9
    assert parts["auditlog_logentry"] >= 5
