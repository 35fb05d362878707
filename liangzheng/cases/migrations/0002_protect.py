"""Row-level security: everything of an act belongs to its agency and region. Record values are append-only."""

from __future__ import annotations

from django.db import migrations

from liangzheng.storage.tenancy import OWN_AGENCY, allow_only, protect

TABLES = ("cases_act", "cases_actofficer", "cases_recordvalue", "cases_physicallicence", "cases_document")


class Migration(migrations.Migration):
    """Policies, and rights that keep history."""

    dependencies = (("cases", "0001_initial"), ("storage", "0001_initial"))
    operations = (
        *(protect(table, read=OWN_AGENCY) for table in TABLES),
        allow_only("cases_act", "SELECT, INSERT, UPDATE"),
        allow_only("cases_actofficer", "SELECT, INSERT, UPDATE"),
        allow_only("cases_recordvalue", "SELECT, INSERT"),
        allow_only("cases_physicallicence", "SELECT, INSERT"),
        allow_only("cases_document", "SELECT, INSERT"),
    )
