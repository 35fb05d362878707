"""Row-level security holds in raw SQL, whatever the application forgets: rows belong to agency and region, or to a holder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
import pytest
from django.db import Error, connection, transaction
from django.utils import timezone

from liangzheng.auditlog.append import Event, append
from liangzheng.auditlog.models import LogEntry
from liangzheng.cases.models import Act
from liangzheng.holders.models import Holder
from liangzheng.people.models import Agency, EnforcementCertificate, Officer, Region, User
from liangzheng.server.database import APP_ROLE, OWNER_ROLE
from liangzheng.server.postgres import EmbeddedPostgres
from liangzheng.storage.columns import index_value
from liangzheng.storage.ids import new_id
from liangzheng.storage.tenancy import Scope, acting

pytestmark = pytest.mark.django_db

OPEN = {
    # tables without row-level security, each with the reason why it needs none
    "auditlog_leaf": "places of entries in the public tree: keys only",
    "auditlog_treehead": "the public head",
    "auth_group": "Django's own, unused",
    "auth_group_permissions": "Django's own, unused",
    "auth_permission": "Django's own: names of models",
    "catalogue_licencetypeentry": "the published list",
    "codes_issuedcode": "keys of other rows for a minute, found by a random key by an asker who has no scope yet",
    "codes_statusslot": "keys only: places in a public list",
    "codes_usedcode": "keys only",
    "django_content_type": "Django's own: names of models",
    "django_migrations": "Django's own",
    "django_session": "found by its secret before anybody is known",
    "people_agency": "public",
    "people_outsideidentity": "asked for while signing in: keyed digests",
    "people_passkey": "asked for while signing in: public keys, a sealed name",
    "people_postgrant": "asked for with the account: who may do what",
    "people_recoverycode": "asked for while signing in: keyed digests",
    "people_region": "public",
    "people_signin": "asked for before anybody is known: keys and times of sessions",
    "people_signintally": "counts under keyed digests",
    "people_timecode": "asked for while signing in: a sealed secret",
    "people_user": "asked for while signing in: log-in name, hashed password, sealed name",
    "people_user_groups": "Django's own, unused",
    "people_user_user_permissions": "Django's own, unused",
    "procrastinate_events": "job numbers",
    "procrastinate_jobs": "keys and references of jobs; no personal value may stand in an argument",
    "procrastinate_periodic_defers": "job numbers",
    "procrastinate_workers": "process numbers",
    "storage_legalhold": "keys and a reason, written by the owner role only",
    "storage_partitioned": "not readable by the app role",
    "storage_retentionterm": "terms",
    "verification_packissue": "lists that are the same for everyone of a region",
    "verification_packpart": "lists that are the same for everyone of a region",
    "verification_scanrequest": "keys of a phone's requests",
}
FOR_EVERYBODY = {"people_powerdelegation"}
"""Protected against writing only: entrusted powers are published."""


def tables(condition: str) -> set[str]:
    """Name the tables for which an SQL condition on `pg_class` holds; partitions are reached through their parents only."""
    with connection.cursor() as cursor:
        plain = "SELECT relname FROM pg_class c WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
        cursor.execute(f"{plain} AND NOT relispartition AND {condition}")
        return {str(row[0]) for row in cursor.fetchall()}


def protected() -> set[str]:
    """Name the tables under FORCE row-level security with a policy for the app role."""
    has_policy = "EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND 'liangzheng_app'::regrole = ANY(p.polroles))"
    return tables(f"relrowsecurity AND relforcerowsecurity AND {has_policy}")


@dataclass(frozen=True, slots=True)
class Team:
    """An agency with one officer and one act."""

    scope: Scope
    act: Act


def team(name: str, region: str) -> Team:
    """Make a team."""
    Region.objects.get_or_create(code=region, defaults={"name": region})
    agency = Agency.objects.create(
        name=name, uscc=f"11{region}MADEM{len(name):04d}"[:18], region_id=region, sector="transport", is_demo=True
    )
    scope = Scope(agency=agency.pk, region=region)
    with acting(scope):
        user = User.objects.create(username=f"user-{region}", name=name, role="officer", agency=agency)
        officer = Officer.objects.create(user=user, agency=agency, region=region)
        act = Act.objects.create(
            act_code=f"{region}-X",
            agency=agency,
            region=region,
            subject="coach",
            place="路口",
            asks="{}",
            opened_by=officer,
            opened_at=timezone.now(),
            request_key=new_id(),
        )
        append([Event(at=timezone.now(), actor_kind="officer", action="open_act", region=region, act=act.pk, agency=agency.pk)])
    return Team(scope, act)


@pytest.fixture
def yantai() -> Team:
    """Ours."""
    return team("烟台演示队", "370600")


@pytest.fixture
def weifang() -> Team:
    """The others."""
    return team("潍坊演示支队", "370700")


def counted(table: str) -> int:
    """Count rows by raw SQL, as the app role sees them."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")  # noqa: S608 - names of this file
        return int(cursor.fetchone()[0])


@contextmanager
def refused() -> Iterator[None]:
    """The database itself says no."""
    with pytest.raises(Error), transaction.atomic():
        yield


def test_without_a_scope_nothing_is_visible(yantai: Team) -> None:
    with acting(yantai.scope):
        assert counted("cases_act") == 1, "control: with the scope the row is there"
    with acting(Scope()):
        hidden = protected() - FOR_EVERYBODY
        assert len(hidden) > 15
        assert {table: counted(table) for table in hidden if readable(table)} == dict.fromkeys(filter(readable, hidden), 0)


def test_a_forgotten_where_shows_only_the_own_agency(yantai: Team, weifang: Team) -> None:
    with acting(yantai.scope):
        assert [act.pk for act in Act.objects.all()] == [yantai.act.pk]
        assert {entry.act for entry in LogEntry.objects.all()} == {yantai.act.pk}
        assert Act.objects.filter(pk=weifang.act.pk).update(subject="guide") == 0
    for half in (Scope(agency=yantai.scope.agency, region="370700"), Scope(agency=weifang.scope.agency, region="370600")):
        with acting(half):
            assert counted("cases_act") == 0, "agency and region must both fit"


def test_rows_cannot_be_written_into_another_agency(yantai: Team, weifang: Team) -> None:
    with acting(yantai.scope), refused():
        Act.objects.create(
            act_code="X-2",
            agency=weifang.act.agency,
            region="370700",
            subject="coach",
            place="",
            asks="{}",
            opened_by=weifang.act.opened_by,
            opened_at=timezone.now(),
            request_key=new_id(),
        )


def test_a_holder_sees_himself_only_and_nobody_but_a_source_writes_holders(yantai: Team) -> None:
    with acting(Scope(is_source=True)):
        rows = [
            Holder.objects.create(
                kind="person", name=name, code=name, code_type="111", code_index=index_value(name), region="370600"
            )
            for name in ("甲", "乙")
        ]
    with acting(Scope(holder=rows[0].pk)):
        assert [row.name for row in Holder.objects.all()] == ["甲"]
    for scope in (yantai.scope, Scope(holder=rows[0].pk)):
        with acting(scope), refused():
            Holder.objects.create(
                kind="person", name="丙", code="丙", code_type="111", code_index=index_value("丙"), region="370600"
            )


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE auditlog_logentry SET result = 'x'",
        "DELETE FROM auditlog_logentry",
        "TRUNCATE auditlog_logentry",
        "DELETE FROM verification_scan",
        "UPDATE verification_scan SET standing = 'valid'",
        "UPDATE cases_recordvalue SET field = 'x'",
        "DELETE FROM evidence_exhibit",
        "UPDATE licences_statuschange SET status = 'valid'",
        "DELETE FROM licences_statuschange",
        "DELETE FROM onsite_deviceevent",
        "UPDATE onsite_deviceevent SET state = 'applied'",
        "DELETE FROM onsite_offlinefinding",
        "UPDATE verification_scan SET server_standing = 'valid'",
        "UPDATE people_device SET user_id = user_id",
        "DELETE FROM people_device",
        "UPDATE evidence_exhibit SET standing = 'valid'",
        "DELETE FROM codes_usedcode",
        "UPDATE codes_issuedcode SET expires_at = now()",
        "ALTER TABLE cases_act DISABLE ROW LEVEL SECURITY",
        "SET ROLE liangzheng_owner",
        "CREATE TABLE sly (x int)",
    ],
)
def test_history_cannot_be_changed_by_the_app_role(yantai: Team, statement: str) -> None:
    with acting(yantai.scope), refused(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_partitions_cannot_be_reached_around_the_policy(yantai: Team) -> None:
    with acting(yantai.scope):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'auditlog_logentry'::regclass LIMIT 1"
            )
            partition = cursor.fetchone()[0]
        with refused():
            counted(partition)


def readable(table: str) -> bool:
    """Say whether the app role may read the table at all."""
    return table in tables("has_table_privilege('liangzheng_app', c.oid, 'SELECT')")


def test_every_table_is_protected_or_stands_on_the_short_list_and_the_app_role_owns_nothing() -> None:
    assert tables("true") - protected() == set(OPEN), "a new table needs `protect` in its migration, or a reason here"
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_class WHERE relowner = 'liangzheng_app'::regrole")
        assert cursor.fetchone()[0] == 0
        cursor.execute("SELECT rolsuper, rolbypassrls, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = 'liangzheng_app'")
        assert cursor.fetchone() == (False, False, False, False)


def test_negative_control_with_row_level_security_off_the_same_count_leaks(postgres: EmbeddedPostgres) -> None:
    """Counted by connections of their own, because the switch needs the owner and a commit."""
    name = str(connection.settings_dict["NAME"])
    insert = (
        "INSERT INTO holders_holder (id, kind, name, code, code_type, code_index, region, photo, is_demo)"
        " VALUES (gen_random_uuid(), 'person', '', '', '111', %s, '370600', '', true)"
    )
    with (
        psycopg.connect(postgres.conninfo(APP_ROLE, name), autocommit=True) as app,
        psycopg.connect(postgres.conninfo(OWNER_ROLE, name), autocommit=True) as owner,
    ):

        def seen() -> int:
            row = app.execute("SELECT count(*) FROM holders_holder").fetchone()
            return int(row[0]) if row else -1

        with app.transaction():
            app.execute("SELECT set_config('app.source', 'on', true)")
            app.execute(insert, [b"one"])
        assert seen() == 0
        owner.execute("ALTER TABLE holders_holder DISABLE ROW LEVEL SECURITY")
        try:
            assert seen() == 1, "without the protection the row of nobody's scope is visible"
            owner.execute("DELETE FROM holders_holder")
        finally:
            owner.execute("ALTER TABLE holders_holder ENABLE ROW LEVEL SECURITY")


def test_the_certificate_of_another_agency_is_out_of_reach(yantai: Team, weifang: Team) -> None:
    with acting(weifang.scope):
        EnforcementCertificate.objects.create(
            officer=weifang.act.opened_by,
            agency=weifang.act.agency,
            region="370700",
            number="15990700001",
            kind="行政执法证",
            fields=["交通运输"],
            area="潍坊市",
            area_code="370700",
            valid_from=timezone.now().date(),
            valid_to=timezone.now().date(),
        )
    with acting(yantai.scope):
        assert not EnforcementCertificate.objects.exists()
