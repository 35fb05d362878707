"""A device is its account's and its agency's; an officer in an act also sees the device whose code he was shown.

Before anybody is known (signing in, handing in a queue) devices are found by their key alone, so no scope shows them.
"""

from __future__ import annotations

from django.db import migrations

from liangzheng.storage.tenancy import ACCOUNT, ACT, AGENCY, NOBODY_YET, protect

COLLEAGUES = f"EXISTS (SELECT 1 FROM people_user u WHERE u.id = people_device.user_id AND u.agency_id = {AGENCY})"  # noqa: S608
OWN = f"({NOBODY_YET}) OR user_id = {ACCOUNT} OR {COLLEAGUES}"
IN_AN_ACT = f"EXISTS (SELECT 1 FROM cases_act a WHERE a.id = {ACT})"  # noqa: S608 - under that table's own policies


class Migration(migrations.Migration):
    """Here, because the condition speaks of acts."""

    dependencies = (("cases", "0004_in_an_act"), ("people", "0007_protect_keeping"))
    operations = (protect("people_device", read=f"{OWN} OR {IN_AN_ACT}", write=OWN),)
