"""Row-level security: exhibits belong to the act's agency; they are written once."""

from __future__ import annotations

from django.db import migrations

from liangzheng.storage.tenancy import OWN_AGENCY, allow_only, protect


class Migration(migrations.Migration):
    """Policy and rights."""

    dependencies = (("evidence", "0001_initial"), ("storage", "0001_initial"))
    operations = (protect("evidence_exhibit", read=OWN_AGENCY), allow_only("evidence_exhibit", "SELECT, INSERT"))
