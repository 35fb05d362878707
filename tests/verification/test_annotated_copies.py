"""An annotated copy (加注件): its seal, its period, the original inside; and every way to make it lie."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from liangzheng.formats.ofd.annotation import original_of, read_annotation
from liangzheng.formats.ofd.errors import FaceError, OfdError
from liangzheng.formats.ofd.package import read_ofd
from liangzheng.formats.ofd.sealing import seal_ofd
from liangzheng.formats.status_list import Status
from liangzheng.verification import annotated_checks
from liangzheng.verification.file_checks import FileReport, judge_licence_file
from liangzheng.verification.judge import judge
from liangzheng.verification.verdict import Check, Result, Standing
from tests.verification.annotating import ANNOTATION, PLATFORM, UNTIL, Platform, found_platform, unsealed_copy
from tests.verification.sealed_licence import METADATA, NOW, SEALED_AT, Authority, found_authority, repacked, unsealed
from tests.verification.signed_pdf import found_pdf_authority
from tests.verification.signed_pdf import licence as pdf_licence
from tests.verification.test_trust_anchors import OTHER_KIND, material, token
from tests.verification.test_trust_anchors import entry as anchor

ATTACHED = "Doc_0/Attachs/original.ofd"
LIST = "Doc_0/Attachments.xml"
NEW_CHECKS = ["annotation_signed", "annotation_in_time", "original_bound", "original_valid"]


@pytest.fixture(scope="module")
def authority() -> Authority:
    return found_authority()


@pytest.fixture(scope="module")
def platform(authority: Authority) -> Platform:
    return found_platform(authority)


@pytest.fixture(scope="module")
def original(authority: Authority) -> bytes:
    return authority.licence()


def outcome(report: FileReport) -> tuple[Standing, tuple[str, ...]]:
    return report.verdict.standing, report.verdict.reasons


def result_of(report: FileReport, name: str) -> tuple[str, str, str]:
    found = next(check for check in report.verdict.checks if check.id == name)
    return found.result.value, found.reason, found.detail


def test_a_copy_is_valid_and_the_original_inside_is_judged_in_full(
    authority: Authority, platform: Platform, original: bytes
) -> None:
    report = judge(platform.copy(original), authority.trust(), NOW)
    assert outcome(report) == (Standing.VALID, ())
    assert report.kind == "annotated_copy"
    assert [check.id for check in report.verdict.checks[10:]] == NEW_CHECKS
    assert report.annotation
    assert replace(report.annotation, original_sm3="") == ANNOTATION
    assert [seal.organisation for seal in report.seals] == [PLATFORM]
    assert report.inner == judge_licence_file(original, authority.trust(), NOW)
    assert report.inner.metadata == METADATA
    assert report.is_demo
    facts = report.to_json()
    assert facts["inner"] == report.inner.to_json()
    assert facts["annotation"] == report.annotation.to_json()


def test_the_original_is_untouched_and_still_valid_when_taken_out(
    authority: Authority, platform: Platform, original: bytes
) -> None:
    inside = original_of(read_ofd(platform.copy(original)))
    assert inside == original
    assert judge(inside, authority.trust(), NOW).verdict.standing is Standing.VALID


@pytest.mark.parametrize("status", [Status.REVOKED, Status.SUSPENDED])
def test_a_copy_is_never_better_than_its_original(
    authority: Authority, platform: Platform, original: bytes, status: Status
) -> None:
    report = judge(platform.copy(original), authority.trust(status), NOW)
    assert outcome(report) == (Standing.INVALID, ("original_invalid",))
    assert report.inner
    assert report.inner.verdict.reasons == (status.value,)
    no_status = replace(authority.trust(), status_tokens=())
    assert outcome(judge(platform.copy(original), no_status, NOW)) == (Standing.CANNOT_CONFIRM, ("original_unconfirmed",))


def test_an_unsealed_original_makes_no_licence_by_being_annotated(authority: Authority, platform: Platform) -> None:
    report = judge(platform.copy(unsealed()), authority.trust(), NOW)
    assert outcome(report) == (Standing.INVALID, ("original_invalid",))


def altered(original: bytes) -> bytes:
    return repacked(original, {"Doc_0/Res/photo.png": b"another face"})


def another(authority: Authority) -> bytes:
    """A licence of the same authority, as good as the one that was annotated."""
    return authority.licence(replace(METADATA, holder="另一公司（演示）"))


Tampering = Callable[[Authority, Platform, bytes], bytes]
TAMPERINGS: dict[str, tuple[Tampering, tuple[str, ...]]] = {
    "altered inside": (
        lambda _, platform, original: repacked(platform.copy(original), {ATTACHED: altered(original)}),
        ("tampered_file", "original_swapped", "original_invalid"),
    ),
    "swapped": (
        lambda authority, platform, original: repacked(platform.copy(original), {ATTACHED: another(authority)}),
        ("tampered_file", "original_swapped"),
    ),
    "swapped and sealed anew": (
        lambda authority, platform, original: platform.sealed(repacked(unsealed_copy(original), {ATTACHED: another(authority)})),
        ("original_swapped",),
    ),
    "altered before it was annotated": (
        lambda _, platform, original: platform.copy(altered(original)),
        ("original_invalid",),
    ),
    "taken out": (
        lambda _, platform, original: platform.sealed(repacked(unsealed_copy(original), {ATTACHED: None})),
        ("original_missing",),
    ),
    "two lists of one": (
        lambda _, platform, original: platform.sealed(with_two(unsealed_copy(original))),
        ("original_missing",),
    ),
    "no seal": (lambda _, __, original: unsealed_copy(original), ("no_signature", "annotation_unsealed")),
    "purpose rewritten": (
        lambda _, platform, original: rewritten(platform.copy(original), "客运班线检查备案", "贷款"),
        ("tampered_file",),
    ),
    "period rewritten": (
        lambda _, platform, original: rewritten(platform.copy(original), "20260317", "20360317"),
        ("tampered_file",),
    ),
    "a file added": (
        lambda _, platform, original: repacked(platform.copy(original), {"Doc_0/Attachs/more.ofd": original}),
        ("uncovered_content",),
    ),
    "over": (
        lambda _, platform, original: platform.copy(original, expires_at=NOW - timedelta(seconds=1)),
        ("annotation_expired",),
    ),
    "made tomorrow": (
        lambda _, platform, original: platform.copy(original, created_at=NOW + timedelta(days=1)),
        ("annotation_not_yet_made",),
    ),
    "a copy of a copy": (lambda _, platform, original: platform.copy(platform.copy(original)), ("annotated_twice",)),
    "no licence file": (lambda _, platform, __: platform.copy(b"not a licence"), ("original_unreadable",)),
}


def with_two(copy: bytes) -> bytes:
    entries = read_ofd(copy).files[LIST]
    start, end = entries.index(b"<ofd:Attachment "), entries.index(b"</ofd:Attachments>")
    return repacked(copy, {LIST: entries[:end] + entries[start:end].replace(b'ID="1"', b'ID="2"') + entries[end:]})


def rewritten(copy: bytes, old: str, new: str) -> bytes:
    entry = read_ofd(copy).files["OFD.xml"].decode()
    assert old in entry
    return repacked(copy, {"OFD.xml": entry.replace(old, new).encode()})


@pytest.mark.parametrize("name", TAMPERINGS)
def test_each_lie_has_its_reason(authority: Authority, platform: Platform, original: bytes, name: str) -> None:
    lie, reasons = TAMPERINGS[name]
    assert outcome(judge(lie(authority, platform, original), authority.trust(), NOW)) == (Standing.INVALID, reasons)


@pytest.mark.parametrize(
    ("name", "protection"),
    [
        ("swapped and sealed anew", "_bound"),
        ("over", "_in_time"),
        ("made tomorrow", "_in_time"),
        ("altered before it was annotated", "_judge_original"),
        ("a copy of a copy", "_judge_original"),
        ("no licence file", "_judge_original"),
    ],
)
def test_without_its_check_each_of_these_lies_would_pass(
    authority: Authority, platform: Platform, original: bytes, name: str, protection: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    blind = Check("blind", Result.PASS)
    monkeypatch.setattr(annotated_checks, protection, lambda *_: (None, blind) if protection == "_judge_original" else blind)
    lie = TAMPERINGS[name][0](authority, platform, original)
    assert judge(lie, authority.trust(), NOW).verdict.standing is Standing.VALID


def test_an_unsealed_copy_would_need_two_checks_to_be_blind(
    authority: Authority, original: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(annotated_checks, "worst_of", lambda _: [Check("seal_identity", Result.PASS)])
    report = judge(unsealed_copy(original), authority.trust(), NOW)
    assert outcome(report) == (Standing.INVALID, ("annotation_unsealed",))
    monkeypatch.setattr(annotated_checks, "_signed", lambda *_: Check("annotation_signed", Result.PASS))
    assert judge(unsealed_copy(original), authority.trust(), NOW).verdict.standing is Standing.VALID


def test_the_last_second_counts(authority: Authority, platform: Platform, original: bytes) -> None:
    copy = platform.copy(original, expires_at=NOW)
    assert result_of(judge(copy, authority.trust(), NOW), "annotation_in_time") == ("pass", "", "2026-03-10T04:00:00Z")
    later = judge(copy, authority.trust(), NOW + timedelta(seconds=1))
    assert result_of(later, "annotation_in_time") == ("fail", "annotation_expired", "2026-03-10T04:00:00Z")


def test_no_changed_byte_of_a_copy_is_ever_valid(authority: Authority, platform: Platform, original: bytes) -> None:
    copy = platform.copy(original)
    trust = authority.trust()
    tried = 0
    for path, content in read_ofd(copy).files.items():
        for place in sorted({0, len(content) // 3, len(content) // 2, len(content) - 1}):
            changed = content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]
            try:
                standing = judge(repacked(copy, {path: changed}), trust, NOW).verdict.standing
            except OfdError:
                standing = Standing.INVALID
            assert standing is not Standing.VALID, (path, place)
            tried += 1
    assert tried > 40


def test_a_stranger_or_another_body_leaves_it_open(authority: Authority, original: bytes) -> None:
    stranger = found_platform(found_authority())
    assert outcome(judge(stranger.copy(original), authority.trust(), NOW)) == (Standing.CANNOT_CONFIRM, ("untrusted_root",))
    neighbour = found_platform(authority, "另一平台（演示）")
    report = judge(neighbour.copy(original), authority.trust(), NOW)
    assert outcome(report) == (Standing.CANNOT_CONFIRM, ("annotator_differs",))


@pytest.mark.parametrize("item", ["JZJZZSJ", "JZJYXQJZSJ", "JZJZZSY"])
def test_what_the_annotation_leaves_out_is_not_confirmed(
    authority: Authority, platform: Platform, original: bytes, item: str
) -> None:
    entry = read_ofd(unsealed_copy(original)).files["OFD.xml"]
    start = entry.index(f'<ofd:CustomData Name="{item}"'.encode())
    end = entry.index(b"</ofd:CustomData>", start) + len(b"</ofd:CustomData>")
    copy = platform.sealed(repacked(unsealed_copy(original), {"OFD.xml": entry[:start] + entry[end:]}))
    assert outcome(judge(copy, authority.trust(), NOW)) == (Standing.CANNOT_CONFIRM, ("metadata_missing",))


@pytest.mark.parametrize("time", ["00010101000000", "20261301000000", "99999999999999", "2026-03-17", ""])
def test_a_time_that_is_none_is_not_confirmed(authority: Authority, platform: Platform, original: bytes, time: str) -> None:
    entry = read_ofd(unsealed_copy(original)).files["OFD.xml"].decode()
    for good in ("20260310110000", "20260317120000"):
        assert entry.count(good) == 1
        changed = repacked(unsealed_copy(original), {"OFD.xml": entry.replace(good, time).encode()})
        report = judge(platform.sealed(changed), authority.trust(), NOW)
        assert outcome(report) == (Standing.CANNOT_CONFIRM, ("metadata_missing",))
        assert report.to_json()


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        ((METADATA.type_code,), (Standing.VALID, ())),
        (("*",), (Standing.VALID, ())),
        ((OTHER_KIND,), (Standing.CANNOT_CONFIRM, ("issuer_not_for_kind",))),
    ],
)
def test_whoever_annotates_is_trusted_for_that_kind_of_licence(
    authority: Authority, original: bytes, kinds: tuple[str, ...], expected: tuple[Standing, tuple[str, ...]]
) -> None:
    elsewhere = found_authority()
    listed = token(anchor(authority.root, METADATA.type_code), anchor(elsewhere.root, *kinds))
    trust = replace(material(authority, listed), crls=(authority.crl(), elsewhere.crl()))
    assert outcome(judge(found_platform(elsewhere).copy(original), trust, NOW)) == expected


def test_a_second_seal_of_the_user_is_lawful(authority: Authority, platform: Platform, original: bytes) -> None:
    user = found_platform(authority, "使用单位（演示）")
    report = judge(user.sealed(platform.copy(original), NOW), authority.trust(), NOW)
    assert (*outcome(report), len(report.seals)) == (Standing.VALID, (), 2)


def test_a_copy_judged_as_a_plain_licence_is_not_confirmed_either(
    authority: Authority, platform: Platform, original: bytes
) -> None:
    report = judge_licence_file(platform.copy(original), authority.trust(), NOW)
    assert report.verdict.standing is Standing.CANNOT_CONFIRM


def test_a_licence_that_carries_its_annotation_itself_ends_with_it(authority: Authority) -> None:
    """Other platforms write the annotation into the licence and seal that; it has no original inside."""
    items = dict(ANNOTATION.custom_data())
    del items["LZ_IS_DEMO"]
    written = "".join(f'<ofd:CustomData Name="{name}">{value}</ofd:CustomData>' for name, value in items.items())
    entry = read_ofd(unsealed()).files["OFD.xml"].replace(b"</ofd:CustomDatas>", written.encode() + b"</ofd:CustomDatas>")
    data = seal_ofd(repacked(unsealed(), {"OFD.xml": entry}), authority.seal, authority.signer_key, SEALED_AT)
    report = judge(data, authority.trust(), NOW)
    assert (report.kind, *outcome(report)) == ("licence_ofd", Standing.VALID, ())
    assert result_of(report, "annotation_in_time")[0] == "pass"
    late = UNTIL + timedelta(seconds=1)
    fresh = replace(authority.trust(), status_tokens=(authority.status_token(Status.VALID, issued_at=late),))
    assert "annotation_expired" in judge(data, fresh, late).verdict.reasons


def test_a_pdf_may_be_the_original() -> None:
    authority, pdf = found_authority(), found_pdf_authority()
    report = judge(found_platform(authority).copy(pdf_licence(pdf)), authority.trust(), NOW)
    assert report.inner
    assert report.inner.kind == "licence_pdf"
    assert outcome(report) == (Standing.CANNOT_CONFIRM, ("original_unconfirmed",))


def test_two_purposes_in_one_copy_are_refused(original: bytes) -> None:
    entry = read_ofd(unsealed_copy(original)).files["OFD.xml"].decode()
    twice = entry.replace("</ofd:CustomDatas>", '<ofd:CustomData Name="jzjzzsy">贷款</ofd:CustomData></ofd:CustomDatas>')
    with pytest.raises(OfdError, match="ambiguous_metadata"):
        read_annotation(read_ofd(repacked(original, {"OFD.xml": twice.encode()})).custom_items)


def test_the_words_stand_on_the_page_whole_or_not_at_all(original: bytes) -> None:
    drawn = read_ofd(unsealed_copy(original)).files["Doc_0/Pages/Page_0/Content.xml"].decode()
    for text in (ANNOTATION.purpose, ANNOTATION.user, PLATFORM, "演示样本，不是真实证照", "2026-03-17 12:00:00"):
        assert text in drawn
    with pytest.raises(FaceError, match="face_full"):
        unsealed_copy(original, purpose="用" * 2000)
    with pytest.raises(FaceError, match=r"missing_glyph: U\+10FFFD"):
        unsealed_copy(original, user="\U0010fffd")


def test_the_same_copy_gives_the_same_bytes(original: bytes) -> None:
    first = unsealed_copy(original)
    assert unsealed_copy(original) == first
