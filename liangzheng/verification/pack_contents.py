"""What goes into a field pack: whom to believe for off-line codes, the status lists, which types of licence are usable where."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.conf import settings

from liangzheng.catalogue.models import LicenceTypeEntry
from liangzheng.catalogue.read import read_licence_type
from liangzheng.codes.credential_status import credential_statuses, list_size
from liangzheng.codes.offline_code import key_id
from liangzheng.codes.offline_issue import status_uri
from liangzheng.formats.status_list import Status
from liangzheng.people.certificates import today_in_china
from liangzheng.storage.keystore import credential_key
from liangzheng.verification.field_pack import CodeKey, Physical, StatusSnapshot
from liangzheng.verification.offline import STATUS_REASONS
from liangzheng.verification.pack_trust import listed_code_keys, listed_statuses
from liangzheng.verification.trust import trust_material
from liangzheng.verification.trust_anchors import resolve

_PLACES = 4096
"""The own list is padded to a multiple, so that a credential issued after the pack has a place in it: it was valid then."""
_BITS = 4


def code_keys(now: datetime) -> Mapping[bytes, CodeKey]:
    """Give the keys whose credentials this platform's phones believe: its own, and those of the trust lists."""
    key, trust = credential_key().public_key, resolve(trust_material(), now)
    since = trust.distrust.get(key.spki)
    own = CodeKey(key, trusted_from=0, distrusted_since=int(since.timestamp()) if since else None)
    return {**listed_code_keys(trust), key_id(key): own}


def status_snapshots(now: datetime) -> Mapping[str, StatusSnapshot]:
    """Give the platform's own list as of now, and the issuers' lists of the trust folder that can be relied upon now."""
    size = -(-list_size() // _PLACES) * _PLACES
    until = now + timedelta(hours=settings.PACK_HOURS)
    own = StatusSnapshot(
        issued_at=int(now.timestamp()),
        expires_at=int(until.timestamp()),
        bits=_BITS,
        packed=_packed(credential_statuses(now), size),
    )
    return {**listed_statuses(resolve(trust_material(), now)), status_uri(): own}


def _packed(statuses: Mapping[int, Status], size: int) -> bytes:
    numbers = {reason: number for number, reason in STATUS_REASONS.items()}
    packed = bytearray(size // 2)
    for index, status in statuses.items():
        packed[index // 2] |= numbers[status.value] << _BITS * (index % 2)
    return bytes(packed)


def usable_types(region: str, now: datetime) -> Mapping[str, Physical]:
    """Give the types on the usable list of the region today, by type code."""
    day = today_in_china(now)
    in_force: dict[str, Physical] = {}
    for entry in LicenceTypeEntry.objects.filter(effective_from__lte=day).order_by("version"):
        in_force.pop(entry.type_code, None)
        if entry.effective_to is not None and day > entry.effective_to:
            continue
        licence_type = read_licence_type(entry.record)
        if not licence_type.is_listed(region, day):
            continue
        rule = licence_type.physical_requirement(region, day)
        if rule is not None and rule.policy == "physical_required":
            in_force[entry.type_code] = "required"
        else:
            in_force[entry.type_code] = "accepted" if rule is not None and rule.is_confirmed else "unconfirmed"
    return in_force
