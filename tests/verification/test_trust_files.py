"""Trust files: what is read, and that a damaged one is an error everywhere and never simply missing."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from liangzheng.crypto.certificates import to_pem
from liangzheng.errors import Unavailable
from liangzheng.formats.status_list import Publication, Status, encode_status_list_cwt
from liangzheng.server.verify_command import read_trust
from liangzheng.verification.file_checks import TrustMaterial
from liangzheng.verification.trust import trust_material
from liangzheng.verification.trust_files import TrustFileError, is_trust_file, read_trust_files
from tests.verification.sealed_licence import NOW, Authority, found_authority


@pytest.fixture(scope="module")
def authority() -> Authority:
    return found_authority()


@pytest.fixture
def folder(tmp_path: Path, settings: Settings, authority: Authority) -> Path:
    """The trust folder of the server, with one file of each kind and a note."""
    settings.TRUST_FOLDER = tmp_path
    for name, data in files(authority).items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "README.txt").write_text("not for trusting", "utf-8")
    (tmp_path / ".root.cer.part").write_bytes(b"half")
    return tmp_path


def files(authority: Authority) -> dict[str, bytes]:
    return {
        "root.cer": authority.root.der,
        "root.crl": authority.crl().der,
        "status.jwt": authority.status_token(Status.VALID, issued_at=NOW - timedelta(hours=1)) + b"\n",
    }


def damaged(data: bytes) -> dict[str, bytes]:
    return {"empty": b"", "cut off": data[: len(data) // 2], "text": b"not found", "doubled": data + data}


def test_bundles_are_read_whole(authority: Authority) -> None:
    second = found_authority()
    bundles = {
        "roots.PEM": b"Root A\n" + authority.root.pem() + b"Root B\n" + second.root.pem(),
        "lists.crl": to_pem("X509 CRL", authority.crl().der) + to_pem("X509 CRL", second.crl().der),
        "root": second.root.der,
    }
    trust = read_trust_files(bundles.items())
    assert trust.roots == (authority.root, second.root, second.root)
    assert [crl.issuer for crl in trust.crls] == [authority.root.subject, second.root.subject]
    assert read_trust_files([]) == TrustMaterial()


def test_a_status_list_may_be_binary(authority: Authority) -> None:
    """A CWT is taken as it is: its last byte may well be a line feed."""
    publication = Publication("https://liangzheng.example/status/1", NOW, NOW + timedelta(days=1))
    write = partial(
        encode_status_list_cwt, {}, size=9, publication=publication, key=authority.signer_key, chain=[authority.signer]
    )
    token = next(token for token in iter(write, b"") if token[-1:].isspace())
    assert read_trust_files([("status.cwt", token)]).status_tokens == (token,)
    for name, bad in (("status.cwt", token + b"\n"), ("status.cwt", token[:-1]), ("status.jwt", token)):
        with pytest.raises(TrustFileError, match=name):
            read_trust_files([(name, bad)])


@pytest.mark.parametrize("name", ["root.cer", "root.crl", "status.jwt"])
@pytest.mark.parametrize("how", ["empty", "cut off", "text", "doubled"])
def test_a_damaged_file_is_named_by_both(folder: Path, authority: Authority, name: str, how: str) -> None:
    good = files(authority)
    bad = damaged(good[name])[how]
    with pytest.raises(TrustFileError, match=name):
        read_trust_files({**good, name: bad}.items())
    (folder / name).write_bytes(bad)
    with pytest.raises(Unavailable) as caught:
        trust_material()
    assert caught.value.code == "trust_damaged"


def test_the_server_reads_what_the_command_reads_and_reads_it_again_when_it_changes(folder: Path, authority: Authority) -> None:
    first = trust_material()
    command = read_trust([folder])
    assert (first.roots, first.status_tokens) == (command.roots, command.status_tokens)
    assert [crl.der for crl in first.crls] == [crl.der for crl in command.crls] == [(folder / "root.crl").read_bytes()]
    assert trust_material() is first
    second = found_authority()
    (folder / "roots.pem").write_bytes(authority.root.pem() + second.root.pem())
    assert trust_material().roots == (authority.root, authority.root, second.root)


def test_the_server_goes_on_as_soon_as_the_file_is_mended(folder: Path, authority: Authority) -> None:
    (folder / "more.pem").write_bytes(authority.root.pem()[:-9])
    for _ in range(2):  # the failure itself is not remembered as an answer
        with pytest.raises(Unavailable):
            trust_material()
    (folder / "more.pem").write_bytes(authority.root.pem())
    assert trust_material().roots == (authority.root, authority.root)


def test_what_cannot_be_opened_is_as_bad_as_damaged(folder: Path) -> None:
    (folder / "gone.crl").symlink_to(folder / "nowhere.crl")
    with pytest.raises(Unavailable):
        trust_material()
    (folder / "gone.crl").unlink()
    (folder / "folder.cer").mkdir()
    with pytest.raises(Unavailable):
        trust_material()


def test_a_folder_that_was_never_made_trusts_nobody(tmp_path: Path, settings: Settings) -> None:
    settings.TRUST_FOLDER = tmp_path / "trust"
    assert trust_material() == TrustMaterial()


def test_notes_and_half_written_files_do_not_count() -> None:
    names = ["root.cer", "ROOT.CRT", "a.pem", "b.crl", "c.jwt", "README.txt", ".root.cer.part", "cer", ".cer"]
    assert [name for name in names if is_trust_file(name)] == names[:5]
