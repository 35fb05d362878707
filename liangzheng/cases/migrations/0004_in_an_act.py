"""Officers see holders, licences and delegations only while they are at work in an act of their own agency."""

from __future__ import annotations

from django.conf import settings
from django.db import migrations

from liangzheng.storage.tenancy import ACT, HOLDER, SOURCE

IN_AN_ACT = f"EXISTS (SELECT 1 FROM cases_act a WHERE a.id = {ACT})"  # noqa: S608 - under that table's own policies
LIVE = f"d.person_id = {HOLDER} AND d.revoked_at IS NULL AND now() >= d.valid_from AND now() < d.valid_to"
ENTRUSTED = f"EXISTS (SELECT 1 FROM holders_delegation d WHERE d.organisation_id = holders_holder.id AND {LIVE})"  # noqa: S608
ENTRUSTED_LICENCE = f"""EXISTS (SELECT 1 FROM holders_delegation d WHERE d.organisation_id = licences_licence.holder_id
  AND (d.licence IS NULL OR d.licence = licences_licence.id) AND {LIVE})"""  # noqa: S608
READ = {
    "holders_holder": f"id = {HOLDER} OR {IN_AN_ACT} OR {ENTRUSTED} OR {SOURCE}",
    "holders_delegation": f"person_id = {HOLDER} OR organisation_id = {HOLDER} OR {IN_AN_ACT} OR {SOURCE}",
    "licences_licence": f"holder_id = {HOLDER} OR {IN_AN_ACT} OR {ENTRUSTED_LICENCE} OR {SOURCE}",
}


def narrowed(table: str, read: str) -> migrations.RunSQL:
    """Write the policy of reading anew."""
    return migrations.RunSQL(
        f"DROP POLICY {table}_read ON {table};"
        f"CREATE POLICY {table}_read ON {table} FOR SELECT TO {settings.APP_ROLE} USING ({read})",
        migrations.RunSQL.noop,
    )


class Migration(migrations.Migration):
    """Before, any officer's scope showed every holder and licence, and only the application asked for a presented code."""

    dependencies = (
        ("cases", "0003_assignment_number"),
        ("holders", "0003_delegation_of_one"),
        ("licences", "0004_status_changes"),
    )
    operations = tuple(narrowed(table, read) for table, read in READ.items())
