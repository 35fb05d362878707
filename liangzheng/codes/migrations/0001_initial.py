"""Issued and used codes, in day partitions."""

from __future__ import annotations

from django.db import migrations, models

from liangzheng.storage.partitions import partitioned
from liangzheng.storage.tenancy import allow_only

ISSUED = """
id uuid PRIMARY KEY, kind text NOT NULL, licence uuid, holder uuid, act uuid, officer uuid, agency_id uuid,
region text NOT NULL, short_code varchar(8) NOT NULL, expires_at timestamptz NOT NULL
"""
USED = "code uuid NOT NULL, verifier uuid NOT NULL, scan uuid NOT NULL, PRIMARY KEY (code, verifier)"


class Migration(migrations.Migration):
    """Insert and read only: a used code cannot be made unused."""

    initial = True
    dependencies = (("storage", "0001_initial"),)
    operations = (
        migrations.SeparateDatabaseAndState(
            database_operations=[
                partitioned("codes_issuedcode", "day", ISSUED),
                partitioned("codes_usedcode", "day", USED),
                migrations.RunSQL("CREATE INDEX codes_short ON codes_issuedcode (short_code)", migrations.RunSQL.noop),
                allow_only("codes_issuedcode", "SELECT, INSERT"),
                allow_only("codes_usedcode", "SELECT, INSERT"),
            ],
            state_operations=[
                migrations.CreateModel(
                    name="IssuedCode",
                    fields=[
                        ("id", models.UUIDField(primary_key=True, serialize=False)),
                        ("kind", models.TextField()),
                        ("licence", models.UUIDField(null=True)),
                        ("holder", models.UUIDField(null=True)),
                        ("act", models.UUIDField(null=True)),
                        ("officer", models.UUIDField(null=True)),
                        ("agency_id", models.UUIDField(null=True)),
                        ("region", models.TextField()),
                        ("short_code", models.CharField(max_length=8)),
                        ("expires_at", models.DateTimeField()),
                    ],
                ),
                migrations.CreateModel(
                    name="UsedCode",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "code", "verifier", blank=True, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("code", models.UUIDField()),
                        ("verifier", models.UUIDField()),
                        ("scan", models.UUIDField()),
                    ],
                ),
            ],
        ),
    )
