"""Issue field packs and hand out their parts. An issue is made when one is asked for and the newest is a few minutes old.

The manifest is signed at each delivery, because it carries the time of delivery; number and parts are the issue's.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction

from liangzheng.crypto.digests import sha256
from liangzheng.errors import NotFound
from liangzheng.storage.keystore import pack_key
from liangzheng.verification.field_pack import Limits
from liangzheng.verification.models import PackIssue, PackPart
from liangzheng.verification.pack_contents import code_keys, status_snapshots, usable_types
from liangzheng.verification.pack_wire import (
    CATALOGUE,
    STATUS,
    TRUST,
    Manifest,
    Part,
    write_delta,
    write_keys,
    write_manifest,
    write_status,
    write_usable,
)

EVERY = timedelta(minutes=5)
KEEP = timedelta(days=14)
"""How long a part is kept to make deltas from; an older phone loads the whole part."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """A signed manifest."""

    number: int
    manifest: bytes


def deliver_pack(region: str, now: datetime) -> Delivered:
    """Give the region's pack as it is now, signed with the time of now."""
    issue = _current(region, now) or _issue(region, now)
    rows = {row.sha256: row for row in PackPart.objects.filter(sha256__in=issue.parts).defer("packed")}
    parts = tuple(_part(rows[digest]) for digest in issue.parts)
    issued_at, expires_at, beacon = (int(moment.timestamp()) for moment in (issue.issued_at, issue.expires_at, now))
    manifest = Manifest(issue.number, issued_at, expires_at, beacon, parts, Limits())
    return Delivered(issue.number, write_manifest(manifest, pack_key()))


def _part(row: PackPart) -> Part:
    return Part(row.name, bytes.fromhex(row.sha256), row.size, row.kind)


def _current(region: str, now: datetime) -> PackIssue | None:
    return PackIssue.objects.filter(region=region, issued_at__gt=now - EVERY).order_by("-number").first()


def _issue(region: str, now: datetime) -> PackIssue:
    contents = _contents(region, now)  # read before the lock: each list has its own scope and transaction
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('liangzheng_field_pack'))")
        other = _current(region, now)
        if other is not None:
            return other
        digests = [_keep(name, kind, data, now) for name, kind, data in contents]
        newest = PackIssue.objects.order_by("-number").first()
        return PackIssue.objects.create(
            number=newest.number + 1 if newest else 1,
            region=region,
            issued_at=now,
            expires_at=now + timedelta(hours=settings.PACK_HOURS),
            parts=digests,
        )


def _contents(region: str, now: datetime) -> list[tuple[str, str, bytes]]:
    statuses = [(f"status:{uri}", STATUS, write_status(listed)) for uri, listed in sorted(status_snapshots(now).items())]
    trust, catalogue = write_keys(code_keys(now)), write_usable(usable_types(region, now))
    return [("trust", TRUST, trust), *statuses, ("catalogue", CATALOGUE, catalogue)]


def _keep(name: str, kind: str, data: bytes, now: datetime) -> str:
    digest = sha256(data).hex()
    PackPart.objects.get_or_create(
        sha256=digest,
        defaults={"name": name, "kind": kind, "size": len(data), "packed": zlib.compress(data, 9), "made_at": now},
    )
    return digest


def read_part(digest: str, since: str) -> tuple[str, bytes]:
    """Give a part as ("delta", …) against the older part `since`, where that is known and shorter, else ("zlib", …)."""
    part = PackPart.objects.filter(pk=digest).first()
    if part is None:
        raise NotFound("pack_part_not_found", "没有这个离线数据包分段，请重新获取。")
    packed = bytes(part.packed)
    older = PackPart.objects.filter(pk=since, name=part.name, kind=STATUS).first() if since else None
    if older is None:
        return "zlib", packed
    delta = write_delta(zlib.decompress(bytes(older.packed)), zlib.decompress(packed))
    return ("delta", delta) if len(delta) < len(packed) else ("zlib", packed)


def drop_old_parts(now: datetime) -> None:
    """Drop parts that no issue of the last two weeks names."""
    named = {digest for issue in PackIssue.objects.filter(issued_at__gt=now - KEEP) for digest in issue.parts}
    PackPart.objects.filter(made_at__lt=now - KEEP).exclude(sha256__in=named).delete()
