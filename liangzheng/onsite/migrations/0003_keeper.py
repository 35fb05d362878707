"""The keeper's policy on the tables of databases that are older than it; here, because this room is above all others."""

from __future__ import annotations

from django.db import migrations

from liangzheng.storage.tenancy import let_keeper_in


class Migration(migrations.Migration):
    """Changes nothing on a new database."""

    dependencies = (
        ("onsite", "0002_protect"),
        ("auditlog", "0002_tree"),
        ("people", "0002_protect"),
        ("verification", "0002_server_verdict"),
        ("evidence", "0002_protect"),
        ("cases", "0004_in_an_act"),
    )
    operations = (let_keeper_in(),)
