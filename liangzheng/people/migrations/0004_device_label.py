from __future__ import annotations

from django.db import migrations

from liangzheng.storage.tenancy import allow_only


class Migration(migrations.Migration):
    dependencies = [("people", "0003_devices")]

    operations = [
        # A person may name his phone anew; key and owner of a device still never change.
        allow_only(
            "people_device",
            "SELECT, INSERT, UPDATE (label, last_seen_at, revoked_at, revoked_reason, revoked_by, flagged_at, wiped_at)",
        ),
    ]
