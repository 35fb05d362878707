"""Time stamps over seals and signatures: what they prove, what breaks them, and what stays open without one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from liangzheng.crypto import der
from liangzheng.crypto.digests import sm3
from liangzheng.crypto.revocation import Revocation, RevocationReason
from liangzheng.crypto.sm2 import SM2PrivateKey
from liangzheng.formats.ofd.sealing import seal_ofd
from liangzheng.formats.status_list import Status
from liangzheng.formats.timestamp import TimestampToken
from liangzheng.verification import issuer_checks, seal_checks, timestamp_checks
from liangzheng.verification.cms_checks import judge_detached
from liangzheng.verification.file_checks import FileReport, SealFacts, TrustMaterial, judge_licence_file
from liangzheng.verification.issuer_checks import JudgedIssuer
from liangzheng.verification.verdict import Check, Result, Standing
from tests.formats.seal_writers import PKCS9, RFC_DATA, RFC_SIGNED, attributes, flat_seal, flat_signature, signed_data
from tests.verification.sealed_licence import LONG, METADATA, NOW, SEALED_AT, Authority, found_authority, unsealed
from tests.verification.sealed_otherwise import sealed_otherwise
from tests.verification.time_authority import TimeAuthority, found_root, found_time_authority

STAMPED_AT = SEALED_AT + timedelta(seconds=2)
EXPIRY = SEALED_AT + timedelta(days=4)  # after sealing, before NOW
Stamp = Callable[[bytes], bytes]


@pytest.fixture(scope="module")
def authority() -> Authority:
    return found_authority()


@pytest.fixture(scope="module")
def short_lived() -> Authority:
    """Its certificates ended between the sealing and now."""
    return found_authority(certificates=(LONG[0], EXPIRY))


def time_authority(authority: Authority, **facts: object) -> TimeAuthority:
    return found_time_authority(authority.root, authority.root_key, **facts)  # type: ignore[arg-type]  # as the caller gives them


def sealed(authority: Authority, stamp: Stamp | None = None) -> bytes:
    return seal_ofd(unsealed(METADATA), authority.seal, authority.signer_key, SEALED_AT, stamp=stamp)


def judged(authority: Authority, data: bytes, *revoked: Revocation) -> FileReport:
    """The status list is signed by a neighbour of the same code whose certificate is long: only the seal is on trial."""
    speaker = authority.neighbour(authority.signer.organisation_code)
    trust = TrustMaterial((authority.root,), (authority.crl(*revoked),), (speaker.status_token(Status.VALID),))
    return judge_licence_file(data, trust, NOW)


def result_of(report: FileReport, name: str) -> tuple[str, str, str]:
    found = next(check for check in report.verdict.checks if check.id == name)
    return found.result.value, found.reason, found.detail


def outcome(report: FileReport) -> tuple[Standing, tuple[str, ...], str]:
    return report.verdict.standing, report.verdict.reasons, report.seals[0].timestamp


@pytest.mark.parametrize("kind", ["SM2", "P-256"])
def test_a_stamped_seal_is_valid_and_its_time_is_proven(authority: Authority, kind: str) -> None:
    report = judged(authority, sealed(authority, time_authority(authority, kind=kind).stamp(STAMPED_AT)))
    assert outcome(report) == (Standing.VALID, (), "valid")
    assert (report.seals[0].signed_at, report.seals[0].proven_at) == (SEALED_AT, STAMPED_AT)
    assert result_of(report, "timestamp") == ("pass", "", "")
    assert report.to_json()["seals"] == [report.seals[0].to_json()]
    assert report.seals[0].to_json()["proven_at"] == "2026-03-01T01:30:02Z"


def test_after_the_certificate_expired_the_stamp_still_proves_the_seal_and_that_is_said(short_lived: Authority) -> None:
    report = judged(short_lived, sealed(short_lived, time_authority(short_lived).stamp(STAMPED_AT)))
    assert outcome(report) == (Standing.VALID, ("valid_at_signing",), "valid")
    assert result_of(report, "issuer_trusted") == ("pass", "valid_at_signing", "expired 2026-03-05T01:30:00Z")


def test_without_a_stamp_an_expired_certificate_leaves_it_open(short_lived: Authority) -> None:
    report = judged(short_lived, sealed(short_lived))
    assert outcome(report) == (Standing.CANNOT_CONFIRM, ("signing_time_unproven",), "none")
    assert result_of(report, "issuer_trusted") == ("unknown", "signing_time_unproven", "expired 2026-03-05T01:30:00Z")


def test_the_last_second_of_a_certificate_counts(short_lived: Authority) -> None:
    data = sealed(short_lived)
    for moment, expected in ((EXPIRY, "pass"), (EXPIRY + timedelta(seconds=1), "unknown")):
        trust = TrustMaterial((short_lived.root,), (short_lived.crl(),))
        report = judge_licence_file(data, trust, moment)
        assert result_of(report, "issuer_trusted")[0] == expected


REVOKED_AT = SEALED_AT + timedelta(days=2)


@pytest.mark.parametrize(
    ("reason", "unproven"),
    [(RevocationReason.SUPERSEDED, "signing_time_unproven"), (RevocationReason.KEY_COMPROMISE, "revocation_unknown")],
)
def test_what_was_revoked_later_needs_proof_of_the_time(authority: Authority, reason: RevocationReason, unproven: str) -> None:
    later = Revocation(authority.signer.serial, REVOKED_AT, reason)
    stamps = time_authority(authority)
    report = judged(authority, sealed(authority), later)
    assert outcome(report) == (Standing.CANNOT_CONFIRM, (unproven,), "none")
    report = judged(authority, sealed(authority, stamps.stamp(STAMPED_AT)), later)
    assert outcome(report) == (Standing.VALID, ("valid_at_signing",), "valid")
    assert result_of(report, "issuer_not_revoked")[1] == "valid_at_signing"
    report = judged(authority, sealed(authority, stamps.stamp(REVOKED_AT)), later)
    assert outcome(report) == (Standing.CANNOT_CONFIRM, (unproven,), "valid")
    before = Revocation(authority.signer.serial, SEALED_AT - timedelta(days=1), reason)
    report = judged(authority, sealed(authority, stamps.stamp(STAMPED_AT)), before)
    assert outcome(report) == (Standing.INVALID, ("cert_revoked",), "valid")


def test_a_stamp_that_came_after_the_expiry_proves_too_little(short_lived: Authority) -> None:
    report = judged(short_lived, sealed(short_lived, time_authority(short_lived).stamp(EXPIRY + timedelta(hours=1))))
    assert outcome(report) == (Standing.CANNOT_CONFIRM, ("signing_time_unproven",), "valid")


def foreign() -> TimeAuthority:
    root = found_root()
    return found_time_authority(root.certificate, root.key)


def over_other_bytes(authority: Authority) -> Stamp:
    stamp = time_authority(authority).stamp(STAMPED_AT)
    return lambda value: stamp(value + b"\x00")


def by_another_key(authority: Authority) -> Stamp:
    """The certificate of the authority, the key of nobody."""
    certified, other = time_authority(authority), SM2PrivateKey.from_scalar(31415)

    def stamp(value: bytes) -> bytes:
        token = certified.stamp(STAMPED_AT)(value)
        signature = der.read(token).children()[1].only_child().children()[-1].only_child().children()[-1].content
        return token.replace(signature, other.sign(b"x").ljust(len(signature), b"\x00")[: len(signature)])

    return stamp


STAMPS: dict[str, tuple[Callable[[Authority], Stamp], str, str, str]] = {
    "over other bytes": (over_other_bytes, "invalid", "timestamp_invalid", "other_content"),
    "no token": (lambda _: lambda _: b"token", "invalid", "timestamp_invalid", "malformed"),
    "by another key": (by_another_key, "invalid", "timestamp_invalid", "bad_signature"),
    "made before the signing": (
        lambda a: time_authority(a).stamp(SEALED_AT - timedelta(minutes=6)),
        "invalid",
        "timestamp_invalid",
        "stamped_before_signing",
    ),
    "made in the future": (
        lambda a: time_authority(a).stamp(NOW + timedelta(minutes=6)),
        "invalid",
        "timestamp_invalid",
        "stamped_after_judging",
    ),
    "authority had expired": (
        lambda a: time_authority(a, validity=(LONG[0], SEALED_AT)).stamp(STAMPED_AT),
        "invalid",
        "timestamp_invalid",
        "cert_expired_at_signing",
    ),
    "authority has expired since": (
        lambda a: time_authority(a, validity=(LONG[0], EXPIRY)).stamp(STAMPED_AT),
        "untrusted",
        "timestamp_untrusted",
        "signing_time_unproven",
    ),
    "authority under another root": (lambda _: foreign().stamp(STAMPED_AT), "untrusted", "timestamp_untrusted", "untrusted_root"),
    "no authority for stamps": (
        lambda a: time_authority(a, purposes=()).stamp(STAMPED_AT),
        "untrusted",
        "timestamp_untrusted",
        "not_a_timestamp_authority",
    ),
    "the signer's own certificate": (
        lambda a: TimeAuthority(a.signer, a.signer_key).stamp(STAMPED_AT),
        "untrusted",
        "timestamp_untrusted",
        "not_a_timestamp_authority",
    ),
}


@pytest.mark.parametrize("name", STAMPS)
def test_a_stamp_that_cannot_be_relied_upon_proves_nothing(authority: Authority, short_lived: Authority, name: str) -> None:
    make, state, reason, detail = STAMPS[name]
    standing = Standing.INVALID if state == "invalid" else Standing.CANNOT_CONFIRM
    report = judged(authority, sealed(authority, make(authority)))
    assert outcome(report) == (standing, (reason,), state)
    assert result_of(report, "timestamp")[2] == detail
    assert report.seals[0].proven_at is None
    report = judged(short_lived, sealed(short_lived, make(short_lived)))
    assert (report.verdict.standing, set(report.verdict.reasons)) == (standing, {reason, "signing_time_unproven"})


def test_a_revoked_time_authority_proves_nothing(short_lived: Authority) -> None:
    stamps = time_authority(short_lived)
    data = sealed(short_lived, stamps.stamp(STAMPED_AT))
    for moment, state in ((STAMPED_AT, "invalid"), (STAMPED_AT + timedelta(days=1), "untrusted")):
        report = judged(short_lived, data, Revocation(stamps.certificate.serial, moment))
        assert report.seals[0].timestamp == state
        assert "signing_time_unproven" in report.verdict.reasons


def test_a_stamp_of_another_file_does_not_fit(short_lived: Authority) -> None:
    stamps, kept = time_authority(short_lived), [b""]

    def keep(value: bytes) -> bytes:
        kept[0] = stamps.stamp(STAMPED_AT)(value)
        return kept[0]

    assert judged(short_lived, sealed(short_lived, keep)).verdict.standing is Standing.VALID  # the control
    report = judged(short_lived, sealed(short_lived, lambda _: kept[0]))
    assert result_of(report, "timestamp") == ("fail", "timestamp_invalid", "other_content")


def waved_through(*_: object, **__: object) -> str:
    return ""


CONTROLS: dict[str, tuple[str, Callable[[pytest.MonkeyPatch], None]]] = {
    "the token": ("over other bytes", lambda m: m.setattr(TimestampToken, "verify", waved_through)),
    "the purpose": ("no authority for stamps", lambda m: m.setattr(TimestampToken, "verify", waved_through)),
    "the authority": ("authority under another root", lambda m: m.setattr(timestamp_checks, "_authority", lambda *_: None)),
    "the future": ("made in the future", lambda m: m.setattr(timestamp_checks, "is_in_future", lambda *_: False)),
    "the past": ("made before the signing", lambda m: m.setattr(timestamp_checks, "CLOCK_SLACK", timedelta(days=1))),
}


@pytest.mark.parametrize("name", CONTROLS)
def test_each_guard_alone_keeps_its_stamp_out(authority: Authority, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: without the guard the very same file is valid."""
    stamp, disable = CONTROLS[name]
    data = sealed(authority, STAMPS[stamp][0](authority))
    assert judged(authority, data).verdict.standing is not Standing.VALID
    disable(monkeypatch)
    assert judged(authority, data).verdict.standing is Standing.VALID


def test_without_the_rule_on_proof_an_expired_signer_could_date_back(
    short_lived: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = sealed(short_lived)
    assert judged(short_lived, data).verdict.standing is Standing.CANNOT_CONFIRM
    monkeypatch.setattr(issuer_checks._Time, "judge", lambda _self, name, *_, **__: Check(name, Result.PASS))
    assert judged(short_lived, data).verdict.standing is Standing.VALID


def fifth(authority: Authority, stamp_seal: Stamp | None, stamp_use: Stamp | None) -> bytes:
    """A seal of GM/T 0031-2025, perhaps with time stamps over the seal and over its use."""
    facts = [authority.signer.der], authority.seal.maker_certificate, authority.maker_key

    def with_stamp(written: bytes, stamp: Stamp | None) -> bytes:
        members = der.read(written).children()
        token = der.explicit(0, der.bit_string(stamp(members[3].bits()))) if stamp else b""
        return der.sequence(*(member.encoded for member in members[:4]), token)

    seal = with_stamp(flat_seal(authority.design, *facts), stamp_seal)

    def sign(description: bytes) -> bytes:
        use = flat_signature(
            seal,
            authority.signer.der,
            authority.signer_key,
            at=SEALED_AT,
            data_hash=sm3(description),
            property_info="/Doc_0/Signs/Sign_0/Signature.xml",
        )
        return with_stamp(use, stamp_use)

    return sealed_otherwise(authority.licence(), sign, seal)


def test_version_five_may_have_a_stamp_over_the_seal_and_one_over_its_use(short_lived: Authority) -> None:
    stamps = time_authority(short_lived)
    made, used = stamps.stamp(short_lived.design.created_at), stamps.stamp(STAMPED_AT)
    assert outcome(judged(short_lived, fifth(short_lived, made, used))) == (Standing.VALID, ("valid_at_signing",), "valid")
    assert outcome(judged(short_lived, fifth(short_lived, None, used))) == (Standing.VALID, ("valid_at_signing",), "valid")
    report = judged(short_lived, fifth(short_lived, made, None))  # it proves when the seal was made, not when it was used
    assert outcome(report) == (Standing.CANNOT_CONFIRM, ("signing_time_unproven",), "none")
    assert result_of(report, "timestamp")[0] == "pass"
    report = judged(short_lived, fifth(short_lived, lambda value: made(value + b"x"), used))
    assert outcome(report) == (Standing.INVALID, ("timestamp_invalid", "valid_at_signing"), "valid")


def test_of_signer_and_maker_the_worse_one_counts(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[datetime | None] = []

    def judge(certificate: object, _setting: object, *, claimed: datetime | None, proven: datetime | None = None) -> JudgedIssuer:
        seen.append(proven)
        result = Result.FAIL if certificate == authority.signer else Result.UNKNOWN
        return JudgedIssuer(Check("issuer_trusted", result), Check("issuer_not_revoked", result), is_known=claimed is not None)

    monkeypatch.setattr(seal_checks, "judge_issuer", judge)
    report = judged(authority, sealed(authority, time_authority(authority).stamp(STAMPED_AT)))
    assert {result_of(report, name)[0] for name in ("issuer_trusted", "issuer_not_revoked")} == {"fail"}
    assert seen == [STAMPED_AT, STAMPED_AT]


def unsigned_stamp(token: bytes, *more: bytes) -> bytes:
    return der.explicit(1, der.sequence(der.oid(f"{PKCS9}.16.2.14"), der.element(der.SET, token + b"".join(more))))


def with_unsigned(signed: bytes, stamp: Stamp) -> bytes:
    """The same SignedData with a stamp over its signature among the unsigned attributes."""
    outer = der.read(signed).children()
    members = outer[1].only_child().children()
    signer = members[-1].only_child().children()
    stamped = der.sequence(*(part.encoded for part in signer), unsigned_stamp(stamp(signer[-1].octets())))
    inside = der.sequence(*(member.encoded for member in members[:-1]), der.set_of(stamped))
    return der.sequence(outer[0].encoded, der.explicit(0, inside))


def test_signed_data_carries_its_stamp_among_the_unsigned_attributes(short_lived: Authority) -> None:
    def sign(description: bytes) -> bytes:
        return signed_data(short_lived.signer, short_lived.signer_key, signed_attributes=attributes(sm3(description), SEALED_AT))

    good = time_authority(short_lived).stamp(STAMPED_AT)
    plain = sealed_otherwise(short_lived.licence(), sign, None)
    stamped = sealed_otherwise(short_lived.licence(), lambda xml: with_unsigned(sign(xml), good), None)
    bad = sealed_otherwise(short_lived.licence(), lambda xml: with_unsigned(sign(xml), over_other_bytes(short_lived)), None)
    assert outcome(judged(short_lived, stamped))[0] is Standing.VALID
    assert "valid_at_signing" in judged(short_lived, stamped).verdict.reasons
    assert outcome(judged(short_lived, plain))[:2] == (
        Standing.CANNOT_CONFIRM,
        ("signing_time_unproven", "signature_without_seal"),
    )
    assert outcome(judged(short_lived, bad))[0] is Standing.INVALID


def detached(authority: Authority, data: bytes, content: bytes) -> tuple[SealFacts, dict[str, tuple[str, str]]]:
    facts, checks = judge_detached(data, content, TrustMaterial((authority.root,), (authority.crl(),)), NOW)
    return facts, {check.id: (check.result.value, check.reason) for check in checks}


ORDER = [
    "seal_identity",
    "seal_signature",
    "signer_in_seal",
    "seal_validity",
    "issuer_trusted",
    "issuer_not_revoked",
    "timestamp",
]
CONTENT = b"%PDF the bytes of a PDF"


def test_a_detached_signature_is_judged_alike(authority: Authority) -> None:
    signed = signed_data(
        authority.signer,
        authority.signer_key,
        signed_attributes=attributes(sm3(CONTENT), SEALED_AT, kind=RFC_DATA),
        kinds=(RFC_SIGNED, RFC_DATA),
    )
    facts, results = detached(authority, signed, CONTENT)
    assert list(results) == ORDER
    assert (facts.kind, facts.signed_at, facts.organisation_code) == ("CMS", SEALED_AT, authority.signer.organisation_code)
    assert results["seal_signature"] == results["issuer_trusted"] == results["issuer_not_revoked"] == ("pass", "")
    assert results["timestamp"] == ("not_applicable", "")
    assert detached(authority, signed, CONTENT + b"x")[1]["seal_signature"] == ("fail", "tampered_file")
    assert detached(authority, signed[:-1] + b"\x00", CONTENT)[1]["seal_signature"][0] == "fail"
    for broken in (b"", b"\x30\x00", signed + b"\x00"):
        facts, results = detached(authority, broken, CONTENT)
        assert (facts.kind, list(results), results["seal_signature"]) == ("unreadable", ORDER, ("fail", "bad_signature"))
    facts, results = detached(authority, bytes(65 * 1024), CONTENT)
    assert (facts.kind, list(results), results["seal_signature"][0]) == ("unsupported", ORDER, "unknown")


def test_enclosed_content_and_open_times_are_never_valid(authority: Authority) -> None:
    enclosed = signed_data(authority.signer, authority.signer_key, content=CONTENT, message=CONTENT)
    assert detached(authority, enclosed, CONTENT)[1]["seal_signature"] == ("unknown", "unsupported_algorithm")
    timeless = signed_data(authority.signer, authority.signer_key, signed_attributes=attributes(sm3(CONTENT)))
    assert detached(authority, timeless, CONTENT)[1]["issuer_trusted"] == ("unknown", "signing_time_unknown")
    stamped = with_unsigned(timeless, time_authority(authority).stamp(STAMPED_AT))
    facts, results = detached(authority, stamped, CONTENT)
    assert (facts.signed_at, facts.proven_at, facts.timestamp) == (None, STAMPED_AT, "valid")
    assert results["issuer_trusted"] == results["timestamp"] == ("pass", "")
