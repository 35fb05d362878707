from __future__ import annotations

from django.conf import settings
from django.db import migrations, models

from liangzheng.storage.tenancy import AGENCY, HOLDER, SOURCE


class Migration(migrations.Migration):
    """A delegation may be of one licence, and says what for."""

    dependencies = [
        ("holders", "0002_protect"),
    ]

    operations = [
        migrations.AddField("delegation", "licence", models.UUIDField(blank=True, null=True)),
        migrations.AddField("delegation", "purpose", models.TextField(blank=True, default=""), preserve_default=False),
        # Whoever judges a shown code has to know whether the delegation still stands, so officers read delegations as they do licences.
        migrations.RunSQL(
            f"""DROP POLICY holders_delegation_read ON holders_delegation;
            CREATE POLICY holders_delegation_read ON holders_delegation FOR SELECT TO {settings.APP_ROLE}
            USING (person_id = {HOLDER} OR organisation_id = {HOLDER} OR {AGENCY} IS NOT NULL OR {SOURCE})""",
            migrations.RunSQL.noop,
        ),
    ]
