"""Trust lists before the checks: anchors by kind, distrust since a day, overdue and strange lists, and what a list cannot do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from liangzheng.crypto.certificates import Certificate, Subject, issue_certificate, read_certificate
from liangzheng.crypto.sm2 import SM2PrivateKey
from liangzheng.formats.ofd.sealing import seal_ofd
from liangzheng.formats.status_list import Status
from liangzheng.formats.trust_list import TrustEntry, TrustList, encode_trust_list
from liangzheng.verification import trust_anchors
from liangzheng.verification.file_checks import FileReport, TrustMaterial, judge_licence_file
from liangzheng.verification.trust_anchors import Trust, resolve
from liangzheng.verification.verdict import Standing
from tests.verification.sealed_licence import LONG, METADATA, NOW, SEALED_AT, Authority, found_authority, unsealed
from tests.verification.time_authority import found_time_authority

URI, OTHER_URI = "https://trust.example/a", "https://trust.example/b"
LIST_KEY = SM2PrivateKey.from_scalar(161803)
KIND, OTHER_KIND = METADATA.type_code, "11100000MB0143028R001"
BEFORE, AFTER = SEALED_AT - timedelta(days=1), SEALED_AT + timedelta(days=1)


def certificate_of(key: SM2PrivateKey, validity: tuple[datetime, datetime] = LONG) -> Certificate:
    name = Subject("信任名单签发（演示）")
    return read_certificate(issue_certificate(name, key.public_key, issuer=None, issuer_key=key, validity=validity))


LIST_SIGNER = certificate_of(LIST_KEY)


@pytest.fixture(scope="module")
def authority() -> Authority:
    return found_authority()


def entry(certificate: Certificate, *kinds: str, since: datetime | None = None, start: datetime = LONG[0]) -> TrustEntry:
    return TrustEntry(
        kind="issuer",
        name=certificate.common_name,
        organisation_code="11370600MADEM0011A",
        certificate=certificate,
        public_key=None,
        licence_types=kinds or ("*",),
        trusted_from=start,
        distrusted_since=since,
    )


def token(
    *entries: TrustEntry,
    number: int = 1,
    uri: str = URI,
    expires_at: datetime = NOW + timedelta(days=1),
    key: SM2PrivateKey = LIST_KEY,
    signer: Certificate = LIST_SIGNER,
) -> bytes:
    listed = TrustList(uri, number, NOW - timedelta(days=30), expires_at, entries)
    return encode_trust_list(listed, key=key, signer=signer)


def material(authority: Authority, *tokens: bytes, roots: Sequence[Certificate] = ()) -> TrustMaterial:
    """What the operator laid down: lists, no roots, and what judges revocation and status."""
    return TrustMaterial(tuple(roots), (authority.crl(),), (authority.status_token(Status.VALID),), (LIST_SIGNER,), tokens)


def outcome(report: FileReport) -> tuple[Standing, tuple[str, ...]]:
    return report.verdict.standing, report.verdict.reasons


def judged(authority: Authority, *tokens: bytes, roots: Sequence[Certificate] = (), data: bytes = b"") -> FileReport:
    return judge_licence_file(data or authority.licence(), material(authority, *tokens, roots=roots), NOW)


def result_of(report: FileReport, name: str) -> tuple[str, str]:
    found = next(check for check in report.verdict.checks if check.id == name)
    return found.result.value, found.reason


def test_an_anchor_of_the_list_counts_like_a_root(authority: Authority) -> None:
    assert outcome(judged(authority, token(entry(authority.root)))) == (Standing.VALID, ())
    assert outcome(judged(authority, token(entry(authority.root, KIND)))) == (Standing.VALID, ())
    assert outcome(judged(authority, token(entry(authority.root, OTHER_KIND, KIND)))) == (Standing.VALID, ())
    assert judged(authority).verdict.reasons[0] == "untrusted_root"


def test_an_issuer_of_other_kinds_is_called_that(authority: Authority) -> None:
    report = judged(authority, token(entry(authority.root, OTHER_KIND)))
    assert result_of(report, "issuer_trusted") == result_of(report, "issuer_not_revoked") == ("unknown", "issuer_not_for_kind")
    assert report.verdict.standing is Standing.CANNOT_CONFIRM
    assert outcome(judged(authority, token(entry(authority.root, OTHER_KIND)), roots=(authority.root,))) == (Standing.VALID, ())


def test_an_anchor_counts_from_its_day_on(authority: Authority) -> None:
    assert outcome(judged(authority, token(entry(authority.root, start=LONG[0])))) == (Standing.VALID, ())
    report = judged(authority, token(entry(authority.root, start=AFTER)))
    assert result_of(report, "issuer_trusted") == ("unknown", "untrusted_root")


@pytest.mark.parametrize("place", ["root", "signer", "maker"])
@pytest.mark.parametrize("laid_down", [False, True], ids=["by the list", "by the operator"])
def test_distrust_reaches_every_certificate_whoever_laid_it_down(authority: Authority, place: str, *, laid_down: bool) -> None:
    maker = read_certificate(authority.seal.maker_certificate)
    listed = {"root": authority.root, "signer": authority.signer, "maker": maker}[place]
    roots = (authority.root,) if laid_down else ()
    anchor = [] if laid_down else [entry(authority.root)]

    def report(since: datetime) -> FileReport:
        return judged(authority, token(*anchor, entry(listed, since=since)), roots=roots)

    start = LONG[0] + timedelta(hours=1)  # before the seal was made, too
    assert result_of(report(start), "issuer_trusted") == ("fail", "issuer_distrusted")
    assert report(start).verdict.standing is Standing.INVALID
    assert result_of(report(AFTER), "issuer_trusted") == ("unknown", "signing_time_unproven")
    assert outcome(report(NOW + timedelta(seconds=1))) == (Standing.VALID, ())


def test_the_moment_of_distrust_itself_is_distrusted(authority: Authority) -> None:
    for since, expected in ((SEALED_AT, "issuer_distrusted"), (SEALED_AT + timedelta(seconds=1), "signing_time_unproven")):
        report = judged(authority, token(entry(authority.signer, since=since)), roots=(authority.root,))
        assert result_of(report, "issuer_trusted")[1] == expected


def test_a_proven_time_before_the_distrust_is_enough(authority: Authority) -> None:
    stamps = found_time_authority(authority.root, authority.root_key)
    for stamped_at, expected in (
        (SEALED_AT, ("pass", "valid_at_signing")),
        (AFTER, ("unknown", "signing_time_unproven")),
    ):
        data = seal_ofd(unsealed(METADATA), authority.seal, authority.signer_key, SEALED_AT, stamp=stamps.stamp(stamped_at))
        report = judged(authority, token(entry(authority.signer, since=AFTER)), roots=(authority.root,), data=data)
        assert result_of(report, "issuer_trusted") == expected


def test_a_distrusted_time_authority_proves_nothing(authority: Authority) -> None:
    stamps = found_time_authority(authority.root, authority.root_key)
    data = seal_ofd(unsealed(METADATA), authority.seal, authority.signer_key, SEALED_AT, stamp=stamps.stamp(SEALED_AT))
    for since, expected in ((BEFORE, ("fail", "timestamp_invalid")), (AFTER, ("unknown", "timestamp_untrusted"))):
        report = judged(authority, token(entry(stamps.certificate, since=since)), roots=(authority.root,), data=data)
        assert result_of(report, "timestamp") == expected


def test_a_new_certificate_for_a_distrusted_key_is_distrusted(authority: Authority) -> None:
    subject = Subject("换了名字", organisation_code="11370600MADEM0011A")
    key = authority.signer_key.public_key
    renewed = issue_certificate(subject, key, issuer=authority.root, issuer_key=authority.root_key, validity=LONG)
    report = judged(authority, token(entry(read_certificate(renewed), since=BEFORE)), roots=(authority.root,))
    assert result_of(report, "issuer_trusted") == ("fail", "issuer_distrusted")


STALE = NOW - timedelta(seconds=1)


def test_an_overdue_list_lends_no_trust_and_keeps_its_distrust(authority: Authority) -> None:
    report = judged(authority, token(entry(authority.root), expires_at=STALE))
    assert result_of(report, "issuer_trusted") == ("unknown", "trust_list_stale")
    report = judged(authority, token(entry(authority.root, since=BEFORE), expires_at=STALE), roots=(authority.root,))
    assert result_of(report, "issuer_trusted") == ("fail", "issuer_distrusted")
    report = judged(authority, token(expires_at=STALE), roots=(authority.root,))
    assert outcome(report) == (Standing.VALID, ("trust_list_stale",))


def strange(*entries: TrustEntry, number: int = 1) -> bytes:
    """A list of a signer that nobody pinned."""
    key = SM2PrivateKey.from_scalar(27182)
    return token(*entries, number=number, key=key, signer=certificate_of(key))


def test_a_list_that_nobody_pinned_lends_no_trust_and_keeps_its_distrust(authority: Authority) -> None:
    report = judged(authority, strange(entry(authority.root)))
    assert result_of(report, "issuer_trusted") == ("unknown", "trust_list_invalid")
    report = judged(authority, strange(entry(authority.root, since=BEFORE)), roots=(authority.root,))
    assert result_of(report, "issuer_trusted") == ("fail", "issuer_distrusted")
    for odd in (b"", b"a.b.c", token(entry(authority.root))[:-4], token(entry(authority.root))[:-4] + b"AAAA"):
        report = judged(authority, odd)
        assert result_of(report, "issuer_trusted")[1] in {"untrusted_root", "trust_list_invalid"}
        assert outcome(judged(authority, odd, roots=(authority.root,))) == (Standing.VALID, ("trust_list_invalid",))


def test_a_seal_holder_under_the_root_cannot_write_a_list(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    other = found_authority(issuer_code="91370602MADEM0011Y")
    forged = token(entry(other.root), key=authority.signer_key, signer=authority.signer)
    trust = material(other, forged, roots=(authority.root,))
    report = judge_licence_file(other.licence(), trust, NOW)
    assert result_of(report, "issuer_trusted") == ("unknown", "trust_list_invalid")
    monkeypatch.setattr(
        trust_anchors, "_judged", lambda tokens, *_: tuple((found, "") for found in trust_anchors._read_lists(tokens))
    )
    assert result_of(judge_licence_file(other.licence(), trust, NOW), "issuer_trusted") == ("pass", "")  # the control


def resolved(*tokens: bytes, roots: Sequence[Certificate] = ()) -> Trust:
    return resolve(TrustMaterial(roots=tuple(roots), list_signers=(LIST_SIGNER,), trust_lists=tokens), NOW)


def test_the_highest_number_of_an_address_counts(authority: Authority) -> None:
    old, new = token(entry(authority.root), number=1), token(number=2)
    for tokens in ((old, new), (new, old)):
        assert resolved(*tokens).roots_for(KIND) == ()
    assert resolved(old, token(number=2, uri=OTHER_URI)).roots_for(KIND) == (authority.root,)
    overdue = token(number=3, expires_at=STALE)
    trust = resolved(old, overdue)  # an older one does not come back when the newer is overdue
    assert (trust.roots_for(KIND), trust.fault) == ((), "trust_list_stale")
    trust = resolved(old, strange(number=9))  # a strange one does not take the place of a good one
    assert (trust.roots_for(KIND), trust.fault) == ((authority.root,), "trust_list_invalid")


def test_what_an_older_issue_said_of_distrust_is_over_when_the_newer_one_takes_it_back(authority: Authority) -> None:
    old, new = token(entry(authority.root, since=BEFORE), number=1), token(entry(authority.root), number=2)
    assert resolved(old).distrusted_since(authority.root) == BEFORE
    assert resolved(old, new).distrusted_since(authority.root) is None
    both = resolved(old, token(entry(authority.root, since=AFTER), uri=OTHER_URI))
    assert both.distrusted_since(authority.root) == BEFORE


def test_roots_by_kind(authority: Authority) -> None:
    other = found_authority()
    trust = resolved(token(entry(authority.root, KIND), entry(other.root)), roots=(other.signer,))
    assert set(trust.roots_for(KIND)) == {other.signer, authority.root, other.root}
    assert set(trust.roots_for(None)) == set(trust.roots_for(OTHER_KIND)) == {other.signer, other.root}
    assert trust.fault == ""
    assert resolve(TrustMaterial(), NOW).roots_for(KIND) == ()


def test_a_file_without_a_kind_needs_an_anchor_for_every_kind(authority: Authority) -> None:
    plain = replace(METADATA, type_code="")
    data = seal_ofd(unsealed(plain), authority.seal, authority.signer_key, SEALED_AT)
    report = judged(authority, token(entry(authority.root, KIND)), data=data)
    assert result_of(report, "issuer_trusted") == ("unknown", "issuer_not_for_kind")
    assert result_of(judged(authority, token(entry(authority.root)), data=data), "issuer_trusted") == ("pass", "")


def test_status_lists_follow_the_same_trust(authority: Authority) -> None:
    assert result_of(judged(authority, token(entry(authority.root, KIND))), "status") == ("pass", "")
    assert result_of(judged(authority, token(entry(authority.root, OTHER_KIND))), "status") == ("unknown", "status_unknown")
    for listed in (authority.root, authority.signer):
        report = judged(authority, token(entry(authority.root), entry(listed, since=AFTER)))
        assert result_of(report, "status") == ("unknown", "status_unknown")


@pytest.mark.parametrize("guard", ["distrust", "kind", "overdue"])
def test_each_guard_alone_keeps_the_licence_from_being_valid(
    authority: Authority, guard: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: without the guard the very same licence is valid."""
    listed = {
        "distrust": token(entry(authority.root), entry(authority.signer, since=BEFORE)),
        "kind": token(entry(authority.root, OTHER_KIND)),
        "overdue": token(entry(authority.root), expires_at=STALE),
    }[guard]
    assert judged(authority, listed).verdict.standing is not Standing.VALID
    if guard == "distrust":
        monkeypatch.setattr(Trust, "first_distrust", lambda *_: None)
    elif guard == "kind":
        monkeypatch.setattr(TrustEntry, "allows", lambda *_: True)
    else:
        monkeypatch.setattr(
            trust_anchors, "_judged", lambda tokens, *_: tuple((found, "") for found in trust_anchors._read_lists(tokens))
        )
    assert judged(authority, listed).verdict.standing is Standing.VALID
