"""`liangzheng verify`: exit codes, JSON, Chinese words, and files that are none. It runs without Django."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from liangzheng.crypto.certificates import to_pem
from liangzheng.formats.status_list import Status
from liangzheng.server.verify_command import main
from tests.verification.sealed_licence import NOW, Authority, found_authority, repacked

AT = ["--at", NOW.isoformat()]


@pytest.fixture(scope="module")
def authority() -> Authority:
    return found_authority()


@pytest.fixture
def folder(tmp_path: Path, authority: Authority) -> Path:
    """A licence, and a trust folder with root, revocation list and status list."""
    (tmp_path / "licence.ofd").write_bytes(authority.licence())
    trust = tmp_path / "trust"
    trust.mkdir()
    (trust / "root.cer").write_bytes(authority.root.der)
    (trust / "root.crl").write_bytes(authority.crl().der)
    (trust / "status.jwt").write_bytes(authority.status_token(Status.VALID) + b"\n")
    (trust / "README.txt").write_text("not for trusting", "utf-8")
    return tmp_path


def judge(capsys: pytest.CaptureFixture[str], *words: str | Path) -> tuple[int, list[dict[str, object]]]:
    code = main([*map(str, words), *AT, "--json"])
    return code, [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_full_trust_gives_zero(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, (report,) = judge(capsys, folder / "licence.ofd", "--trust", folder / "trust")
    assert (code, report["standing"], report["reasons"], report["kind"]) == (0, "valid", [], "licence_ofd")
    assert set(report) == {"file", "kind", "standing", "reasons", "checks", "as_of", "seals", "metadata"}
    assert report["file"] == str(folder / "licence.ofd")


@pytest.mark.parametrize(
    ("trust", "reasons"),
    [
        ([], ["untrusted_root", "status_unknown"]),
        (["root.cer"], ["revocation_unknown", "status_unknown"]),
        (["root.cer", "root.crl"], ["status_unknown"]),
    ],
)
def test_too_little_trust_gives_two(
    folder: Path, capsys: pytest.CaptureFixture[str], trust: list[str], reasons: list[str]
) -> None:
    words = [word for name in trust for word in ("--trust", folder / "trust" / name)]
    code, (report,) = judge(capsys, folder / "licence.ofd", *words)
    assert (code, report["standing"], report["reasons"]) == (2, "cannot_confirm", reasons)


def test_a_revoked_licence_and_an_altered_file_give_one(
    folder: Path, authority: Authority, capsys: pytest.CaptureFixture[str]
) -> None:
    altered = folder / "altered.ofd"
    altered.write_bytes(repacked(authority.licence(), {"Doc_0/Res/photo.png": b"another face"}))
    code, (report,) = judge(capsys, altered, "--trust", folder / "trust")
    assert (code, report["reasons"]) == (1, ["tampered_file"])
    (folder / "trust" / "status.jwt").write_bytes(authority.status_token(Status.REVOKED))
    code, (report,) = judge(capsys, folder / "licence.ofd", "--trust", folder / "trust")
    assert (code, report["reasons"]) == (1, ["revoked"])


@pytest.mark.parametrize(
    ("content", "detail"),
    [(b"just a text", "unknown_kind"), (b"", "unknown_kind"), (None, "not_found"), (b"PK\x03\x04", "not_a_zip")],
)
def test_what_cannot_be_read_gives_three_with_a_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes | None, detail: str
) -> None:
    path = tmp_path / "note.txt"
    if content is not None:
        path.write_bytes(content)
    code, (report,) = judge(capsys, path)
    assert (code, report["standing"], report["reasons"]) == (3, "unreadable", ["file_unreadable"])
    assert report["checks"] == [{"id": "file_readable", "result": "fail", "reason": "file_unreadable", "detail": detail}]
    assert main([str(path)]) == 3
    out = capsys.readouterr()
    assert "无法读取" in out.out
    assert "Traceback" not in out.err


def test_of_several_files_the_worst_counts(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, text = folder / "licence.ofd", folder / "trust" / "README.txt"
    code, reports = judge(capsys, good, text, good, "--trust", folder / "trust")
    assert (code, [report["standing"] for report in reports]) == (3, ["valid", "unreadable", "valid"])


def test_people_get_chinese_words(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(folder / "licence.ofd"), "--trust", str(folder / "trust"), "--at", "2026-03-10T12:00:00"]) == 0
    words = capsys.readouterr().out
    for text in (
        "结论：有效（2026-03-10 12:00:00 北京时间）",
        "证照：道路运输证（演示）",
        "14. 通过",
        "烟台市交通运输局（演示）",
    ):
        assert text in words
    assert main([str(folder / "licence.ofd"), *AT]) == 2
    assert "（untrusted_root）" in capsys.readouterr().out


def test_a_pem_bundle_is_trusted_like_its_parts(folder: Path, authority: Authority, capsys: pytest.CaptureFixture[str]) -> None:
    bundle = folder / "roots.pem"
    bundle.write_bytes(found_authority().root.pem() + to_pem("CERTIFICATE", authority.root.der))
    code, (report,) = judge(capsys, folder / "licence.ofd", "--trust", bundle)
    assert (code, report["reasons"]) == (2, ["revocation_unknown", "status_unknown"])


@pytest.mark.parametrize("words", [[], ["--at", "yesterday", "x"], ["--unknown", "x"]])
def test_a_wrong_call_is_none_of_the_answers(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(words)
    assert caught.value.code == 64
    assert "usage" in capsys.readouterr().err


def test_a_trust_file_that_is_none_is_a_wrong_call(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, content in (("a.cer", b"x"), ("b.crl", b"x"), ("c.jwt", b"x"), ("missing.cer", None)):
        path = folder / name
        if content is not None:
            path.write_bytes(content)
        assert main([str(folder / "licence.ofd"), "--trust", str(path)]) == 64
        written = capsys.readouterr()
        assert name in written.err
        assert (written.out, len(written.err.splitlines())) == ("", 1)


def test_a_trust_folder_with_one_damaged_file_is_not_used_without_it(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, content in (("z.pem", b"-----BEGIN CERTIFICATE-----\nMIIB"), ("z.crl", b""), ("z.jwt", b"a.b.c")):
        damaged = folder / "trust" / name
        damaged.write_bytes(content)
        assert main([str(folder / "licence.ofd"), "--trust", str(folder / "trust"), *AT]) == 64
        assert name in capsys.readouterr().err
        damaged.unlink()
    (folder / "trust" / "gone.crl").symlink_to(folder / "nowhere.crl")
    assert main([str(folder / "licence.ofd"), "--trust", str(folder / "trust"), *AT]) == 64


def test_letters_that_steer_a_terminal_are_not_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "a\x1b[2J\u202e.ofd")]) == 3
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "\u202e" not in out


def test_django_is_not_needed() -> None:
    code = "import sys; import liangzheng.server.verify_command; sys.exit('django' in sys.modules or 'psycopg' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
