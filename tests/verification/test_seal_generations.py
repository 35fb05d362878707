"""Seals of versions 1 and 5 before the checks: valid when everything fits, and what makes each of them fail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from liangzheng.crypto import der
from liangzheng.crypto.digests import sm3
from liangzheng.crypto.revocation import Revocation
from liangzheng.crypto.sm2 import SM2PrivateKey
from liangzheng.formats.ofd.package import read_ofd
from liangzheng.formats.status_list import Status
from liangzheng.verification.file_checks import FileReport, judge_licence_file
from liangzheng.verification.verdict import Standing
from tests.formats.seal_writers import TOKEN, first_seal, first_signature, flat_seal, flat_signature, utc_time
from tests.verification.sealed_licence import NOW, SEALED_AT, Authority, found_authority, repacked
from tests.verification.sealed_otherwise import SIGNATURE_XML, SIGNED_VALUE, sealed_otherwise

CRITICAL = der.sequence(der.sequence(der.oid("1.2.4"), der.boolean(True), der.octet_string(b"x")))
WRITTEN = b"2026-03-01 09:30:00"


@pytest.fixture(scope="module")
def authority() -> Authority:
    return found_authority()


@pytest.fixture(scope="module")
def licence(authority: Authority) -> bytes:
    return authority.licence()


def seal_of(authority: Authority, write: Callable[..., bytes], **changes: object) -> bytes:
    """A seal of another generation with the facts of the authority's own."""
    facts: dict[str, object] = {
        "design": authority.design,
        "certificates": [authority.signer.der],
        "maker": authority.seal.maker_certificate,
        "key": authority.maker_key,
    }
    return write(**(facts | changes))


def use_of(authority: Authority, seal: bytes, write: Callable[..., bytes], **changes: object) -> Callable[[bytes], bytes]:
    """Signs a description with the seal."""

    def sign(description: bytes) -> bytes:
        facts: dict[str, object] = {
            "certificate": authority.signer.der,
            "key": authority.signer_key,
            "at": utc_time(SEALED_AT) if write is first_signature else SEALED_AT,
            "data_hash": sm3(description),
            "property_info": f"/{SIGNATURE_XML}",
        }
        return write(seal, **(facts | changes))

    return sign


def first(authority: Authority, licence: bytes, seal: dict[str, object], **use: object) -> bytes:
    made = seal_of(authority, first_seal, **seal)
    return sealed_otherwise(licence, use_of(authority, made, first_signature, **use), made)


def fifth(authority: Authority, licence: bytes, seal: dict[str, object], **use: object) -> bytes:
    made = seal_of(authority, flat_seal, **seal)
    return sealed_otherwise(licence, use_of(authority, made, flat_signature, **use), made)


def judged(authority: Authority, data: bytes) -> FileReport:
    return judge_licence_file(data, authority.trust(), NOW)


@pytest.mark.parametrize(
    ("at", "octets"),
    [(utc_time(SEALED_AT), False), (der.generalized_time(SEALED_AT), False), (WRITTEN, False), (WRITTEN, True)],
    ids=["UTCTime", "GeneralizedTime", "text", "octet strings"],
)
def test_a_seal_of_version_one_is_valid(authority: Authority, licence: bytes, at: bytes, octets: bool) -> None:  # noqa: FBT001
    report = judged(authority, first(authority, licence, {}, at=at, octets=octets))
    assert (report.verdict.standing, report.verdict.reasons) == (Standing.VALID, ())
    (seal,) = report.seals
    assert (seal.kind, seal.seal_name, seal.signed_at) == ("SES_V1", authority.design.name, SEALED_AT)
    assert (seal.organisation_code, seal.timestamp) == (authority.signer.organisation_code, "none")
    assert (seal.valid_from, seal.valid_to) == (authority.design.valid_from, authority.design.valid_to)


@pytest.mark.parametrize(
    ("seal", "use", "timestamp"),
    [({"timestamp": TOKEN}, {}, "none"), ({}, {"timestamp": TOKEN}, "invalid")],
    ids=["in the seal", "in the signature"],
)
def test_what_is_no_time_stamp_where_one_should_be_is_invalid(
    authority: Authority, licence: bytes, seal: dict[str, object], use: dict[str, object], timestamp: str
) -> None:
    report = judged(authority, fifth(authority, licence, seal, **use))
    assert (report.verdict.standing, report.verdict.reasons) == (Standing.INVALID, ("timestamp_invalid",))
    assert (report.seals[0].kind, report.seals[0].timestamp) == ("SES_V5", timestamp)


def test_a_seal_of_version_five_is_valid(authority: Authority, licence: bytes) -> None:
    report = judged(authority, fifth(authority, licence, {}))
    assert (report.verdict.standing, report.verdict.reasons) == (Standing.VALID, ())
    assert (report.seals[0].kind, report.seals[0].timestamp) == ("SES_V5", "none")


STRANGER = SM2PrivateKey.from_scalar(271828)
BEFORE, AFTER = SEALED_AT - timedelta(seconds=1), SEALED_AT + timedelta(seconds=1)

HOSTILE: list[tuple[str, dict[str, object], dict[str, object], str]] = [
    ("another key signs", {}, {"key": STRANGER}, "bad_signature"),
    ("another key makes", {"key": STRANGER}, {}, "bad_signature"),
    ("another digest", {}, {"data_hash": sm3(b"another")}, "tampered_signature_xml"),
    ("no digest", {}, {"data_hash": b""}, "tampered_signature_xml"),
    ("signer not named", {"certificates": [b"another"]}, {}, "signer_not_in_seal"),
    ("nobody named", {"certificates": []}, {}, "signer_not_in_seal"),
    ("seal was over", {"valid_to": BEFORE}, {}, "seal_expired"),
    ("seal not begun", {"valid_from": AFTER}, {}, "seal_not_yet_valid"),
    ("signer is the maker", {}, {"certificate": "maker", "key": "maker"}, "signer_not_in_seal"),
]


def altered(authority: Authority, parts: dict[str, object]) -> dict[str, object]:
    """Puts the authority's own values in where a row of the table only names them."""
    found = {"certificate": authority.seal.maker_certificate, "key": authority.maker_key}
    dates = {name: parts[name] for name in ("valid_from", "valid_to") if name in parts}
    made = {name: found[name] if value == "maker" else value for name, value in parts.items() if name not in dates}
    return made | ({"design": replace(authority.design, **dates)} if dates else {})  # type: ignore[arg-type]  # two times


@pytest.mark.parametrize("generation", [first, fifth], ids=["V1", "V5"])
@pytest.mark.parametrize(("name", "seal", "use", "reason"), HOSTILE, ids=[row[0] for row in HOSTILE])
def test_what_does_not_fit_is_invalid(
    authority: Authority,
    licence: bytes,
    generation: Callable[..., bytes],
    name: str,
    seal: dict[str, object],
    use: dict[str, object],
    reason: str,
) -> None:
    report = judged(authority, generation(authority, licence, altered(authority, seal), **altered(authority, use)))
    assert (report.verdict.standing, report.verdict.reasons) == (Standing.INVALID, (reason,)), name


def test_the_maker_of_version_one_signs_certificate_and_algorithm_too(authority: Authority, licence: bytes) -> None:
    report = judged(authority, first(authority, licence, {"maker_signs": "info"}))
    assert (report.verdict.standing, report.verdict.reasons) == (Standing.INVALID, ("bad_signature",))


@pytest.mark.parametrize(
    ("seal", "use", "reason"),
    [
        ({"version": 2}, {}, "unsupported_seal_version"),
        ({"version": 4}, {}, "unsupported_seal_version"),
        ({}, {"version": 4}, "unsupported_seal_version"),
        ({"extensions": CRITICAL}, {}, "unsupported_seal_version"),
        ({}, {"at": b"yesterday"}, "signing_time_unknown"),
        ({}, {"at": b"2026-02-30 09:30:00"}, "signing_time_unknown"),
    ],
)
def test_what_is_open_in_version_one_is_never_valid(
    authority: Authority, licence: bytes, seal: dict[str, object], use: dict[str, object], reason: str
) -> None:
    report = judged(authority, first(authority, licence, seal, **use))
    assert (report.verdict.standing, report.verdict.reasons) == (Standing.CANNOT_CONFIRM, (reason,))


def test_a_time_stamp_in_place_of_the_time_is_noticed_and_not_believed(authority: Authority, licence: bytes) -> None:
    report = judged(authority, first(authority, licence, {}, at=der.sequence(der.oid("1.2.840.113549.1.7.2"))))
    assert (report.seals[0].timestamp, report.seals[0].signed_at) == ("untrusted", None)
    assert report.verdict.reasons == ("signing_time_unknown", "timestamp_untrusted")


@pytest.mark.parametrize(
    ("seal", "use"),
    [
        ({"version": 6}, {"version": 6}),
        ({"version": 1}, {"version": 1}),
        ({"version": 4}, {"version": 5}),
        ({"version": 5}, {"version": 4}),
        ({"extensions": CRITICAL}, {}),
    ],
)
def test_what_is_open_in_version_five_is_never_valid(
    authority: Authority, licence: bytes, seal: dict[str, object], use: dict[str, object]
) -> None:
    report = judged(authority, fifth(authority, licence, seal, **use))
    assert (report.verdict.standing, report.verdict.reasons) == (Standing.CANNOT_CONFIRM, ("unsupported_seal_version",))


def test_a_seal_of_version_four_has_no_time_stamp_of_its_own(authority: Authority, licence: bytes) -> None:
    report = judged(authority, fifth(authority, licence, {"version": 4, "timestamp": TOKEN}, version=4))
    assert "unsupported_seal_version" in report.verdict.reasons


def test_generations_do_not_mix(authority: Authority, licence: bytes) -> None:
    """A seal of one generation inside the signature of another is not what either standard says."""
    old, flat = seal_of(authority, first_seal), seal_of(authority, flat_seal)
    for seal, write in ((old, flat_signature), (flat, first_signature), (authority.seal.encoded, first_signature)):
        data = sealed_otherwise(licence, use_of(authority, seal, write), seal)
        assert judged(authority, data).verdict.reasons == ("unsupported_seal_version",)


def test_members_in_another_order_are_refused(authority: Authority, licence: bytes) -> None:
    report = judged(authority, first(authority, licence, {}, swapped=True))
    assert (report.verdict.standing, report.verdict.reasons[0]) == (Standing.INVALID, "bad_signature")


def test_two_algorithms_are_refused(authority: Authority, licence: bytes) -> None:
    report = judged(authority, first(authority, licence, {}, algorithm="1.2.840.113549.1.1.11"))
    assert report.verdict.reasons == ("bad_signature",)


@pytest.mark.parametrize("generation", [first, fifth], ids=["V1", "V5"])
def test_bytes_all_over_the_value_count(authority: Authority, licence: bytes, generation: Callable[..., bytes]) -> None:
    trust = authority.trust()
    data = generation(authority, licence, {})
    assert judge_licence_file(data, trust, NOW).verdict.standing is Standing.VALID  # the control
    value = read_ofd(data).files[SIGNED_VALUE]
    for place in (*range(0, len(value), 13), *range(len(value) - 80, len(value))):
        other = value[:place] + bytes((value[place] ^ (0x01, 0x04, 0x80)[place % 3],)) + value[place + 1 :]
        mutant = repacked(data, {SIGNED_VALUE: other})
        assert judge_licence_file(mutant, trust, NOW).verdict.standing is Standing.INVALID, place
    for broken in (value + b"\x00", value[:-1], b"", value[1:]):
        assert judge_licence_file(repacked(data, {SIGNED_VALUE: broken}), trust, NOW).verdict.standing is Standing.INVALID


@pytest.mark.parametrize("generation", [first, fifth], ids=["V1", "V5"])
def test_another_seal_beside_the_signature_is_seen(
    authority: Authority, licence: bytes, generation: Callable[..., bytes]
) -> None:
    stranger = found_authority()
    mine, theirs = (generation(body, licence, {}) for body in (authority, stranger))
    data = repacked(mine, {SIGNED_VALUE: read_ofd(theirs).files[SIGNED_VALUE]})
    assert "seal_mismatch" in judged(authority, data).verdict.reasons


def test_a_revoked_signer_of_version_one_fails(authority: Authority, licence: bytes) -> None:
    before = Revocation(authority.signer.serial, SEALED_AT - timedelta(days=2))
    report = judge_licence_file(first(authority, licence, {}), authority.trust(Status.VALID, before), NOW)
    assert (report.verdict.standing, report.verdict.reasons[0]) == (Standing.INVALID, "cert_revoked")


def test_a_stranger_in_version_one_is_not_confirmed(authority: Authority, licence: bytes) -> None:
    stranger = found_authority()
    report = judge_licence_file(first(stranger, licence, {}), authority.trust(), NOW)
    assert (report.verdict.standing, report.verdict.reasons) == (Standing.CANNOT_CONFIRM, ("untrusted_root",))
