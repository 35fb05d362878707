"""Raw SQL as the app role, as a forgetful program or a job would send it, on the data of two cities."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from liangzheng.server.database import APP_ROLE
from liangzheng.server.postgres import EmbeddedPostgres
from tests.isolation.twins import Team, Twins, without_row_level_security

Connected = psycopg.Connection[tuple[object, ...]]
OF_AN_AGENCY = """SELECT c.oid::regclass::text FROM pg_class c
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'agency_id' WHERE c.relnamespace = 'public'::regnamespace
    AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relforcerowsecurity
    AND has_table_privilege(c.oid, 'SELECT') ORDER BY 1"""
OF_PEOPLE = ("holders_holder", "holders_delegation", "licences_licence", "licences_statuschange")


@pytest.fixture
def app(twins: Twins) -> Iterator[Connected]:
    """A connection of the app role."""
    with psycopg.connect(EmbeddedPostgres(twins.folder).conninfo(APP_ROLE), autocommit=True) as connected:
        yield connected


@contextmanager
def scope(app: Connected, **names: str) -> Iterator[None]:
    """Name a scope for one transaction."""
    with app.transaction():
        for name, value in names.items():
            app.execute("SELECT set_config(%s, %s, true)", [f"app.{name}", value])
        yield


def others(app: Connected, team: Team) -> Mapping[str, int]:
    """Count the rows of other agencies that can be seen, in every table that has an agency."""
    names = [str(row[0]) for row in app.execute(OF_AN_AGENCY).fetchall()]
    query = SQL("SELECT count(*) FROM {} WHERE agency_id IS DISTINCT FROM %s")
    rows = {name: app.execute(query.format(Identifier(name)), [team.values["agency"]]).fetchone() for name in names}
    return {name: int(str(row[0])) if row else -1 for name, row in rows.items()}


def count(app: Connected, table: str) -> int:
    """Count what can be seen."""
    row = app.execute(SQL("SELECT count(*) FROM {}").format(Identifier(table))).fetchone()
    return int(str(row[0])) if row else -1


def test_a_forgotten_where_shows_no_other_agency(app: Connected, twins: Twins) -> None:
    team = twins.teams[0]
    with scope(app, agency=team.values["agency"], region=team.values["region"]):
        assert count(app, "cases_act") >= 2, "control: the own acts are there"
        seen = others(app, team)
        assert len(seen) > 10
        assert not {name: number for name, number in seen.items() if number}


def test_an_officer_outside_an_act_sees_no_holder_and_inside_another_agencys_neither(app: Connected, twins: Twins) -> None:
    ours, theirs = twins.teams[0].values, twins.teams[3].values
    for act in ("", theirs["act"]):
        with scope(app, agency=ours["agency"], region=ours["region"], act=act):
            assert [count(app, table) for table in OF_PEOPLE] == [0, 0, 0, 0]
    with scope(app, agency=ours["agency"], region=ours["region"], act=ours["act"]):
        assert count(app, "holders_holder") > 0, "control: inside an own act"


def test_a_holder_sees_himself_and_who_entrusted_him(app: Connected, twins: Twins) -> None:
    for team in twins.teams:
        with scope(app, holder=team.values["driver"]):
            found = {str(row[0]) for row in app.execute("SELECT id FROM holders_holder").fetchall()}
            assert team.values["driver"] in found
            assert found <= {team.values["driver"], team.values["firm"]}


def test_a_job_that_names_no_scope_sees_nothing_and_without_the_policies_it_sees_all(app: Connected, twins: Twins) -> None:
    team = twins.teams[0]
    hidden = [str(row[0]) for row in app.execute(OF_AN_AGENCY).fetchall()] + list(OF_PEOPLE)
    published = {"people_powerdelegation"}
    assert not {table: number for table in hidden if table not in published and (number := count(app, table))}
    with without_row_level_security(twins.folder):
        seen = others(app, team)
        assert seen["cases_act"] >= 6, "control: the acts of the three other teams"
        assert count(app, "holders_holder") > 8


def test_rows_cannot_be_moved_or_written_into_another_agency(app: Connected, twins: Twins) -> None:
    ours, theirs = twins.teams[0].values, twins.teams[1].values
    for statement in (
        "UPDATE cases_act SET agency_id = %(theirs)s WHERE id = %(act)s",
        "UPDATE cases_actofficer SET region = '370700' WHERE act_id = %(act)s",
        "UPDATE cases_act SET place = '' WHERE agency_id = %(theirs)s",
    ):
        with scope(app, agency=ours["agency"], region=ours["region"]):
            try:
                with app.transaction():
                    moved = app.execute(statement, {"theirs": theirs["agency"], "act": ours["act"]}).rowcount
            except psycopg.errors.InsufficientPrivilege:
                moved = 0
            assert moved == 0
