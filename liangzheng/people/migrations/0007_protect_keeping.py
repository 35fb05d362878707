"""Row-level security: decisions about certificates are an agency's own and written once; a delegation is public, its writer is not."""

from __future__ import annotations

from django.db import migrations

from liangzheng.storage.tenancy import OWN_AGENCY, allow_only, protect


class Migration(migrations.Migration):
    """Accounts, posts and ways of signing in hold no row of an agency's work and stay readable before a scope is known."""

    dependencies = (("people", "0006_posts_and_powers"),)
    operations = (
        protect("people_certificateevent", read=OWN_AGENCY),
        allow_only("people_certificateevent", "SELECT, INSERT"),
        protect("people_powerdelegation", read="true", write=OWN_AGENCY),
        allow_only("people_powerdelegation", "SELECT, INSERT, UPDATE (revoked_at)"),
        allow_only("people_postgrant", "SELECT, INSERT, UPDATE (approved_by, approved_at, ended_by, ended_at)"),
        allow_only("people_signin", "SELECT, INSERT, UPDATE (seen_at, factor, device_id, proved_at, ended_at), DELETE"),
    )
