"""What the trust files come to for codes judged without the platform: keys of credentials, status lists as snapshots. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from liangzheng.codes.offline_code import key_id
from liangzheng.formats.status_list import MalformedStatusList, read_status_list
from liangzheng.verification.field_pack import CodeKey, StatusSnapshot
from liangzheng.verification.trust_anchors import Trust


def listed_code_keys(trust: Trust) -> Mapping[bytes, CodeKey]:
    """Give the keys of the lists that can be relied upon, by key id; distrust counts whichever list says it."""
    found: dict[bytes, CodeKey] = {}
    for entry in trust.code_keys:
        key = entry.public_key
        if key is not None and entry.trusted_from <= trust.at:
            since = trust.distrust.get(key.spki)
            start = int(entry.trusted_from.timestamp())
            found[key_id(key)] = CodeKey(key, start, int(since.timestamp()) if since else None)
    return found


def listed_statuses(trust: Trust) -> Mapping[str, StatusSnapshot]:
    """Give the status lists that can be relied upon, by address; of several of one address the newest."""
    found: dict[str, StatusSnapshot] = {}
    for token in trust.material.status_tokens:
        try:
            listed = read_status_list(token)
        except MalformedStatusList:
            continue
        if trust.status_list_fault(listed, trust.every_root(trust.at)):
            continue
        times = (int(listed.issued_at.timestamp()), int(listed.expires_at.timestamp()))
        if listed.uri not in found or times[0] > found[listed.uri].issued_at:
            found[listed.uri] = StatusSnapshot(*times, listed.bits, listed.packed)
    return found
