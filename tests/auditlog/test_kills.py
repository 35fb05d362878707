"""Killed before every single step to disk or database: nothing is lost, nothing sealed twice, nothing published taken back."""

from __future__ import annotations

import base64
import os
import subprocess
import sys

import pytest
from hypothesis import settings

from liangzheng.auditlog.log_files import CHECKPOINT
from liangzheng.auditlog.note import read_checkpoint, read_note
from liangzheng.auditlog.verify_log import Report, verify_tree
from liangzheng.auditlog.verify_rows import verify_rows
from liangzheng.crypto.ed25519 import Ed25519PrivateKey
from liangzheng.crypto.sm2 import SM2PrivateKey
from liangzheng.server.database import APP_ROLE
from tests.auditlog.logs import Log

START = "import django; django.setup(); from tests.auditlog.killed_sealer import main; main()"


@pytest.mark.parametrize("waiting", [40, 255])
def test_a_sealer_killed_anywhere_goes_on(log: Log, waiting: int, capsys: pytest.CaptureFixture[str]) -> None:
    if waiting > 40 and settings.get_current_profile_name() != "prove":
        waiting = 15  # otherwise a tile becomes full at nearly every step, which takes its time
    folder = log.files.folder.parent
    for kind, key in log.signer.keys:
        assert isinstance(key, Ed25519PrivateKey | SM2PrivateKey)
        (folder / f"{kind}.pem").write_bytes(key.to_pem())
    address = f"postgresql://{APP_ROLE}@/{log.database}?host={log.postgres.socket}&port=5432"
    environment = os.environ | {"DATABASE_URL": address, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    command = [sys.executable, "-c", START, str(folder), str(waiting)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=500)
    assert done.returncode == 0, done.stderr
    lines = [line.split(" ") for line in done.stdout.splitlines()]
    kills = [line for line in lines if line[1] != "0"]
    assert len(kills) > 30, "control: it was killed at many places"
    known: dict[int, bytes] = {}
    last = 0
    for line in lines:
        if line[2]:
            checkpoint = read_checkpoint(read_note(base64.b64decode(line[2])).text)
            assert checkpoint.size >= last
            assert known.setdefault(checkpoint.size, checkpoint.root) == checkpoint.root
            last = checkpoint.size
    note = read_note(log.files.read(CHECKPOINT))
    now = read_checkpoint(note.text)
    report = Report()
    bundles = verify_tree(log.files.read, now, {size: root for size, root in known.items() if size}, report)
    verify_rows(bundles, now.size, now.root, report)
    assert (now.size, report.findings) == (len(lines) * waiting, [])
    with capsys.disabled():
        sys.stdout.write(
            f"\nsealer killed at {len(kills)} steps, {now.size} entries, {len(known)} published states, all one history\n"
        )
