"""Row-level security: an agency's look-ups are its own; a supervisor reads those of his area, and alone closes and reviews."""

from __future__ import annotations

from django.conf import settings
from django.db import migrations

from liangzheng.mandates.area import IN_AREA
from liangzheng.storage.tenancy import OWN_AGENCY, allow_only, protect

EITHER = f"({OWN_AGENCY}) OR {IN_AREA}"
ROLE = settings.APP_ROLE


def policy(table: str, command: str, condition: str) -> migrations.RunSQL:
    check = f"WITH CHECK ({condition})" if command == "INSERT" else f"USING ({condition})"
    return migrations.RunSQL(
        f"CREATE POLICY {table}_area_{command.lower()} ON {table} FOR {command} TO {ROLE} {check}", migrations.RunSQL.noop
    )


class Migration(migrations.Migration):
    """What was looked up, asked for or reviewed is never changed; of an alarm only its closing is added."""

    dependencies = (("mandates", "0001_initial"), ("storage", "0001_initial"))
    operations = (
        protect("mandates_lookup", read=EITHER, write=OWN_AGENCY),
        allow_only("mandates_lookup", "SELECT, INSERT"),
        protect("mandates_lookupcount", read=EITHER, write=OWN_AGENCY),
        allow_only("mandates_lookupcount", "SELECT, INSERT, UPDATE (used, stopped, refused)"),
        protect("mandates_breakglass", read=EITHER, write=OWN_AGENCY),
        allow_only("mandates_breakglass", "SELECT, INSERT"),
        protect("mandates_breakglassreview", read=EITHER, write=IN_AREA),
        allow_only("mandates_breakglassreview", "SELECT, INSERT"),
        protect("mandates_shift", read=EITHER, write=OWN_AGENCY),
        allow_only("mandates_shift", "SELECT, INSERT, DELETE"),
        protect("mandates_alarm", read=EITHER, write=IN_AREA),
        policy("mandates_alarm", "INSERT", OWN_AGENCY),
        allow_only("mandates_alarm", "SELECT, INSERT, UPDATE (closed_at, closed_by, note)"),
    )
