"""A licence file that somebody tampered with: every byte, every file, every seal."""

from __future__ import annotations

import base64
import random
import re
from collections.abc import Mapping, Sequence
from datetime import timedelta

import pytest

from liangzheng.crypto.certificates import Subject, issue_certificate
from liangzheng.crypto.digests import sm3
from liangzheng.crypto.sm2 import SM2PrivateKey
from liangzheng.formats.ofd.archive import pack
from liangzheng.formats.ofd.errors import OfdError
from liangzheng.formats.ofd.package import read_ofd
from liangzheng.formats.seals.signature import read_signature, sign_with_seal
from liangzheng.verification.file_checks import FileReport, judge_licence_file
from liangzheng.verification.verdict import Standing
from tests.verification.sealed_licence import LONG, METADATA, NOW, SEALED_AT, Authority, found_authority, repacked, unsealed

SIGNATURE_XML = "Doc_0/Signs/Sign_0/Signature.xml"
SIGNED_VALUE = "Doc_0/Signs/Sign_0/SignedValue.dat"
SEAL = "Doc_0/Signs/Sign_0/Seal.esl"


@pytest.fixture(scope="module")
def authority() -> Authority:
    return found_authority()


@pytest.fixture(scope="module")
def licence(authority: Authority) -> bytes:
    return authority.licence()


def result_of(report: FileReport, name: str) -> tuple[str, str]:
    found = next(check for check in report.verdict.checks if check.id == name)
    return found.result.value, found.reason


def test_changing_any_byte_of_any_file_is_never_valid_nor_open(authority: Authority, licence: bytes) -> None:
    trust, dice = authority.trust(), random.Random(20260310)  # noqa: S311 - repeatable
    assert judge_licence_file(licence, trust, NOW).verdict.standing is Standing.VALID  # the control
    files = read_ofd(licence).files
    tried = 0
    for path, content in files.items():
        places = {0, len(content) - 1, *(dice.randrange(len(content)) for _ in range(30))}
        for place in places:
            other = content[place] ^ dice.choice((0x01, 0x02, 0x20, 0x80, 0xFF))
            mutant = repacked(licence, {path: content[:place] + bytes((other,)) + content[place + 1 :]})
            try:
                standing = judge_licence_file(mutant, trust, NOW).verdict.standing
            except OfdError:
                standing = Standing.INVALID
            assert standing is Standing.INVALID, f"{path} byte {place}: {content[place]:#04x} -> {other:#04x}"
            tried += 1
    assert tried >= 300
    assert len(files) == 12


def test_every_byte_of_the_signed_value_counts(authority: Authority, licence: bytes) -> None:
    """The signed value holds parts that no signature covers: certificate and algorithm beside the signature."""
    trust = authority.trust()
    value = read_ofd(licence).files[SIGNED_VALUE]
    beside = value.index(authority.signer.der, len(read_signature(value).to_sign))
    for place in range(beside - 8, len(value)):
        other = value[place] ^ (0x01, 0x04, 0x80)[place % 3]
        mutant = repacked(licence, {SIGNED_VALUE: value[:place] + bytes((other,)) + value[place + 1 :]})
        assert judge_licence_file(mutant, trust, NOW).verdict.standing is Standing.INVALID, place


def test_leaving_out_any_file_is_seen(authority: Authority, licence: bytes) -> None:
    for path in read_ofd(licence).files:
        try:
            standing = judge_licence_file(repacked(licence, {path: None}), authority.trust(), NOW).verdict.standing
        except OfdError:
            standing = Standing.INVALID
        assert standing is Standing.INVALID, path


@pytest.mark.parametrize("path", ["Doc_0/Annots/Page_0/Annotation.xml", "Doc_0/Signs/Sign_0/extra.xml", "note.txt"])
def test_anything_added_is_uncovered(authority: Authority, licence: bytes, path: str) -> None:
    report = judge_licence_file(repacked(licence, {path: b"<a/>"}), authority.trust(), NOW)
    assert (report.verdict.standing, report.verdict.reasons) == (Standing.INVALID, ("uncovered_content",))


def test_without_a_signature_it_is_invalid(authority: Authority) -> None:
    report = judge_licence_file(unsealed(), authority.trust(), NOW)
    assert (report.verdict.standing, report.verdict.reasons) == (Standing.INVALID, ("no_signature",))


def test_taking_the_signature_out_of_the_entry_is_seen(authority: Authority, licence: bytes) -> None:
    entry = read_ofd(licence).files["OFD.xml"]
    bare = re.sub(rb"<ofd:Signatures>.*</ofd:Signatures>", b"", entry)
    report = judge_licence_file(repacked(licence, {"OFD.xml": bare}), authority.trust(), NOW)
    assert report.verdict.standing is Standing.INVALID
    assert "no_signature" in report.verdict.reasons


def test_a_description_that_was_not_signed_is_named(authority: Authority, licence: bytes) -> None:
    xml = read_ofd(licence).files[SIGNATURE_XML].replace(b'Boundary="', b'Boundary="1')
    report = judge_licence_file(repacked(licence, {SIGNATURE_XML: xml}), authority.trust(), NOW)
    assert result_of(report, "seal_signature") == ("fail", "tampered_signature_xml")


def test_another_seal_beside_the_signature_is_a_mismatch(authority: Authority, licence: bytes) -> None:
    other = found_authority().seal.encoded
    report = judge_licence_file(repacked(licence, {SEAL: other}), authority.trust(), NOW)
    assert result_of(report, "seal_identity") == ("fail", "seal_mismatch")


def test_a_signer_whom_the_seal_does_not_name_is_refused() -> None:
    """A thief of the seal's file signs with a certificate of the same authority's root."""
    victim = found_authority()
    thief_key = SM2PrivateKey.generate()
    thief = issue_certificate(
        Subject("演示冒用者", organisation_code=METADATA.issuer_code),
        thief_key.public_key,
        issuer=victim.root,
        issuer_key=victim.root_key,
        validity=LONG,
    )
    data = victim.licence()
    package = read_ofd(data)
    hashed = sm3(package.files[SIGNATURE_XML])
    value = sign_with_seal(victim.seal, thief, thief_key, at=SEALED_AT, data_hash=hashed, property_info=f"/{SIGNATURE_XML}")
    report = judge_licence_file(repacked(data, {SIGNED_VALUE: value}), victim.trust(), NOW)
    assert (report.verdict.standing, report.verdict.reasons) == (Standing.INVALID, ("signer_not_in_seal",))


def countersigned(data: bytes, second: Authority, *, protects_first: bool = True) -> bytes:
    """A second seal is put on: the list of signatures changes, which the first signature had protected."""
    index, folder = "Doc_0/Signs/Signatures.xml", "Doc_0/Signs/Sign_1"
    files = dict(read_ofd(data).files)
    entry = f'<ofd:Signature ID="s003" Type="Seal" BaseLoc="/{folder}/Signature.xml"/></ofd:Signatures>'
    files[index] = files[index].replace(b"</ofd:Signatures>", entry.encode())
    covered = [path for path in files if protects_first or path not in {SIGNATURE_XML, SIGNED_VALUE}]
    description = described(files, covered, folder)
    value = sign_with_seal(
        second.seal,
        second.signer.der,
        second.signer_key,
        at=SEALED_AT + timedelta(hours=1),
        data_hash=sm3(description),
        property_info=f"/{folder}/Signature.xml",
    )
    return pack(files | {f"{folder}/Signature.xml": description, f"{folder}/SignedValue.dat": value})


def described(files: Mapping[str, bytes], covered: Sequence[str], folder: str) -> bytes:
    """A signature description as another program would write it."""
    references = "".join(
        f'<Reference FileRef="/{path}"><CheckValue>{base64.b64encode(sm3(files[path])).decode()}</CheckValue></Reference>'
        for path in covered
    )
    return (
        f'<Signature xmlns="http://www.ofdspec.org"><SignedInfo><Provider ProviderName="other"/>'
        f"<SignatureMethod>1.2.156.10197.1.501</SignatureMethod><SignatureDateTime>20260301103000Z</SignatureDateTime>"
        f'<References CheckMethod="SM3">{references}</References></SignedInfo>'
        f"<SignedValue>/{folder}/SignedValue.dat</SignedValue></Signature>"
    ).encode()


def test_a_second_seal_that_protects_the_first_is_lawful(authority: Authority, licence: bytes) -> None:
    report = judge_licence_file(countersigned(licence, authority), authority.trust(), NOW)
    assert (report.verdict.standing, len(report.seals)) == (Standing.VALID, 2)


def test_a_second_seal_that_ignores_the_first_does_not_excuse_the_changed_list(authority: Authority, licence: bytes) -> None:
    report = judge_licence_file(countersigned(licence, authority, protects_first=False), authority.trust(), NOW)
    assert (report.verdict.standing, report.verdict.reasons) == (Standing.INVALID, ("tampered_file",))


def test_a_strangers_second_seal_spoils_the_confirmation(authority: Authority, licence: bytes) -> None:
    report = judge_licence_file(countersigned(licence, found_authority()), authority.trust(), NOW)
    assert (report.verdict.standing, report.verdict.reasons) == (Standing.CANNOT_CONFIRM, ("untrusted_root",))
