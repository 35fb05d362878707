"""Row-level security: a supervisor reads acts, scans, officers and the log of his area; he writes inquiries, agencies answer."""

from __future__ import annotations

from django.conf import settings
from django.db import migrations

from liangzheng.mandates.area import IN_AREA
from liangzheng.storage.tenancy import OWN_AGENCY, allow_only, protect

EITHER = f"({OWN_AGENCY}) OR {IN_AREA}"
READ = (
    "cases_act",
    "cases_actofficer",
    "cases_recordvalue",
    "cases_document",
    "evidence_exhibit",
    "verification_scan",
    "people_officer",
    "people_enforcementcertificate",
    "onsite_offlinefinding",
    "auditlog_logentry",
)


def read_area(table: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"CREATE POLICY {table}_supervise ON {table} FOR SELECT TO {settings.APP_ROLE} USING ({IN_AREA})",
        f"DROP POLICY {table}_supervise ON {table}",
    )


class Migration(migrations.Migration):
    """Reading only: no policy lets a supervisor write what an agency wrote. Holders and licences stay out of sight."""

    dependencies = (
        ("supervision", "0001_initial"),
        ("mandates", "0002_protect"),
        ("cases", "0002_protect"),
        ("evidence", "0002_protect"),
        ("verification", "0001_initial"),
        ("people", "0002_protect"),
        ("onsite", "0002_protect"),
        ("auditlog", "0001_initial"),
    )
    operations = (
        *(read_area(table) for table in READ),
        protect("supervision_inquiry", read=EITHER, write=IN_AREA),
        allow_only("supervision_inquiry", "SELECT, INSERT, UPDATE (closed_at, closed_by)"),
        protect("supervision_inquiryanswer", read=EITHER, write=OWN_AGENCY),
        allow_only("supervision_inquiryanswer", "SELECT, INSERT"),
    )
