"""Row-level security and rights: a phone's events are its agency's, and no event is ever changed or taken away."""

from __future__ import annotations

from django.db import migrations

from liangzheng.storage.tenancy import OWN_AGENCY, allow_only, protect

TABLES = ("onsite_devicechain", "onsite_deviceevent", "onsite_offlinefinding")


class Migration(migrations.Migration):
    """The chain moves on, a finding can be closed; everything else is insert and read only."""

    dependencies = (("onsite", "0001_initial"), ("storage", "0001_initial"))
    operations = (
        *(protect(table, read=OWN_AGENCY) for table in TABLES),
        allow_only("onsite_devicechain", "SELECT, INSERT, UPDATE (counter, head)"),
        allow_only("onsite_deviceevent", "SELECT, INSERT"),
        allow_only("onsite_offlinefinding", "SELECT, INSERT, UPDATE (closed_at, closed_by, note)"),
    )
