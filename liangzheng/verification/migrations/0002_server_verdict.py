"""The server's own verdict beside what an officer saw without signal."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """Two columns that are empty for a scan judged on-line; `code` names the shown proof of an off-line scan, so it is looked for."""

    dependencies = (("verification", "0001_initial"),)
    operations = (
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    """ALTER TABLE verification_scan ADD COLUMN server_standing text NOT NULL DEFAULT '', ADD COLUMN server_verdict jsonb;
                    CREATE INDEX verification_proof ON verification_scan (code) WHERE server_standing <> ''""",
                    "ALTER TABLE verification_scan DROP COLUMN server_standing, DROP COLUMN server_verdict",
                )
            ],
            state_operations=[
                migrations.AddField("scan", "server_standing", models.TextField(default="")),
                migrations.AddField("scan", "server_verdict", models.JSONField(null=True)),
            ],
        ),
    )
