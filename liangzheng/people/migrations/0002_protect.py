"""Row-level security: an agency's people and certificates are its own."""

from __future__ import annotations

from django.db import migrations

from liangzheng.storage.tenancy import OWN_AGENCY, protect


class Migration(migrations.Migration):
    """Accounts, agencies and regions hold no row of another agency's work and stay readable for signing in."""

    dependencies = (("people", "0001_initial"), ("storage", "0001_initial"))
    operations = (protect("people_officer", read=OWN_AGENCY), protect("people_enforcementcertificate", read=OWN_AGENCY))
