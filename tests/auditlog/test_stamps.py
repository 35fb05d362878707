"""The hour is stamped by an authority over HTTP; what it did not stamp, or for somebody else, is not kept."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from liangzheng.auditlog.log_files import CHECKPOINT, LogFiles
from liangzheng.auditlog.merkle import Growth, leaf_hash
from liangzheng.auditlog.note import Note
from liangzheng.auditlog.stamps import NotStamped, stamp
from liangzheng.formats.timestamp import MalformedTimestamp, read_timestamp, token_of_response
from liangzheng.formats.timestamp_request import read_timestamp_request, timestamp_request
from liangzheng.server.log_check import Wanted, check_log
from tests.auditlog.logs import new_signer
from tests.auditlog.neighbours import Answer, honest, serving_authority
from tests.verification.time_authority import found_root, found_time_authority


@pytest.fixture
def files(tmp_path: Path) -> LogFiles:
    return LogFiles(tmp_path / "log")


def published(files: LogFiles) -> Note:
    tree, entries = Growth(), [bytes([number]) * 32 for number in range(5)]
    assert not list(tree.append(map(leaf_hash, entries)))
    files.write_tree([], tree, entries, 0)
    note = new_signer().sign(5, tree.root())
    files.replace(CHECKPOINT, note.encoded)
    return note


@pytest.mark.parametrize("kind", ["P-256", "SM2"])
def test_a_checkpoint_is_stamped_and_the_stamp_is_judged_with_the_log(files: LogFiles, tmp_path: Path, kind: str) -> None:
    root = found_root(kind)
    authority = found_time_authority(root.certificate, root.key, kind=kind)
    note = published(files)
    with serving_authority(honest(authority)) as url:
        assert stamp(note, url, files) == 5
    trust = tmp_path / "trust"
    trust.mkdir()
    (trust / "root.cer").write_bytes(root.certificate.der)
    now = datetime.now(UTC)
    (trust / "root.crl").write_bytes(root.crl(now.replace(hour=0), now.replace(year=now.year + 1)).der)
    assert check_log(str(files.folder), Wanted(trust=(trust,))).findings == []
    strangers = tmp_path / "strangers"
    strangers.mkdir()
    (strangers / "root.cer").write_bytes(found_root().certificate.der)
    (finding,) = check_log(str(files.folder), Wanted(trust=(strangers,))).findings
    assert "timestamp_untrusted" in finding
    (files.folder / "stamps" / "5.checkpoint").write_bytes(note.encoded + b"\xe2\x80\x94 x AAAAAAAA\n")
    assert any("timestamp_invalid" in finding for finding in check_log(str(files.folder), Wanted(trust=(trust,))).findings)


def test_what_is_not_our_stamp_is_not_kept(files: LogFiles) -> None:
    root = found_root()
    authority = found_time_authority(root.certificate, root.key)
    note = published(files)
    wrong: dict[str, tuple[Answer, int]] = {
        "another number": (honest(authority, shift=1), 200),
        "other bytes": (honest(authority, imprint=bytes(32)), 200),
        "not granted": (lambda _request: b"\x30\x05\x30\x03\x02\x01\x02", 200),
        "nonsense": (lambda _request: b"no", 200),
        "too long": (lambda _request: bytes(70_000), 200),
        "an error": (honest(authority), 500),
    }
    for name, (answer, status) in wrong.items():
        with serving_authority(answer, status) as url, pytest.raises(NotStamped):
            stamp(note, url, files)
        assert not (files.folder / "stamps").exists(), name
    with pytest.raises(NotStamped):
        stamp(note, "http://127.0.0.1:9/tsa", files)
    with serving_authority(honest(authority)) as url:
        assert stamp(note, url, files) == 5, "control: the honest answer is kept"
    read_timestamp(token_of_response(files.read("stamps/5.tsr")))


def test_a_request_is_read_strictly() -> None:
    request = timestamp_request(b"x", 2**62)
    assert read_timestamp_request(request).nonce == 2**62
    for place in range(len(request)):
        for changed in (request[:place], request[:place] + bytes([request[place] ^ 0x20]) + request[place + 1 :]):
            try:
                read_timestamp_request(changed)
            except MalformedTimestamp:
                continue
            assert len(changed) == len(request)
