"""The checks of an on-line scan as a table: every reason once from facts that differ in one point from a good scan."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from liangzheng.verification.checks import CodeFacts, LicenceFacts, ListFacts, judge_scan
from liangzheng.verification.verdict import Check, Result, Standing, Verdict

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
TODAY = date(2026, 11, 22)
CODE = CodeFacts("holder_code", is_signed=True, is_known=True, expires_at=NOW + timedelta(seconds=30), was_used=False)
LICENCE = LicenceFacts(date(2025, 1, 1), date(2028, 1, 1), "valid", None, {"number": ("A1", "A1")})
USABLE = ListFacts(is_listed=True, physical="carry_required__electronic_accepted", is_physical_confirmed=True)
FILE_IDS = [
    "file_digests",
    "seal_identity",
    "seal_signature",
    "signer_in_seal",
    "seal_validity",
    "issuer_trusted",
    "issuer_not_revoked",
    "timestamp",
    "coverage",
    "metadata_present",
    "identifier",
    "issuer_matches",
    "in_validity",
    "status",
]
FILE = {name: Check(name, Result.PASS) for name in FILE_IDS}


def judge(
    code: CodeFacts = CODE,
    licence: LicenceFacts | None = LICENCE,
    file: dict[str, Check] | None = FILE,
    usable: ListFacts | None = USABLE,
) -> Verdict:
    """Judge with one fact changed."""
    return judge_scan(code, licence, file, usable, NOW, TODAY)


def test_a_good_licence_is_valid_with_all_fifteen_checks_passed() -> None:
    verdict = judge()
    assert verdict.standing is Standing.VALID
    assert verdict.reasons == ()
    assert len(verdict.checks) == 15
    assert {check.result for check in verdict.checks} == {Result.PASS}


@pytest.mark.parametrize(
    ("code", "standing", "reason"),
    [
        (replace(CODE, kind="unreadable"), Standing.INVALID, "code_unreadable"),
        (replace(CODE, kind="badge_code"), Standing.INVALID, "wrong_code_kind"),
        (replace(CODE, kind="foreign_code"), Standing.CANNOT_CONFIRM, "foreign_code"),
        (replace(CODE, is_signed=False), Standing.INVALID, "code_forged"),
        (replace(CODE, expires_at=NOW - timedelta(seconds=1)), Standing.INVALID, "code_expired"),
        (replace(CODE, is_known=False), Standing.CANNOT_CONFIRM, "code_unknown"),
        (replace(CODE, was_used=True), Standing.INVALID, "code_used"),
        (replace(CODE, is_reused=True), Standing.CANNOT_CONFIRM, "code_reused"),
        (replace(CODE, was_used=True, is_reused=True), Standing.INVALID, "code_used"),
        (replace(CODE, kind="short_code", expires_at=None, is_known=False), Standing.CANNOT_CONFIRM, "code_unknown"),
    ],
)
def test_a_bad_code_opens_no_licence(code: CodeFacts, standing: Standing, reason: str) -> None:
    verdict = judge(code)
    assert (verdict.standing, verdict.reasons) == (standing, (reason,))
    assert "status" not in {check.id for check in verdict.checks}


def test_a_code_lives_to_its_last_second() -> None:
    assert judge(replace(CODE, expires_at=NOW)).standing is Standing.VALID


@pytest.mark.parametrize("status", ["revoked", "suspended", "withdrawn", "cancelled", "superseded", "transferred_out", "lost"])
def test_each_bad_status_makes_the_licence_invalid(status: str) -> None:
    verdict = judge(licence=replace(LICENCE, status=status))
    assert (verdict.standing, verdict.reasons) == (Standing.INVALID, (status,))


@pytest.mark.parametrize(
    ("licence", "standing", "reasons"),
    [
        (replace(LICENCE, valid_to=TODAY), Standing.VALID, ("expiring_soon",)),
        (replace(LICENCE, valid_to=TODAY - timedelta(days=1)), Standing.INVALID, ("expired",)),
        (replace(LICENCE, valid_to=None), Standing.VALID, ()),
        (replace(LICENCE, valid_from=TODAY + timedelta(days=1)), Standing.INVALID, ("not_yet_effective",)),
        (replace(LICENCE, status="?"), Standing.CANNOT_CONFIRM, ("status_unknown",)),
        (replace(LICENCE, compared={"number": ("A1", "B2")}), Standing.INVALID, ("record_differs_from_file",)),
        (None, Standing.CANNOT_CONFIRM, ("code_unknown",)),
    ],
)
def test_dates_status_and_record(licence: LicenceFacts | None, standing: Standing, reasons: tuple[str, ...]) -> None:
    verdict = judge(licence=licence)
    assert (verdict.standing, verdict.reasons) == (standing, reasons)


@pytest.mark.parametrize("name", FILE_IDS)
@pytest.mark.parametrize("result", [Result.FAIL, Result.UNKNOWN])
def test_no_doubt_about_the_file_is_ever_valid(name: str, result: Result) -> None:
    verdict = judge(file={**FILE, name: Check(name, result, "why")})
    decided_elsewhere = {"in_validity"} | ({"status"} if result is Result.UNKNOWN else set())
    if name in decided_elsewhere:  # the live record answers these two; a worse word of a signed list still wins
        assert verdict.standing is Standing.VALID
    else:
        assert verdict.standing is (Standing.INVALID if result is Result.FAIL else Standing.CANNOT_CONFIRM)
        assert verdict.reasons == ("why",)


def test_a_file_check_that_was_not_reached_proves_nothing() -> None:
    missing = {name: check for name, check in FILE.items() if name != "coverage"}
    assert judge(file=missing).standing is Standing.CANNOT_CONFIRM
    assert judge(file=None).reasons == ("file_missing",)


def test_a_wrong_check_digit_is_a_warning() -> None:
    verdict = judge(file={**FILE, "identifier": Check("identifier", Result.PASS, "check_digit_mismatch")})
    assert (verdict.standing, verdict.reasons) == (Standing.VALID, ("check_digit_mismatch",))


@pytest.mark.parametrize(
    ("usable", "reason"),
    [
        (None, "not_on_list"),
        (replace(USABLE, is_listed=False), "not_on_list"),
        (replace(USABLE, physical="physical_required"), "physical_required"),
        (replace(USABLE, is_physical_confirmed=False), "physical_unconfirmed"),
    ],
)
def test_an_open_question_of_the_list_asks_for_the_physical_document_and_is_no_fault(
    usable: ListFacts | None, reason: str
) -> None:
    verdict = judge(usable=usable)
    assert (verdict.standing, verdict.reasons) == (Standing.CANNOT_CONFIRM, (reason,))


def test_the_canonical_form_is_the_same_for_equal_verdicts_and_holds_no_words() -> None:
    assert judge().canonical() == judge().canonical()
    assert judge().canonical().decode().isascii()
    assert judge(licence=replace(LICENCE, status="revoked")).canonical() != judge().canonical()
