"""Row-level security: a holder sees his own and entrusted licences; officers in an agency's scope see licences."""

from __future__ import annotations

from django.db import migrations

from liangzheng.storage.tenancy import AGENCY, HOLDER, SOURCE, protect

ENTRUSTED = f"""EXISTS (SELECT 1 FROM holders_delegation d WHERE d.organisation_id = licences_licence.holder_id
  AND d.person_id = {HOLDER} AND d.revoked_at IS NULL AND now() >= d.valid_from AND now() < d.valid_to)"""  # noqa: S608 - a condition made of this file's words


class Migration(migrations.Migration):
    """Without a scope no licence is visible; only a licence source writes one."""

    dependencies = (("licences", "0001_initial"), ("holders", "0002_protect"))
    operations = (
        protect(
            "licences_licence", read=f"holder_id = {HOLDER} OR {AGENCY} IS NOT NULL OR {ENTRUSTED} OR {SOURCE}", write=SOURCE
        ),
    )
