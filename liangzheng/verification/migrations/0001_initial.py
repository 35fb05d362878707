"""Scans in monthly partitions, and the phones' request keys."""

from __future__ import annotations

from django.db import migrations, models

from liangzheng.storage.partitions import partitioned
from liangzheng.storage.tenancy import OWN_AGENCY, allow_only, protect

SCAN = """
id uuid PRIMARY KEY, at timestamptz NOT NULL, act uuid NOT NULL, officer uuid NOT NULL, agency_id uuid NOT NULL, region text NOT NULL,
method text NOT NULL, code uuid, licence uuid, holder uuid, standing text NOT NULL, verdict jsonb NOT NULL, purpose text NOT NULL,
legal_basis text NOT NULL, photo_match boolean
"""


class Migration(migrations.Migration):
    """What the officer saw is never changed: the app role may only add the answer to the photo question."""

    initial = True
    dependencies = (("storage", "0001_initial"),)
    operations = (
        migrations.SeparateDatabaseAndState(
            database_operations=[
                partitioned("verification_scan", "month", SCAN),
                migrations.RunSQL("CREATE INDEX verification_act ON verification_scan (act)", migrations.RunSQL.noop),
                protect("verification_scan", read=OWN_AGENCY),
                allow_only("verification_scan", "SELECT, INSERT, UPDATE (photo_match)"),
            ],
            state_operations=[
                migrations.CreateModel(
                    name="Scan",
                    fields=[
                        ("id", models.UUIDField(primary_key=True, serialize=False)),
                        ("at", models.DateTimeField()),
                        ("act", models.UUIDField()),
                        ("officer", models.UUIDField()),
                        ("agency_id", models.UUIDField()),
                        ("region", models.TextField()),
                        ("method", models.TextField()),
                        ("code", models.UUIDField(null=True)),
                        ("licence", models.UUIDField(null=True)),
                        ("holder", models.UUIDField(null=True)),
                        ("standing", models.TextField()),
                        ("verdict", models.JSONField()),
                        ("purpose", models.TextField()),
                        ("legal_basis", models.TextField()),
                        ("photo_match", models.BooleanField(null=True)),
                    ],
                ),
            ],
        ),
        migrations.CreateModel(
            name="ScanRequest",
            fields=[
                ("key", models.UUIDField(primary_key=True, serialize=False)),
                ("officer", models.UUIDField()),
                ("scan", models.UUIDField()),
                ("at", models.DateTimeField(db_index=True)),
            ],
        ),
    )
