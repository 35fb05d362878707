"""实体证照免提交: keep a licence's original file as an exhibit, with both digests and the report of what was checked.

The bytes are durable before the row that names them. Invalid or unconfirmable files are kept as what they are.
"""

from __future__ import annotations

import json
from datetime import datetime
from uuid import UUID

from liangzheng.auditlog.append import append
from liangzheng.cases.acts import find_act, lock_act, require_open
from liangzheng.cases.models import Act
from liangzheng.errors import Malformed, NotFound, Refused
from liangzheng.evidence.keep import Original, keep_exhibit
from liangzheng.evidence.models import Exhibit
from liangzheng.formats.unreadable import UnreadableFile
from liangzheng.licences.models import Licence
from liangzheng.onsite.scan import find_scan
from liangzheng.onsite.trail import trail_of
from liangzheng.people.sessions import Actor
from liangzheng.storage.objects import keep_object, read_object
from liangzheng.storage.tenancy import acting
from liangzheng.verification.models import Scan
from liangzheng.verification.verify import judge_document

LARGEST_UPLOAD = 20 * 1024 * 1024  # bytes, compressed; the reader limits the inflated size itself


def keep_scanned(actor: Actor, act_id: UUID, scan_id: UUID, now: datetime) -> Exhibit:
    """Keep the original file behind a scan of this act."""
    with acting(actor.scope):
        act = lock_act(act_id, actor.user)
        require_open(act, now)
        scan = find_scan(scan_id, act)
        licence = Licence.objects.select_related("holder").filter(pk=scan.licence).first() if scan.licence else None
        if licence is None:
            raise Refused("scan_not_valid", "这次扫码没有打开证照，不能留存。")
        if not licence.file:
            raise Refused("no_licence_file", "发证机关没有提供该证照的版式文件，请改为拍摄实体证照。")
        original = Original(
            data=read_object(licence.file),
            kind="licence_file",
            title=licence.type_name,
            standing=scan.counted_standing,
            report=json.dumps(
                {"scan": scan.counted_verdict, "file": _file_report(read_object(licence.file), now)}, ensure_ascii=False
            ),
            scan=scan.pk,
            licence=licence.pk,
            is_demo=licence.is_demo,
        )
        return _keep(actor, act, original, licence.holder_id, now)


def _file_report(data: bytes, now: datetime) -> dict[str, object]:
    try:
        return judge_document(data, now).to_json()
    except UnreadableFile as error:
        return {"standing": "cannot_confirm", "reasons": ["file_unreadable"], "detail": error.reason}


def keep_uploaded(actor: Actor, act_id: UUID, name: str, data: bytes, now: datetime) -> Exhibit:
    """Judge a licence file handed over on site and keep it with that verdict, whatever it is."""
    if len(data) > LARGEST_UPLOAD:
        raise Malformed("file_too_large", "文件超过 20 MB，无法接收。")
    try:
        report = judge_document(data, now)
    except UnreadableFile as error:
        raise Malformed("file_unreadable", "这不是可以读取的 OFD 或者 PDF 版式文件。", cause=error.reason) from error
    # The object is durable before the transaction that names it begins; without a row it is swept later, never missed.
    keep_object(data)
    with acting(actor.scope):
        act = lock_act(act_id, actor.user)
        require_open(act, now)
        original = Original(
            data=data,
            kind="uploaded_file",
            title=name[:120] or "上传的版式文件",
            standing=report.verdict.standing.value,
            report=json.dumps({"file": report.to_json()}, ensure_ascii=False),
            is_demo=report.is_demo,
        )
        return _keep(actor, act, original, None, now)


def _keep(actor: Actor, act: Act, original: Original, holder: UUID | None, now: datetime) -> Exhibit:
    exhibit, is_new = keep_exhibit(act, original, actor.user, now)
    if is_new:
        result = f"sm3:{exhibit.sm3}"
        subject = ("licence", original.licence) if original.licence else ("exhibit", exhibit.pk)
        append([trail_of(actor, act).event("keep_exhibit", now, subject=subject, holder=holder, result=result)])
    return exhibit


def answer_photo(actor: Actor, act_id: UUID, scan_id: UUID, now: datetime, *, is_match: bool) -> Scan:
    """Write down whether the person in front of the officer is the one on the photo."""
    with acting(actor.scope):
        act = lock_act(act_id, actor.user)
        scan = find_scan(scan_id, act)
        Scan.objects.filter(pk=scan.pk).update(photo_match=is_match)
        scan.photo_match = is_match
        result = "match" if is_match else "no_match"
        subject = ("licence", scan.licence) if scan.licence else ("scan", scan.pk)
        append([trail_of(actor, act).event("photo_compared", now, subject=subject, holder=scan.holder, result=result)])
        return scan


def open_exhibit(actor: Actor, act_id: UUID, exhibit_id: UUID, now: datetime) -> Exhibit:
    """Find an exhibit of an act of this officer, and log that it is opened."""
    with acting(actor.scope):
        act = find_act(act_id, actor.user)
        exhibit = Exhibit.objects.filter(pk=exhibit_id, act=act).first()
        if exhibit is None:
            raise NotFound("exhibit_not_found", "没有这件证据。")
        licence = Licence.objects.filter(pk=exhibit.licence).first() if exhibit.licence else None
        subject = ("licence", licence.pk) if licence else ("exhibit", exhibit.pk)
        append([trail_of(actor, act).event("read_exhibit", now, subject=subject, holder=licence.holder_id if licence else None)])
        return exhibit
