"""`liangzheng log verify`: where the bytes of a log come from, what it is held to, and the time stamps on it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx

from liangzheng.auditlog.log_files import CHECKPOINT, COSIGNED, LogFiles
from liangzheng.auditlog.note import Checkpoint, MalformedNote, NoteKey, read_checkpoint, read_note
from liangzheng.auditlog.receipt import read_receipt
from liangzheng.auditlog.stopped import LogStopped
from liangzheng.auditlog.verify_log import Read, Report, open_checkpoint, verify_tree
from liangzheng.formats.timestamp import MalformedTimestamp, token_of_response
from liangzheng.server.list_files import read_material
from liangzheng.verification.issuer_checks import Setting
from liangzheng.verification.timestamp_checks import judge_timestamp
from liangzheng.verification.trust_anchors import resolve

_TIMEOUT = 10.0
_LARGEST = 1024 * 1024  # bytes; a full bundle of this log has 8,704
_OK = 200
_STAMPED = re.compile(r"([1-9][0-9]*)\.checkpoint")


class LogUnreadableError(Exception):
    """There is no log to check; the message is for the operator."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the log is held to: its keys, so many of these witnesses, older states, roots of time-stamp authorities."""

    keys: Sequence[NoteKey] = ()
    witnesses: Sequence[NoteKey] = ()
    quorum: int = 0
    since: Sequence[Path] = ()
    trust: Sequence[Path] = ()


def check_log(place: str, wanted: Wanted) -> Report:
    """Check a log by its address or folder. LogUnreadableError when there is none."""
    with _reader(place) as read:
        report, checkpoint, known = _begin(read, wanted, place)
        if checkpoint:
            for _bundle in verify_tree(read, checkpoint, known, report):
                pass
    return report


def check_own_log(wanted: Wanted) -> Report:
    """Check this machine's log together with its rows; the keys are its own unless others are given."""
    import django

    from liangzheng.server import startup

    with startup.database():
        django.setup()
        from liangzheng.auditlog.sealing import log_files, log_signer
        from liangzheng.auditlog.verify_rows import verify_rows

        own = Wanted(wanted.keys or log_signer().public, wanted.witnesses, wanted.quorum, wanted.since, wanted.trust)
        files = log_files()
        report, checkpoint, known = _begin(files.read, own, str(files.folder))
        if checkpoint:
            verify_rows(verify_tree(files.read, checkpoint, known, report), checkpoint.size, checkpoint.root, report)
    return report


def _begin(read: Read, wanted: Wanted, place: str) -> tuple[Report, Checkpoint | None, dict[int, bytes]]:
    report = Report()
    known: dict[int, bytes] = {}
    try:
        data = read(CHECKPOINT)
    except LogStopped as stopped:
        raise LogUnreadableError(f"no log at {place}: {stopped}") from stopped
    checkpoint = open_checkpoint(data, wanted.keys, report, CHECKPOINT)
    if checkpoint and not report.findings:
        report.signed_by = [key.vkey for key in wanted.keys]
    for path in wanted.since:
        _remember(_older(path, wanted.keys, report), known, report)
    _cosigned(read, wanted, known, report)
    for older in _stamped(read, wanted, report, place):
        _remember(older, known, report)
    return report, checkpoint, known


def _remember(checkpoint: Checkpoint | None, known: dict[int, bytes], report: Report) -> None:
    if checkpoint and checkpoint.size and known.setdefault(checkpoint.size, checkpoint.root) != checkpoint.root:
        report.add(f"state of {checkpoint.size} entries: signed with two different roots")


def _older(path: Path, keys: Sequence[NoteKey], report: Report) -> Checkpoint | None:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise LogUnreadableError(f"{path} cannot be read") from error
    try:
        if data.startswith(b"c2sp.org/tlog-proof"):
            receipt = read_receipt(data)
            return receipt.verify(keys)[0] if keys else read_checkpoint(receipt.note.text)
    except (MalformedNote, ValueError) as error:
        report.add(f"{path.name}: {error}")
        return None
    return open_checkpoint(data, keys, report, path.name)


def _cosigned(read: Read, wanted: Wanted, known: dict[int, bytes], report: Report) -> None:
    """Hold the last cosigned checkpoint to the witnesses; it is an older state of the log as well."""
    try:
        data = read(COSIGNED)
    except LogStopped:
        data = b""
    if data:
        _remember(open_checkpoint(data, wanted.keys, report, COSIGNED), known, report)
        try:
            report.cosigned_by = [key.vkey for key in read_note(data).signed_by(wanted.witnesses)]
        except MalformedNote as error:
            report.add(f"{COSIGNED}: {error}")
    if len(report.cosigned_by) < wanted.quorum:
        report.add(f"{len(report.cosigned_by)} witnesses cosigned, {wanted.quorum} are wanted")


def _stamped(read: Read, wanted: Wanted, report: Report, place: str) -> Iterator[Checkpoint | None]:
    """Judge the time stamps in a folder, if roots were given; each gives an older state."""
    folder = Path(place) / "stamps"
    if not wanted.trust or not folder.is_dir():
        return
    now = datetime.now(UTC)
    setting = Setting(resolve(read_material(list(wanted.trust)), now), None)
    for path in sorted(folder.iterdir()):
        if found := _STAMPED.fullmatch(path.name):
            try:
                data, reply = read(f"stamps/{path.name}"), read(f"stamps/{found[1]}.tsr")
                stamp = judge_timestamp(token_of_response(reply), data, setting)
            except (LogStopped, MalformedTimestamp) as error:
                report.add(f"stamps/{found[1]}: {error}")
                continue
            if stamp.state != "valid":
                report.add(f"stamps/{found[1]}: {stamp.check.reason} {stamp.check.detail}")
            yield open_checkpoint(data, wanted.keys, report, f"stamps/{path.name}")


@contextmanager
def _reader(place: str) -> Iterator[Read]:
    if not place.startswith(("http://", "https://")):
        yield LogFiles(Path(place)).read
        return
    with httpx.Client(timeout=_TIMEOUT, follow_redirects=False) as client:

        def read(name: str) -> bytes:
            try:
                with client.stream("GET", f"{place.rstrip('/')}/{name}") as answer:
                    body = bytearray()
                    for part in answer.iter_bytes():
                        body += part
                        if len(body) > _LARGEST:
                            raise LogStopped("files_damaged", name)
            except httpx.HTTPError as error:
                raise LogUnreadableError(f"{place}/{name}: {type(error).__name__}") from error
            if answer.status_code != _OK:
                raise LogStopped("file_missing", name)
            return bytes(body)

        yield read
