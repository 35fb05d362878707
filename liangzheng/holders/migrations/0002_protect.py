"""Row-level security: a holder sees himself and who entrusted him; officers in an agency's scope see holders."""

from __future__ import annotations

from django.db import migrations

from liangzheng.storage.tenancy import AGENCY, HOLDER, SOURCE, protect

# Which officer may open which holder is the application's check (a presented code); mandates narrow this in a later part.
ENTRUSTED = f"""EXISTS (SELECT 1 FROM holders_delegation d WHERE d.organisation_id = holders_holder.id
  AND d.person_id = {HOLDER} AND d.revoked_at IS NULL AND now() >= d.valid_from AND now() < d.valid_to)"""  # noqa: S608 - a condition made of this file's words


class Migration(migrations.Migration):
    """Without a scope no holder is visible."""

    dependencies = (("holders", "0001_initial"), ("storage", "0001_initial"))
    operations = (
        protect(
            "holders_delegation",
            read=f"person_id = {HOLDER} OR organisation_id = {HOLDER} OR {SOURCE}",
            write=f"organisation_id = {HOLDER} OR {SOURCE}",
        ),
        protect("holders_holder", read=f"id = {HOLDER} OR {AGENCY} IS NOT NULL OR {ENTRUSTED} OR {SOURCE}", write=SOURCE),
    )
