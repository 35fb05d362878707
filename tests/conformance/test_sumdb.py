"""Whatever a superuser changes in rows or files is found, by our verifier and by one that is not ours."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from django.db import connection, transaction
from hypothesis import settings

from dev import golang
from liangzheng.auditlog.erase import erase_holder
from liangzheng.auditlog.log_files import CHECKPOINT
from liangzheng.auditlog.note import read_checkpoint, read_note
from liangzheng.auditlog.rows import export_rows, sealing
from liangzheng.auditlog.verify_log import Report, verify_tree
from liangzheng.auditlog.verify_rows import verify_rows
from liangzheng.server.database import OWNER_ROLE
from liangzheng.server.postgres import SUPERUSER
from tests.auditlog.conftest import log, log_database  # noqa: F401 - fixtures
from tests.auditlog.logs import Log, connected, write
from tests.auditlog.tampering import Files, Rows

ENTRIES, CHANGES = 600, 60


def sizes() -> tuple[int, int]:
    """Entries of the log and changes of each kind."""
    return (5000, 5000) if settings.get_current_profile_name() == "prove" else (ENTRIES, CHANGES)


class Independent:
    """The checker in Go: one process, many questions."""

    def __init__(self, program: Path, sealed: Log, pinned: Path) -> None:
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.start = f"{sealed.signer.public[0].vkey}\t{pinned}\t{sealed.files.folder}"

    def ask(self, rows: Path | None = None) -> str:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{self.start}\t{rows or ''}\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def end(self) -> None:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(10)


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if golang.main():
        pytest.skip("NOT CHECKED INDEPENDENTLY: Go and golang.org/x/mod/sumdb cannot be installed here")
    target = tmp_path_factory.mktemp("go") / "logcheck"
    golang.build_logcheck(target)
    return target


@pytest.fixture
def sealed(log: Log) -> Log:  # noqa: F811 - the fixture
    """A log of some days; its last third came after the pinned checkpoint."""
    size, _changes = sizes()
    write(size * 2 // 3)
    log.seal()
    (log.files.folder.parent / "pinned").write_bytes(log.files.read(CHECKPOINT))
    write(size - size * 2 // 3, first=size * 2 // 3)
    assert log.seal() == size
    return log


@pytest.fixture
def independent(program: Path, sealed: Log) -> Iterator[Independent]:
    checker = Independent(program, sealed, sealed.files.folder.parent / "pinned")
    yield checker
    checker.end()


def ours(sealed: Log) -> list[str]:
    """Our own verifier, over the rows as they are in this transaction."""
    report = Report()
    checkpoint = read_checkpoint(read_note(sealed.files.read(CHECKPOINT)).text)
    verify_rows(verify_tree(sealed.files.read, checkpoint, {}, report), checkpoint.size, checkpoint.root, report)
    return report.findings


def told(changes: Counter[str], title: str, capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        sys.stdout.write(f"\n{title}: {changes.total()} changes, all found; {json.dumps(changes)}\n")


def test_the_untouched_log_is_good(sealed: Log, independent: Independent, tmp_path: Path) -> None:
    size, _changes = sizes()
    rows = tmp_path / "rows"
    with sealing() as cursor:
        rows.write_text("".join(f"{line}\n" for line in export_rows(cursor)), encoding="utf-8")
    assert independent.ask() == f"ok {size}"
    assert independent.ask(rows) == f"ok {size}"
    assert ours(sealed) == []


def test_changes_by_a_superuser_are_found(
    sealed: Log, independent: Independent, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each is made in a transaction that is then undone; the log's files stay as they are."""
    size, changes = sizes()
    randomness = random.Random(2026)  # noqa: S311 - repeatable
    found, rows = Counter[str](), tmp_path / "rows"
    with connected(sealed.database, SUPERUSER):
        for number in range(changes):
            with transaction.atomic(), connection.cursor() as cursor:
                name = Rows(size, randomness).change(cursor.connection.cursor(), number)
                lines = export_rows(cursor)
                rows.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
                answer = independent.ask(rows)
                assert answer.startswith("FAIL"), (name, answer)
                if number % 20 == 0:
                    assert ours(sealed), name
                found[name] += 1
                transaction.set_rollback(True)
    told(found, "rows and order", capsys)
    assert independent.ask() == f"ok {size}", "control: the files alone cannot show a changed row"


def test_changes_of_files_are_found(sealed: Log, independent: Independent, capsys: pytest.CaptureFixture[str]) -> None:
    size, changes = sizes()
    randomness, found = random.Random(2027), Counter[str]()  # noqa: S311 - repeatable
    files = Files(sealed.files.folder, size, randomness)
    for number in range(changes):
        with files.changed() as name:
            answer = independent.ask()
            assert answer.startswith("FAIL"), (name, answer)
            if number % 20 == 0:
                assert is_found_by_us(sealed), name
            found[name.split()[0]] += 1
    told(found, "files", capsys)
    assert independent.ask() == f"ok {size}"


def is_found_by_us(sealed: Log) -> bool:
    try:
        note = read_note(sealed.files.read(CHECKPOINT))
        note.signed_by(sealed.signer.public)
        return bool(ours(sealed))
    except Exception as error:  # noqa: BLE001 - whatever it says, it does not say that the log is good
        return bool(error)


def test_a_rewritten_log_with_our_own_keys_is_found_by_whoever_kept_a_checkpoint(sealed: Log, independent: Independent) -> None:
    """The strongest insider: all rights, all keys. He seals a history without one look-up; only the pinned checkpoint tells."""
    size, _changes = sizes()
    with sealed.superuser() as superuser:
        superuser.execute("DELETE FROM auditlog_logentry WHERE id = (SELECT entry FROM auditlog_leaf WHERE index = 17)")
        superuser.execute("TRUNCATE auditlog_leaf, auditlog_treehead")
    rewritten = Log(sealed.database, type(sealed.files)(sealed.files.folder.parent / "rewritten"), sealed.signer, sealed.postgres)
    assert rewritten.seal() == size - 1
    assert ours(rewritten) == [], "by itself it fits together"
    independent.start = independent.start.replace(str(sealed.files.folder), str(rewritten.files.folder))
    assert independent.ask().startswith("FAIL")
    independent.start = independent.start.replace(
        str(sealed.files.folder.parent / "pinned"), str(rewritten.files.folder / CHECKPOINT)
    )
    assert independent.ask() == f"ok {size - 1}", "control: without an older checkpoint nobody can tell"


def test_an_erased_person_is_gone_and_the_log_still_holds(sealed: Log, independent: Independent, tmp_path: Path) -> None:
    size, _changes = sizes()
    person = UUID("019aa5e0-7c00-7a5b-8c3d-eeeeeeeeeeee")
    write(3, holder=person, first=size)
    sealed.seal()
    with connected(sealed.database, OWNER_ROLE):
        assert erase_holder(person, datetime(2027, 1, 1, tzinfo=UTC), "保存期满") == 3
    assert sealed.seal() == size + 6
    with sealing() as cursor:
        text = "".join(f"{line}\n" for line in export_rows(cursor))
    assert str(person) not in text
    rows = tmp_path / "rows"
    rows.write_text(text, encoding="utf-8")
    assert independent.ask(rows) == f"ok {size + 6}"
    assert ours(sealed) == []
