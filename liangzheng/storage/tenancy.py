"""The row-level scope: whose rows this transaction may see, enforced by PostgreSQL behind the application's own checks.

Four settings live for one transaction: `app.agency`, `app.region`, `app.holder`, `app.source`. Without them a protected table
shows no row at all. Policies are written in the migrations with `protect`.
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
OWN_AGENCY = f"agency_id = {AGENCY} AND region = {REGION}"


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose rows: an officer has agency and region, a holder has himself; a licence source writes holders and licences."""

    agency: UUID | None = None
    region: str = ""
    holder: UUID | None = None
    is_source: bool = False


@contextmanager
def acting(scope: Scope) -> Iterator[None]:
    """Open the one transaction of a request or job and set whose rows it may see."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('app.agency', %s, true), set_config('app.region', %s, true),"
                " set_config('app.holder', %s, true), set_config('app.source', %s, true)",
                [str(scope.agency or ""), scope.region, str(scope.holder or ""), "on" if scope.is_source else ""],
            )
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
        """,
        migrations.RunSQL.noop,
    )


def allow_only(table: str, privileges: str) -> migrations.RunSQL:
    """Take every right on a table from the app role and give back the named ones: append-only is a matter of rights."""
    return migrations.RunSQL(
        f"REVOKE ALL ON {table} FROM {settings.APP_ROLE}; GRANT {privileges} ON {table} TO {settings.APP_ROLE};",
        migrations.RunSQL.noop,
    )
