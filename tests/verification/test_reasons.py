"""The table of wordings is complete, and a tired officer can act on every line of it."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any, cast

import pytest

from liangzheng.verification.verdict import Standing

TABLE = cast("dict[str, dict[str, Any]]", json.loads(files("liangzheng.verification").joinpath("reasons.json").read_bytes()))
REASONS = {code: words for code, words in TABLE.items() if code not in {"check", "standing", "errors"}}

CODES = """
code_unreadable code_forged code_expired code_used code_reused wrong_code_kind foreign_code code_unknown
tampered_file tampered_signature_xml bad_signature seal_mismatch signer_not_in_seal seal_expired seal_not_yet_valid
cert_expired_at_signing cert_revoked untrusted_root no_signature uncovered_content unsupported_algorithm unsupported_seal_version
signature_without_seal no_signer_certificate signing_time_unknown
timestamp_invalid timestamp_untrusted signing_time_unproven valid_at_signing
issuer_distrusted issuer_not_for_kind trust_list_stale trust_list_invalid
bad_certificate revocation_unknown metadata_missing issuer_mismatch check_digit_mismatch record_differs_from_file file_missing
expired not_yet_effective revoked suspended withdrawn cancelled superseded transferred_out lost status_unknown status_stale
not_on_list physical_required physical_unconfirmed expiring_soon wrong_licence_kind holder_differs
"""


def test_every_code_has_its_words() -> None:
    assert set(REASONS) >= set(CODES.split())


@pytest.mark.parametrize("code", REASONS)
def test_a_reason_names_cause_and_next_step_and_blames_nobody(code: str) -> None:
    words = REASONS[code]
    assert set(words) == {"level", "zh", "en", "cause_zh", "next_zh", "next_en"}
    assert words["level"] in {"ok", "warn", "bad", "unknown"}
    assert all(words.values())
    assert words["cause_zh"].endswith("。")
    assert words["next_zh"].endswith("。")
    assert "违法" not in "".join(words.values())
    assert len(words["zh"]) <= 24


@pytest.mark.parametrize("code", [code for code, words in REASONS.items() if words["level"] == "bad"])
def test_a_bad_one_says_that_the_party_may_object(code: str) -> None:
    assert "异议" in REASONS[code]["next_zh"]
    assert "object" in REASONS[code]["next_en"]


@pytest.mark.parametrize(
    ("code", "word"),
    [
        ("expiring_soon", "即将到期"),
        ("expired", "已过期"),
        ("not_yet_effective", "尚未生效"),
        ("revoked", "已吊销"),
        ("cancelled", "已注销"),
        ("suspended", "已暂扣"),
        ("bad_signature", "签名无效（疑似伪造）"),
        ("code_forged", "签名无效（疑似伪造）"),
        ("untrusted_root", "签发机构不在信任名单"),
        ("code_expired", "出示码已失效，请对方刷新"),
        ("code_used", "出示码已失效：已被使用过"),
        ("code_unreadable", "无法识别此码"),
    ],
)
def test_the_words_of_the_trade(code: str, word: str) -> None:
    assert REASONS[code]["zh"] == word


def test_what_cannot_be_confirmed_is_never_called_false() -> None:
    for code in ("untrusted_root", "foreign_code", "status_unknown", "not_on_list", "physical_required", "physical_unconfirmed"):
        assert REASONS[code]["level"] == "unknown"


def test_standings_checks_and_errors_have_words() -> None:
    assert set(TABLE["standing"]) == {standing.value for standing in Standing}
    assert TABLE["standing"]["valid"]["zh"] == "有效"
    assert TABLE["standing"]["valid_offline"]["zh"] == "离线有效"
    for group, keys in (("standing", {"level", "zh", "en"}), ("check", {"zh", "en"}), ("errors", {"zh", "en", "next_zh"})):
        for code, words in TABLE[group].items():
            assert set(words) == keys, code
            assert all(words.values()), code
