"""`liangzheng status`: lists made from tables, in both forms and with both algorithms, shown and checked; and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from liangzheng.crypto.certificates import Subject, issue_certificate, read_certificate
from liangzheng.crypto.p256 import P256PrivateKey
from liangzheng.crypto.sm2 import SM2PrivateKey
from liangzheng.formats.jws import PrivateKey
from liangzheng.formats.status_list import Status, UnverifiedStatusList, read_status_list
from liangzheng.server import status_command
from liangzheng.server.status_command import main
from liangzheng.server.verify_command import main as verify
from tests.verification.sealed_licence import ISSUER_CODE, LONG, NOW, STATUS_INDEX, STATUS_URI, Authority, found_authority

AT = ["--at", NOW.isoformat()]
TABLE = f"index,status\n{STATUS_INDEX},revoked\n9,lost\n"


@pytest.fixture(scope="module")
def authority() -> Authority:
    return found_authority()


@pytest.fixture
def folder(tmp_path: Path, authority: Authority) -> Path:
    """A licence, trust without a status list, the issuer's key, and a table."""
    (tmp_path / "licence.ofd").write_bytes(authority.licence())
    trust = tmp_path / "trust"
    trust.mkdir()
    (trust / "root.cer").write_bytes(authority.root.der)
    (trust / "root.crl").write_bytes(authority.crl().der)
    (tmp_path / "issuer.key.pem").write_bytes(authority.signer_key.to_pem())
    (tmp_path / "issuer.cer").write_bytes(authority.signer.pem())
    (tmp_path / "table.csv").write_text(TABLE, "utf-8")
    return tmp_path


def make(folder: Path, name: str = "list.jwt", table: str = "table.csv", *more: str, who: str = "issuer") -> int:
    named = ["--key", str(folder / f"{who}.key.pem"), "--cert", str(folder / f"{who}.cer")]
    return main(["make", str(folder / table), "-o", str(folder / "trust" / name), "--uri", STATUS_URI, *named, *AT, *more])


def made(folder: Path, name: str = "list.jwt") -> UnverifiedStatusList:
    return read_status_list((folder / "trust" / name).read_bytes())


def judged(folder: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[str]]:
    capsys.readouterr()
    code = verify([str(folder / "licence.ofd"), "--trust", str(folder / "trust"), "--json", *AT])
    return code, json.loads(capsys.readouterr().out)["reasons"]


@pytest.mark.parametrize("kind", [SM2PrivateKey, P256PrivateKey])
@pytest.mark.parametrize("name", ["list.jwt", "list.cwt"])
def test_the_suffix_gives_the_form_and_the_key_the_algorithm(
    folder: Path, authority: Authority, name: str, kind: type[PrivateKey], capsys: pytest.CaptureFixture[str]
) -> None:
    key = kind.generate()
    subject = Subject("状态签发（演示）", organisation="状态签发（演示）", organisation_code=ISSUER_CODE)
    issued = issue_certificate(subject, key.public_key, issuer=authority.root, issuer_key=authority.root_key, validity=LONG)
    (folder / "own.key.pem").write_bytes(key.to_pem())
    (folder / "own.cer").write_bytes(read_certificate(issued).pem())
    assert judged(folder, capsys) == (2, ["status_unknown"]), "control: without a list nobody knows"
    assert make(folder, name, who="own") == 0
    assert made(folder, name).algorithm == ("SM2SM3" if kind is SM2PrivateKey else "ES256")
    assert (folder / "trust" / name).read_bytes().startswith(b"ey") == name.endswith("jwt")
    assert judged(folder, capsys) == (1, ["revoked"])
    (folder / "table.csv").write_text("index,status\n", "utf-8")
    assert make(folder, name, who="own") == 0
    assert judged(folder, capsys) == (0, [])


def test_json_and_csv_make_the_same_list(folder: Path) -> None:
    (folder / "table.json").write_text(json.dumps({str(STATUS_INDEX): "revoked", "9": "lost"}), "utf-8")
    assert make(folder) == make(folder, "other.jwt", "table.json") == 0
    assert made(folder).packed == made(folder, "other.jwt").packed
    assert [made(folder).status_at(index) for index in (STATUS_INDEX, 9, 0)] == [Status.REVOKED, Status.LOST, Status.VALID]


@pytest.mark.parametrize(
    "table",
    [
        "",
        "place,status\n1,revoked\n",
        "index,status\n1\n",
        "index,status\n1,revoked,x\n",
        "index,status\n-1,revoked\n",
        "index,status\n\uff11,revoked\n",
        "index,status\n1.0,revoked\n",
        "index,status\n1,gone\n",
        "index,status\n1,status_unknown\n",
        "index,status\n1,revoked\n1,valid\n",
        "index,status\n1,revoked\n01,valid\n",
        "index,status\n99999999999,revoked\n",
        '{"1": "revoked", "1": "valid"}',
        '{"1": 1}',
        "[]",
        "{",
    ],
)
def test_a_table_out_of_order_is_told_in_one_line_and_nothing_is_written(
    folder: Path, table: str, capsys: pytest.CaptureFixture[str]
) -> None:
    name = "bad.json" if table.startswith(("{", "[")) else "bad.csv"
    (folder / name).write_text(table, "utf-8")
    assert make(folder, "list.jwt", name) == 3
    told = capsys.readouterr()
    assert (told.out, len(told.err.splitlines())) == ("", 1)
    assert not (folder / "trust" / "list.jwt").exists()


def test_a_list_does_not_shrink_and_is_not_another_one(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert make(folder, "list.jwt", "table.csv", "--size", "40") == 0
    (folder / "table.csv").write_text("index,status\n1,lost\n", "utf-8")
    assert make(folder) == 0
    assert made(folder).size == 40, "it stays as long as it was"
    assert make(folder, "list.jwt", "table.csv", "--size", "10") == 1
    assert make(folder, "list.jwt", "table.csv", "--uri", "https://status.example/other") == 1
    monkeypatch.setattr(status_command, "_least_size", lambda _args: 0)
    assert make(folder, "list.jwt", "table.csv", "--size", "10") == 0, "control: the check alone keeps the places"
    assert made(folder).status_at(30) is Status.UNKNOWN


def test_show_counts_and_answers_for_a_place(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make(folder, "list.cwt", "table.csv", "--size", "12")
    capsys.readouterr()
    path = folder / "trust" / "list.cwt"
    words = ["show", str(path), "--index", "9", "--index", "500"]
    assert main([*words, "--trust", str(folder / "trust"), *AT]) == 0
    text = capsys.readouterr().out
    for part in ("可以依据", "位置：12（有效（valid） 10", "9：已挂失（lost）", "500：无法确认证照状态（status_unknown）"):
        assert part in text
    assert main([*words, "--json", *AT]) == 2
    told = json.loads(capsys.readouterr().out)
    assert (told["fault"], told["counts"]) == ("untrusted_root", {"valid": 10, "revoked": 1, "lost": 1})
    assert told["statuses"] == {"9": "lost", "500": "status_unknown"}


def test_check_tells_good_bad_open_and_unreadable(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make(folder)
    path = folder / "trust" / "list.jwt"
    trust = ["--trust", str(folder / "trust")]
    assert main(["check", str(path), *trust, *AT]) == 0
    assert main(["check", str(path), *AT]) == 2
    assert main(["check", str(path), *trust, "--at", "2026-03-12"]) == 2
    changed = folder / "changed.jwt"
    changed.write_bytes(path.read_bytes()[:-8] + b"AAAAAAAA")
    assert main(["check", str(changed), *trust, *AT]) == 1
    assert main(["check", str(path), str(folder / "licence.ofd"), *trust, *AT]) == 3
    capsys.readouterr()
    for shown in (changed, folder / "licence.ofd"):
        assert main(["show", str(shown), *trust, *AT]) == (1 if shown == changed else 3)


def test_a_suffix_that_names_no_form_is_a_wrong_call(folder: Path) -> None:
    assert make(folder, "list.txt") == 64
    with pytest.raises(SystemExit) as caught:
        main(["make"])
    assert caught.value.code == 64
