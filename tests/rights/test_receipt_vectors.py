"""Signed receipts, good and forged: the same vectors as `web/core/tests/receipt.test.ts`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dev.vectors_receipts import CONTENT, KEYS, cases, proof, signed, text
from liangzheng.auditlog.note import read_key
from liangzheng.rights import receipt_file
from liangzheng.rights.receipt_file import MalformedReceipt, check, read_key_word, read_signed, write_key

FILE = Path(__file__).parent.parent / "vectors" / "receipts.json"
VECTORS = json.loads(FILE.read_text(encoding="utf-8"))
WORDS = [read_key_word(word) for word in VECTORS["keys"]]
LOG = [read_key(vkey) for vkey in VECTORS["log"]]
WITNESSES = [read_key(vkey) for vkey in VECTORS["witnesses"]]


def test_the_file_is_what_the_generator_writes() -> None:
    assert FILE.read_text(encoding="utf-8") == text()


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["name"])
def test_each_case_is_judged_as_it_was_made(case: dict[str, object]) -> None:
    data, answer = bytes.fromhex(str(case["file"])), case["answer"]
    try:
        receipt = read_signed(data)
    except MalformedReceipt:
        assert answer == {"readable": False}
        return
    report = check(receipt, WORDS, LOG, WITNESSES)
    assert {"readable": True, "signature": report.signature, "log": report.log} == answer


def test_no_mutant_is_good() -> None:
    mutants = [case for case in VECTORS["cases"] if case["name"].startswith("mutant")]
    assert len(mutants) >= 100
    assert not [case["name"] for case in mutants if case["answer"] == {"readable": True, "signature": "good", "log": "good"}]


def test_nothing_is_good_without_keys_and_one_key_is_not_enough() -> None:
    receipt = read_signed(signed().encoded(proof()))
    assert check(receipt, []) == receipt_file.Report("not_checked", "not_checked")
    assert check(receipt, WORDS[:1]).signature == "bad"
    assert check(receipt, [*WORDS, *WORDS]).signature == "good", "a platform may have had several"
    assert check(receipt, WORDS, LOG[:1]).log == "good"


def test_negative_control_without_the_comparison_two_looks_are_put_together(monkeypatch: pytest.MonkeyPatch) -> None:
    other = signed({**CONTENT, "result": "invalid,revoked"}).encoded(proof())
    assert check(read_signed(other), WORDS, LOG).log == "bad"
    monkeypatch.setattr(receipt_file, "_is_told", lambda *_: True)
    assert check(read_signed(other), WORDS, LOG).log == "good"


@pytest.mark.parametrize("word", ["", "ES256", "ES256:", "RS256:AAAA", "ES256:" + "A" * 87, "SM2SM3:!!", write_key(KEYS[0])[:-1]])
def test_what_is_no_key_is_refused(word: str) -> None:
    with pytest.raises(MalformedReceipt):
        read_key_word(word)


def test_there_are_cases() -> None:
    assert len(list(cases())) == len(VECTORS["cases"]) > 150
