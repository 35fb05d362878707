"""A delegation of one licence shows that licence only."""

from __future__ import annotations

from django.conf import settings
from django.db import migrations

from liangzheng.storage.tenancy import AGENCY, HOLDER, SOURCE

ENTRUSTED = f"""EXISTS (SELECT 1 FROM holders_delegation d WHERE d.organisation_id = licences_licence.holder_id
  AND (d.licence IS NULL OR d.licence = licences_licence.id)
  AND d.person_id = {HOLDER} AND d.revoked_at IS NULL AND now() >= d.valid_from AND now() < d.valid_to)"""  # noqa: S608 - a condition made of this file's words
READ = f"holder_id = {HOLDER} OR {AGENCY} IS NOT NULL OR {ENTRUSTED} OR {SOURCE}"


class Migration(migrations.Migration):
    """The policy of reading, narrowed."""

    dependencies = (("licences", "0002_protect"), ("holders", "0003_delegation_of_one"))
    operations = (
        migrations.RunSQL(
            f"""DROP POLICY licences_licence_read ON licences_licence;
            CREATE POLICY licences_licence_read ON licences_licence FOR SELECT TO {settings.APP_ROLE} USING ({READ})""",
            migrations.RunSQL.noop,
        ),
    )
