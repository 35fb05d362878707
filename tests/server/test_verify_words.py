"""`liangzheng verify` for people and for pipes: explanations in two languages, standard input, folders, missing files."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from liangzheng.formats.ofd.archive import MAX_FILE
from liangzheng.formats.status_list import Status
from liangzheng.server import verify_command
from liangzheng.server.verify_command import main
from liangzheng.server.verify_report import _UNREADABLE
from tests.verification.sealed_licence import NOW, Authority, found_authority, repacked

AT = ["--at", NOW.isoformat()]


@pytest.fixture(scope="module")
def authority() -> Authority:
    return found_authority()


@pytest.fixture
def folder(tmp_path: Path, authority: Authority) -> Path:
    """`files/` with a good licence, and `trust/`."""
    for name in ("files", "trust"):
        (tmp_path / name).mkdir()
    (tmp_path / "files" / "good.ofd").write_bytes(authority.licence())
    (tmp_path / "trust" / "root.cer").write_bytes(authority.root.der)
    (tmp_path / "trust" / "root.crl").write_bytes(authority.crl().der)
    (tmp_path / "trust" / "status.jwt").write_bytes(authority.status_token(Status.VALID))
    return tmp_path


def said(capsys: pytest.CaptureFixture[str], *words: str | Path) -> tuple[int, str, str]:
    code = main([*map(str, words), *AT])
    written = capsys.readouterr()
    return code, written.out, written.err


def given(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    """Put these bytes at the command's standard input."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))


def test_standard_input_is_one_file(
    folder: Path, authority: Authority, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given(monkeypatch, authority.licence())
    code, out, _ = said(capsys, "-", "--trust", folder / "trust", "--json")
    assert (code, json.loads(out)["standing"], json.loads(out)["file"]) == (0, "valid", "-")
    given(monkeypatch, b"")
    assert said(capsys, "-")[0] == 3


def test_no_more_of_standard_input_is_read_than_a_file_may_have(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Endless(io.RawIOBase):
        taken = 0

        def readable(self) -> bool:
            return True

        def read(self, size: int = -1) -> bytes:
            assert size >= 0, "everything was asked for"
            Endless.taken += size
            return b"PK\x03\x04" + bytes(size - 4)

    endless = Endless()
    monkeypatch.setattr(sys, "stdin", type("Input", (), {"buffer": endless})())
    code, out, _ = said(capsys, "-", "--json")
    assert (code, json.loads(out)["checks"][0]["detail"], endless.taken) == (3, "too_large", MAX_FILE + 1)


def test_among_many_files_standard_input_is_judged_too(
    folder: Path, authority: Authority, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given(monkeypatch, authority.licence())
    good = folder / "files" / "good.ofd"
    code, out, err = said(capsys, *[good] * 9, "-", "--trust", folder / "trust", "--json")
    assert (code, [json.loads(line)["standing"] for line in out.splitlines()]) == (0, ["valid"] * 10)
    assert "有效 10，共 10 个文件" in err


def test_a_folder_is_searched_and_counted(folder: Path, authority: Authority, capsys: pytest.CaptureFixture[str]) -> None:
    files = folder / "files"
    for number in range(9):  # so many that readers of their own do it
        (files / f"{number}.ofd").write_bytes(authority.licence())
    (files / "note.txt").write_bytes(b"a note")
    (files / ".hidden.ofd").write_bytes(b"x")
    code, out, err = said(capsys, files, "--trust", folder / "trust", "--json")
    reports = [json.loads(line) for line in out.splitlines()]
    assert (code, [report["standing"] for report in reports]) == (3, ["valid"] * 10 + ["unreadable"])
    assert [report["file"] for report in reports] == sorted(report["file"] for report in reports)
    assert "有效 10、无法读取 1，共 11 个文件" in err


def test_the_worst_of_several_counts_and_an_empty_folder_is_nothing(
    folder: Path, authority: Authority, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad = folder / "files" / "good.ofd", folder / "bad.ofd"
    bad.write_bytes(repacked(authority.licence(), {"Doc_0/Res/photo.png": b"another face"}))
    trust = ("--trust", folder / "trust")
    assert said(capsys, good, *trust)[0] == 0
    assert said(capsys, good, bad, *trust)[0] == 1
    assert said(capsys, good, bad)[0] == 1, "what is altered is worse than what cannot be confirmed"
    assert said(capsys, good)[0] == 2
    assert said(capsys, good, bad, folder / "missing.ofd", *trust)[0] == 3
    (folder / "empty").mkdir()
    assert said(capsys, folder / "empty") == (0, "", "")


def test_how_far_it_is_is_told_on_a_terminal_alone(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    good = folder / "files" / "good.ofd"
    assert "\r" not in said(capsys, *[good] * 9)[2]
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert "\r9/9\n" in said(capsys, *[good] * 9)[2]


def test_a_missing_file_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = said(capsys, tmp_path / "missing.ofd")
    assert code == 3
    assert "文件不存在或者无法打开（not_found）" in out


def test_a_good_licence_is_explained(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, trust = folder / "files" / "good.ofd", ("--trust", folder / "trust")
    code, out, _ = said(capsys, good, *trust, "--explain")
    assert code == 0
    for text in ("结论：有效", "已核验通过：", "这里没有核验：", "签章：烟台市交通运输局（演示）证照专用章"):
        assert text in out
    assert "✗" not in out
    code, out, _ = said(capsys, good, *trust, "--explain", "--lang", "en")
    for text in ("Result: ", "Checked and in order: ", "Not checked here: "):
        assert text in out


def test_what_is_open_is_explained_with_what_to_do(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = said(capsys, folder / "files" / "good.ofd", "--explain")
    assert code == 2
    for text in ("没有通过或者无法确认：", "✗ ", "说明：", "怎么办："):
        assert text in out
    out = said(capsys, folder / "files" / "good.ofd", "--explain", "--lang", "en")[1]
    for text in ("Not in order, or not to be confirmed:", "✗ ", "What to do: "):
        assert text in out


def test_every_check_is_listed_in_english(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = said(capsys, folder / "files" / "good.ofd", "--trust", folder / "trust", "--lang", "en")
    assert code == 0
    assert out.count(". pass　") == 14, "the time stamp is the one that does not apply"
    assert "not applicable" in out
    assert not [line for line in out.splitlines() if line.lstrip()[:2].isdigit() and "　" not in line]


@pytest.mark.parametrize("reason", _UNREADABLE)
def test_each_way_of_being_unreadable_has_words_in_both_languages(reason: str) -> None:
    chinese, english = _UNREADABLE[reason]
    assert not chinese.isascii()
    assert english.isascii()


def test_a_bad_trust_file_ends_it_before_any_file_is_judged(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "trust" / "bad.cer").write_bytes(b"x")
    code, out, err = said(capsys, *[folder / "files" / "good.ofd"] * 9, "--trust", folder / "trust")
    assert (code, out) == (verify_command.WRONG_CALL, "")
    assert "bad.cer" in err
