"""The row-level scope: whose rows this transaction may see, enforced by PostgreSQL behind the application's own checks.

Settings that live for one transaction: `app.agency`, `app.region`, `app.holder`, `app.account`, `app.source`,
`app.supervised` and `app.act`, the act an officer is at work in (`cases.acts.find_act`). Without them a protected table shows no
row at all. Policies are written in the migrations with `protect`, which also lets the owner role in when it says that it keeps
house (`keeping`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.db import connection, migrations, transaction

AGENCY = "nullif(current_setting('app.agency', true), '')::uuid"
REGION = "nullif(current_setting('app.region', true), '')"
SOURCE = "current_setting('app.source', true) = 'on'"
HOLDER = "nullif(current_setting('app.holder', true), '')::uuid"
ACCOUNT = "nullif(current_setting('app.account', true), '')::uuid"
NOBODY_YET = f"{AGENCY} IS NULL AND {HOLDER} IS NULL AND {ACCOUNT} IS NULL"
"""No scope was named: signing in, or a job."""
ACT = "nullif(current_setting('app.act', true), '')::uuid"
KEEPER = "current_setting('app.keeper', true) = 'on'"
OWN_AGENCY = f"agency_id = {AGENCY} AND region = {REGION}"


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose rows: an officer has agency and region, a holder has himself; a licence source writes holders and licences."""

    agency: UUID | None = None
    region: str = ""
    holder: UUID | None = None
    is_source: bool = False
    account: UUID | None = None
    supervises: str = ""
    """Digits a region begins with, whose rows a supervisor or auditor reads (`mandates/area.py`); "": none."""


@contextmanager
def acting(scope: Scope) -> Iterator[None]:
    """Open the one transaction of a request or job and set whose rows it may see."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                # An act that was entered stays entered in a nested scope of the same agency only.
                "SELECT set_config('app.act', CASE WHEN current_setting('app.agency', true) = %(agency)s"
                " THEN current_setting('app.act', true) ELSE '' END, true),"
                " set_config('app.agency', %(agency)s, true), set_config('app.region', %(region)s, true),"
                " set_config('app.holder', %(holder)s, true), set_config('app.source', %(source)s, true),"
                " set_config('app.account', %(account)s, true), set_config('app.supervised', %(supervises)s, true)",
                {
                    "agency": str(scope.agency or ""),
                    "region": scope.region,
                    "holder": str(scope.holder or ""),
                    "account": str(scope.account or ""),
                    "source": "on" if scope.is_source else "",
                    "supervises": scope.supervises,
                },
            )
        yield


@contextmanager
def keeping() -> Iterator[None]:
    """Open a transaction in which the owner role may read and write every row: for keys and terms, never for a request."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('app.keeper', 'on', true)")
        yield


def protect(table: str, *, read: str, write: str | None = None) -> migrations.RunSQL:
    """Switch row-level security on, also for the table's owner; `read` and `write` are SQL conditions on a row."""
    write = write or read
    return migrations.RunSQL(
        f"""
        ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
        ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
        CREATE POLICY {table}_read ON {table} FOR SELECT TO {settings.APP_ROLE} USING ({read});
        CREATE POLICY {table}_insert ON {table} FOR INSERT TO {settings.APP_ROLE} WITH CHECK ({write});
        CREATE POLICY {table}_update ON {table} FOR UPDATE TO {settings.APP_ROLE} USING ({write}) WITH CHECK ({write});
        CREATE POLICY {table}_delete ON {table} FOR DELETE TO {settings.APP_ROLE} USING ({write});
        {_keeper(table)};
        """,
        migrations.RunSQL.noop,
    )


def _keeper(table: str) -> str:
    return f"CREATE POLICY {table}_keeper ON {table} TO CURRENT_USER USING ({KEEPER}) WITH CHECK ({KEEPER})"


def let_keeper_in() -> migrations.RunSQL:
    """Add the keeper's policy to protected tables that have none yet: those of databases older than it."""
    return migrations.RunSQL(
        f"""DO $$ DECLARE t text; BEGIN
          FOR t IN SELECT c.relname FROM pg_class c WHERE c.relforcerowsecurity AND c.relkind IN ('r', 'p')
            AND NOT EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = c.relname || '_keeper') LOOP
            EXECUTE format('CREATE POLICY %I ON %I TO CURRENT_USER USING ({KEEPER.replace("'", "''")})'
              ' WITH CHECK ({KEEPER.replace("'", "''")})', t || '_keeper', t);
          END LOOP; END $$""",  # noqa: S608 - constants
        migrations.RunSQL.noop,
    )


def allow_only(table: str, privileges: str) -> migrations.RunSQL:
    """Take every right on a table from the app role and give back the named ones: append-only is a matter of rights."""
    return migrations.RunSQL(
        f"REVOKE ALL ON {table} FROM {settings.APP_ROLE}; GRANT {privileges} ON {table} TO {settings.APP_ROLE};",
        migrations.RunSQL.noop,
    )
