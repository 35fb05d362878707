"""The history of a licence's status: only added to, seen by whoever sees the licence, written by a licence source."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

import liangzheng.storage.ids
from liangzheng.storage.tenancy import SOURCE, allow_only, protect

OF_A_VISIBLE_LICENCE = "EXISTS (SELECT 1 FROM licences_licence l WHERE l.id = licence_id)"  # under that table's own policies


class Migration(migrations.Migration):
    dependencies = (("licences", "0003_entrusted"),)
    operations = (
        migrations.CreateModel(
            name="StatusChange",
            fields=[
                ("id", models.UUIDField(default=liangzheng.storage.ids.new_id, primary_key=True, serialize=False)),
                ("status", models.TextField()),
                ("source_status", models.TextField(blank=True)),
                ("since", models.DateTimeField()),
                ("note", models.TextField(blank=True)),
                ("recorded_at", models.DateTimeField()),
                (
                    "licence",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="status_changes", to="licences.licence"
                    ),
                ),
            ],
            options={"indexes": [models.Index(fields=["licence", "since"], name="licences_status_by_licence")]},
        ),
        protect("licences_statuschange", read=OF_A_VISIBLE_LICENCE, write=SOURCE),
        allow_only("licences_statuschange", "SELECT, INSERT"),
    )
