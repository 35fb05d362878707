"""`liangzheng trust`: show, check, sign and distrust, their exit codes, and what signing again refuses to make good."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from liangzheng.crypto.certificates import Certificate, Subject, issue_certificate, read_certificate, to_pem
from liangzheng.crypto.digests import sha256
from liangzheng.crypto.p256 import P256PrivateKey
from liangzheng.crypto.sm2 import SM2PrivateKey
from liangzheng.formats.jws import PrivateKey
from liangzheng.formats.status_list import Status
from liangzheng.formats.trust_list import TrustList, encode_trust_list, read_trust_list
from liangzheng.server import trust_command
from liangzheng.server.trust_command import main
from liangzheng.server.verify_command import main as verify
from tests.verification.sealed_licence import LONG, METADATA, NOW, Authority, found_authority

AT = ["--at", NOW.isoformat()]
URI = "https://trust.example/a"


def signer(folder: Path, name: str, key: PrivateKey) -> tuple[list[str], Certificate]:
    """Write key and certificate; gives the words that name them."""
    subject = Subject("信任名单签发（演示）")
    certificate = read_certificate(issue_certificate(subject, key.public_key, issuer=None, issuer_key=key, validity=LONG))
    (folder / f"{name}.key.pem").write_bytes(key.to_pem())
    (folder / f"{name}.cer").write_bytes(certificate.pem())
    return ["--key", str(folder / f"{name}.key.pem"), "--cert", str(folder / f"{name}.cer")], certificate


@pytest.fixture(scope="module")
def authority() -> Authority:
    return found_authority()


COMMON = {"organisation_code": "11370600MADEM0011A", "trusted_from": "2025-01-02"}
ENTRIES = [  # what a person writes
    {"kind": "issuer", "name": "演示根", "licence_types": [METADATA.type_code], "certificate_file": "root.cer", **COMMON},
    {"kind": "code_key", "name": "演示平台", "licence_types": ["*"], "public_key_file": "code.pem", **COMMON},
]


@pytest.fixture
def folder(tmp_path: Path, authority: Authority) -> Path:
    """A folder in which a list can be signed, and a licence with what judges it."""
    (tmp_path / "entries.json").write_text(json.dumps(ENTRIES), "utf-8")
    (tmp_path / "root.cer").write_bytes(authority.root.der)
    (tmp_path / "code.pem").write_bytes(to_pem("PUBLIC KEY", SM2PrivateKey.from_scalar(31337).public_key.spki))
    (tmp_path / "licence.ofd").write_bytes(authority.licence())
    trust = tmp_path / "trust"
    trust.mkdir()
    (trust / "root.crl").write_bytes(authority.crl().der)
    (trust / "status.jwt").write_bytes(authority.status_token(Status.VALID))
    return tmp_path


@pytest.fixture
def words(folder: Path) -> list[str]:
    """The list's signer, pinned."""
    named, certificate = signer(folder, "lister", SM2PrivateKey.generate())
    (folder / "trust" / "trust-list-signer.cer").write_bytes(certificate.pem())
    return [*named, *AT]


def sign(folder: Path, words: list[str], *more: str) -> int:
    return main(["sign", str(folder / "entries.json"), "-o", str(folder / "trust" / "list.jwt"), *words, *more])


def distrust(folder: Path, words: list[str], who: str, since: str = "2026-01-01") -> int:
    return main(["distrust", str(folder / "trust" / "list.jwt"), who, "--since", since, "--reason", "私钥失控（演示）", *words])


def listed(folder: Path) -> TrustList:
    return read_trust_list((folder / "trust" / "list.jwt").read_bytes().strip()).unverified


def judged(folder: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[str]]:
    capsys.readouterr()
    code = verify([str(folder / "licence.ofd"), "--trust", str(folder / "trust"), "--json", *AT])
    return code, json.loads(capsys.readouterr().out)["reasons"]


def test_a_list_is_signed_believed_and_its_issuer_distrusted(
    folder: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert judged(folder, capsys)[1][0] == "untrusted_root", "control: nobody is trusted yet"
    assert sign(folder, words, "--uri", URI) == 0
    assert (listed(folder).number, listed(folder).uri, len(listed(folder).entries)) == (1, URI, 2)
    assert judged(folder, capsys) == (0, [])
    assert main(["check", str(folder / "trust" / "list.jwt"), "--trust", str(folder / "trust"), *AT]) == 0
    assert distrust(folder, words, "演示根") == 0
    assert listed(folder).number == 2
    assert judged(folder, capsys) == (1, ["issuer_distrusted", "status_unknown"])
    kept = [(entry.name, entry.distrusted_since, entry.reason) for entry in listed(folder).entries]
    assert kept == [("演示根", datetime.fromisoformat("2025-12-31T16:00:00Z"), "私钥失控（演示）"), ("演示平台", None, "")]


def test_an_entry_is_found_by_its_fingerprint(folder: Path, words: list[str], authority: Authority) -> None:
    sign(folder, words, "--uri", URI)
    number = sha256(authority.root.der).hex()
    assert distrust(folder, words, number[:11]) == 1, "too short to name anybody"
    assert distrust(folder, words, number[:12].upper()) == 0
    assert [entry.name for entry in listed(folder).entries if entry.distrusted_since] == ["演示根"]
    assert distrust(folder, words, "谁也不是") == 1


def test_the_number_only_grows(folder: Path, words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert sign(folder, words, "--uri", URI, "--number", "7") == 0
    for number in ("7", "6", "0"):
        assert sign(folder, words, "--number", number) == 1
        assert "须大于上一号 7" in capsys.readouterr().err
    assert listed(folder).number == 7
    assert sign(folder, words) == 0
    assert listed(folder).number == 8
    assert sign(folder, words, "--uri", "https://trust.example/b") == 1


def test_no_entry_and_no_distrust_is_lost(
    folder: Path, words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sign(folder, words, "--uri", URI)
    distrust(folder, words, "演示根")
    assert sign(folder, words) == 1, "the entries as first written know of no distrust"
    assert "不再信任" in capsys.readouterr().err
    assert distrust(folder, words, "演示根", "2026-02-01") == 1, "not put off either"
    assert distrust(folder, words, "演示根", "2025-06-01") == 0
    assert sign(folder, words, "--restore") == 0
    assert listed(folder).entries[0].distrusted_since is None
    (folder / "entries.json").write_text("[]", "utf-8")
    assert sign(folder, words) == 1
    assert "缺少上一号的条目" in capsys.readouterr().err
    monkeypatch.setattr(trust_command, "_refuse_loss", lambda *_, **__: None)
    assert sign(folder, words) == 0, "control: the check alone keeps the entries"
    assert listed(folder).entries == ()


def test_signing_again_does_not_make_good_what_somebody_else_wrote(
    folder: Path, words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    sign(folder, words, "--uri", URI)
    path = folder / "trust" / "list.jwt"
    good, stranger = path.read_bytes(), SM2PrivateKey.generate()
    named, certificate = signer(folder, "stranger", stranger)
    forged = encode_trust_list(listed(folder), key=stranger, signer=certificate)
    altered = good.strip()[:-8] + (b"AAAAAAAA" if not good.strip().endswith(b"AAAAAAAA") else b"BBBBBBBB")
    for bad in (forged, altered):
        path.write_bytes(bad)
        assert distrust(folder, words, "演示平台") == 1
        assert sign(folder, words) == 1
        assert path.read_bytes() == bad, "nothing was written"
    path.write_bytes(forged)
    assert sign(folder, [*words, "--old-cert", named[3]]) == 0, "unless the operator names the signer before him"
    path.write_bytes(altered)
    monkeypatch.setattr("liangzheng.formats.trust_list.UnverifiedTrustList.verify", lambda *_: "")
    assert distrust(folder, words, "演示平台") == 0, "control: the check of the signature alone stands between"


def test_a_key_of_another_certificate_and_an_expired_one_sign_nothing(
    folder: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    other, _ = signer(folder, "other", SM2PrivateKey.generate())
    assert sign(folder, [*words, "--cert", other[3]], "--uri", URI) == 1
    assert "不属于证书" in capsys.readouterr().err
    assert sign(folder, [*words, "--at", "2040-01-01"], "--uri", URI) == 1
    assert not (folder / "trust" / "list.jwt").exists()


def test_es256_signs_as_well(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    named, certificate = signer(folder, "p256", P256PrivateKey.generate())
    (folder / "trust" / "trust-list-signer-2.cer").write_bytes(certificate.pem())
    assert sign(folder, [*named, *AT], "--uri", URI) == 0
    assert judged(folder, capsys) == (0, [])


def test_check_tells_bad_from_open_from_unreadable(folder: Path, words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    sign(folder, words, "--uri", URI, "--days", "3")
    path, pin = folder / "trust" / "list.jwt", folder / "trust" / "trust-list-signer.cer"
    cases = {
        "pinned": (path, ["--trust", str(pin)], NOW.isoformat(), 0, []),
        "nobody pinned": (path, [], NOW.isoformat(), 2, ["untrusted_signer", "not_reached"]),
        "overdue": (path, ["--trust", str(pin)], "2026-03-14", 2, ["trust_list_stale"]),
        "no list": (folder / "trust" / "status.jwt", [], NOW.isoformat(), 3, ["file_unreadable"]),
    }
    for name, (file, trust, at, code, reasons) in cases.items():
        capsys.readouterr()
        assert main(["check", str(file), *trust, "--at", at, "--json"]) == code, name
        assert json.loads(capsys.readouterr().out)["reasons"] == reasons, name
    changed = folder / "changed.jwt"
    changed.write_bytes(path.read_bytes().strip()[:-8] + b"AAAAAAAA")
    assert main(["check", str(changed), str(path), "--trust", str(pin), *AT]) == 1
    assert main(["check", str(folder / "missing.jwt"), *AT]) == 3


def test_show_says_what_is_trusted_and_gives_entries_back(
    folder: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    sign(folder, words, "--uri", URI)
    capsys.readouterr()
    assert main(["show", str(folder / "trust"), str(folder / "root.cer"), *AT]) == 0
    text = capsys.readouterr().out
    for part in (
        "根证书：演示根证书",
        "第 1 号",
        "签发方 演示根　1 类证照",
        "码签发密钥 演示平台　全部种类",
        "状态名单（jwt）",
        "可以依据",
    ):
        assert part in text
    assert main(["show", str(folder / "trust" / "list.jwt"), "--json", *AT]) == 2
    assert json.loads(capsys.readouterr().out)["trust_lists"][0]["fault"] == "untrusted_signer"
    main(["show", str(folder / "trust" / "list.jwt"), "--entries", *AT])
    (folder / "entries.json").write_text(capsys.readouterr().out, "utf-8")
    before = listed(folder).entries
    assert sign(folder, words) == 0, "what was shown can be signed again"
    assert listed(folder).entries == before


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "friend"},
        {"certificate_file": "nowhere.cer"},
        {"certificate_file": "entries.json"},
        {"certificate": "AAAA"},
        {"licence_types": []},
        {"licence_types": "*"},
        {"trusted_from": "yesterday"},
        {"trusted_from": 1},
        {"name": ""},
        {"extra": 1},
    ],
)
def test_entries_out_of_order_are_named_and_nothing_is_written(
    folder: Path, words: list[str], change: dict[str, object], capsys: pytest.CaptureFixture[str]
) -> None:
    written = json.loads((folder / "entries.json").read_text("utf-8"))
    (folder / "entries.json").write_text(json.dumps([written[0] | change, written[1]]), "utf-8")
    assert sign(folder, words, "--uri", URI) == 3
    told = capsys.readouterr()
    assert (told.out, len(told.err.splitlines())) == ("", 1)
    assert not (folder / "trust" / "list.jwt").exists()


@pytest.mark.parametrize("call", [[], ["sign"], ["distrust", "x", "y"], ["check", "x", "--at", "someday"], ["show", "x", "--no"]])
def test_a_wrong_call_is_none_of_the_answers(call: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(call)
    assert caught.value.code == 64
    assert "usage" in capsys.readouterr().err


def test_a_trust_file_that_is_none_is_a_wrong_call(folder: Path) -> None:
    (folder / "trust" / "bad.cer").write_bytes(b"x")
    assert main(["show", str(folder / "trust")]) == 64


def test_django_is_not_needed() -> None:
    names = "liangzheng.server.trust_command, liangzheng.server.status_command"
    code = f"import sys; import {names}; sys.exit('django' in sys.modules or 'psycopg' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
