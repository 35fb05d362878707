"""The log table: monthly partitions, insert and select only."""

from __future__ import annotations

import django.contrib.postgres.fields
from django.db import migrations, models

from liangzheng.storage.partitions import partitioned
from liangzheng.storage.tenancy import AGENCY, HOLDER, REGION, allow_only, protect

COLUMNS = """
id uuid PRIMARY KEY, at timestamptz NOT NULL, actor_kind text NOT NULL, actor uuid, actor_number text NOT NULL,
action text NOT NULL,
subject_kind text NOT NULL, subject uuid, act uuid, act_code text NOT NULL, agency_id uuid, region text NOT NULL, holder uuid,
purpose text NOT NULL, legal_basis text NOT NULL, fields text[] NOT NULL, result text NOT NULL,
salt bytea NOT NULL, commitment bytea NOT NULL
"""


class Migration(migrations.Migration):
    """The first table."""

    initial = True
    dependencies = (("storage", "0001_initial"),)
    operations = (
        migrations.SeparateDatabaseAndState(
            database_operations=[
                partitioned("auditlog_logentry", "month", COLUMNS),
                migrations.RunSQL(
                    "CREATE INDEX auditlog_act ON auditlog_logentry (act); CREATE INDEX auditlog_holder ON auditlog_logentry (holder)",
                    migrations.RunSQL.noop,
                ),
                protect(
                    "auditlog_logentry", read=f"(agency_id = {AGENCY} AND region = {REGION}) OR holder = {HOLDER}", write="true"
                ),
                allow_only("auditlog_logentry", "SELECT, INSERT"),
            ],
            state_operations=[
                migrations.CreateModel(
                    name="LogEntry",
                    fields=[
                        ("id", models.UUIDField(primary_key=True, serialize=False)),
                        ("at", models.DateTimeField()),
                        ("actor_kind", models.TextField()),
                        ("actor", models.UUIDField(null=True)),
                        ("actor_number", models.TextField()),
                        ("action", models.TextField()),
                        ("subject_kind", models.TextField()),
                        ("subject", models.UUIDField(null=True)),
                        ("act", models.UUIDField(null=True)),
                        ("act_code", models.TextField()),
                        ("agency_id", models.UUIDField(null=True)),
                        ("region", models.TextField()),
                        ("holder", models.UUIDField(null=True)),
                        ("purpose", models.TextField()),
                        ("legal_basis", models.TextField()),
                        ("fields", django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None)),
                        ("result", models.TextField()),
                        ("salt", models.BinaryField()),
                        ("commitment", models.BinaryField()),
                    ],
                    options={"managed": True},
                ),
            ],
        ),
    )
