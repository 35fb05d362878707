"""The platform's own status list: for every place, whether what is shown there on that device may still be relied upon."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from liangzheng.codes.models import StatusSlot
from liangzheng.formats.status_list import Status
from liangzheng.holders.models import Delegation
from liangzheng.licences.models import Licence
from liangzheng.people.models import Agency, Device, EnforcementCertificate
from liangzheng.storage.tenancy import Scope, acting

_KNOWN = {status.value: status for status in Status if status is not Status.UNKNOWN}


def credential_statuses(now: datetime) -> Mapping[int, Status]:
    """Give every place that is not valid. A revoked device's places are lost, an ended delegation's withdrawn.

    Our status `expired` stands in the credential's own dates; any other word the list has no number for counts as withdrawn.
    """
    revoked = set(Device.objects.exclude(revoked_at=None).values_list("pk", flat=True))
    with acting(Scope(is_source=True)):
        bad = dict(Licence.objects.exclude(status__in=["valid", "expired"]).values_list("pk", "status"))
        ended = {row.pk for row in Delegation.objects.all() if row.revoked_at is not None or row.valid_to <= now}
    bad |= _bad_certificates()
    found: dict[int, Status] = {}
    # Of a million places few are not valid: only those are read.
    for slot in StatusSlot.objects.filter(Q(device__in=revoked) | Q(subject__in=bad.keys() | ended)).iterator():
        if slot.device in revoked:
            found[slot.index] = Status.LOST
        else:
            found[slot.index] = _KNOWN.get(bad.get(slot.subject, ""), Status.WITHDRAWN)
    return found


def list_size() -> int:
    """Give the number of places, used and unused."""
    newest = StatusSlot.objects.order_by("-index").first()
    return newest.index + 1 if newest else 1


def _bad_certificates() -> dict[UUID, str]:
    """Certificates are each agency's own, so they are read agency by agency."""
    found: dict[UUID, str] = {}
    for agency in Agency.objects.all():
        with acting(Scope(agency=agency.pk, region=agency.region_id)):
            found |= dict(EnforcementCertificate.objects.exclude(status="valid").values_list("pk", "status"))
    return found
