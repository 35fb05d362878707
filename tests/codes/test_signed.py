"""Presentation codes: the vectors shared with TypeScript, round trips, and forgeries that must all fail."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypedDict
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dev import vectors
from liangzheng.codes.signed import (
    MalformedCode,
    SignedCode,
    classify,
    make_code,
    new_short_code,
    normalise_short_code,
    read_badge_token,
    read_holder_text,
    show_short_code,
)
from liangzheng.crypto.sm2 import SM2PrivateKey, SM2PublicKey
from liangzheng.formats import base45

FILE = Path(__file__).parent.parent / "vectors" / "codes.json"


class Expected(TypedDict, total=False):
    reason: str
    kind: str
    key_id: str
    code_id: str
    issued_at: int
    expires_at: int
    lifetime: int
    signed: bool


class Code(TypedDict):
    name: str
    form: str
    text: str
    expect: Expected


class Signature(TypedDict):
    name: str
    signer_id: str
    message: str
    signature: str
    good: bool


VECTORS = json.loads(FILE.read_text(encoding="utf-8"))
CODES: list[Code] = VECTORS["codes"]
SIGNATURES: list[Signature] = VECTORS["signatures"]
PLATFORM = SM2PublicKey.from_point(bytes.fromhex(VECTORS["keys"]["platform"]["point"]))
TRUSTED = {PLATFORM.key_id: PLATFORM}
READERS: dict[str, Callable[[str], SignedCode]] = {"holder": read_holder_text, "badge": read_badge_token}

KEY = SM2PrivateKey.generate()
KEYS = {KEY.public_key.key_id: KEY.public_key}
CODE_ID = UUID("019aa5e0-7c00-7a5b-8c3d-0123456789ab")
NOW = datetime(2026, 11, 22, 8, 0, 0, 999_000, tzinfo=UTC)
HOLDER = make_code("holder", CODE_ID, NOW, 60, KEY)
BADGE = make_code("badge", CODE_ID, NOW, 60, KEY)


def test_the_vectors_are_those_of_the_generator() -> None:
    assert FILE.read_text(encoding="utf-8") == vectors.text()


@pytest.mark.parametrize("code", CODES, ids=lambda code: f"{code['form']}: {code['name']}")
def test_shared_vectors(code: Code) -> None:
    expect = code["expect"]
    if "reason" in expect:
        with pytest.raises(MalformedCode) as caught:
            READERS[code["form"]](code["text"])
        assert caught.value.reason == expect["reason"]
        return
    read = READERS[code["form"]](code["text"])
    assert (read.kind, read.key_id.hex(), str(read.code_id)) == (expect["kind"], expect["key_id"], expect["code_id"])
    assert read.issued_at == datetime.fromtimestamp(expect["issued_at"], tz=UTC)
    assert read.expires_at == datetime.fromtimestamp(expect["expires_at"], tz=UTC)
    assert read.lifetime == expect["lifetime"]
    assert read.is_signed_by(TRUSTED) is expect["signed"]


@pytest.mark.parametrize("row", VECTORS["forms"], ids=lambda row: f"{row['form']} {row['text'][:20]!r}")
def test_texts_are_told_apart_by_form(row: dict[str, str]) -> None:
    assert classify(row["text"]) == row["form"]


@pytest.mark.parametrize("row", SIGNATURES, ids=lambda row: row["name"])
def test_shared_signatures(row: Signature) -> None:
    signature, message = bytes.fromhex(row["signature"]), bytes.fromhex(row["message"])
    assert PLATFORM.verify(signature, message, signer_id=bytes.fromhex(row["signer_id"])) is row["good"]


def test_base45_vectors() -> None:
    for row in VECTORS["base45"]:
        assert base45.encode(bytes.fromhex(row["bytes"])) == row["text"]
        assert base45.decode(row["text"]).hex() == row["bytes"]
    for text in VECTORS["base45_bad"]:
        with pytest.raises(base45.Base45Error):
            base45.decode(text)


@given(st.binary(max_size=200))
def test_base45_survives(data: bytes) -> None:
    assert base45.decode(base45.encode(data)) == data


@given(st.text(alphabet=base45.ALPHABET, max_size=30))
def test_base45_has_one_text_for_each_value(text: str) -> None:
    try:
        data = base45.decode(text)
    except base45.Base45Error:
        return
    assert base45.encode(data) == text


def test_short_codes() -> None:
    for row in VECTORS["short_codes"]:
        assert normalise_short_code(row["typed"]) == row["code"]
        assert show_short_code(row["code"]) == row["shown"]
        assert classify(row["typed"]) == "short_code"
    for typed in VECTORS["short_codes_bad"]:
        with pytest.raises(MalformedCode):
            normalise_short_code(typed)
    for row in VECTORS["short_codes_drawn"]:
        assert new_short_code(lambda _, row=row: bytes.fromhex(row["bytes"])) == row["code"]  # type: ignore[misc]
    assert normalise_short_code(show_short_code(drawn := new_short_code(secrets.token_bytes))) == drawn


def test_what_was_made_reads_back() -> None:
    assert read_holder_text(HOLDER.holder_text()) == HOLDER
    assert read_badge_token(BADGE.badge_token()) == BADGE
    assert read_badge_token(f"http://127.0.0.1:8000/b/{BADGE.badge_token()}") == BADGE
    assert HOLDER.issued_at == NOW.replace(microsecond=0)
    assert HOLDER.expires_at == NOW.replace(microsecond=0) + timedelta(seconds=60)
    assert HOLDER.is_signed_by(KEYS)
    assert (len(HOLDER.holder_text()), len(BADGE.badge_token())) == (141, 122)


def test_a_key_under_another_name_does_not_count() -> None:
    other = SM2PrivateKey.generate().public_key
    assert not HOLDER.is_signed_by({})
    assert not HOLDER.is_signed_by({HOLDER.key_id: other})
    assert not HOLDER.is_signed_by({other.key_id: KEY.public_key})


def test_a_code_is_valid_for_its_own_kind_only() -> None:
    with pytest.raises(MalformedCode) as caught:
        read_badge_token(HOLDER.badge_token())
    assert caught.value.reason == "wrong_code_kind"
    with pytest.raises(MalformedCode) as caught:
        read_holder_text(BADGE.holder_text())
    assert caught.value.reason == "wrong_code_kind"


@pytest.mark.parametrize(
    ("kind", "code_id", "moment", "lifetime"),
    [
        ("guest", CODE_ID, NOW, 60),
        ("holder", UUID(int=1), NOW, 60),
        ("holder", CODE_ID, NOW, 0),
        ("holder", CODE_ID, NOW, 256),
        ("holder", CODE_ID, datetime(2107, 1, 1, tzinfo=UTC), 60),
        ("holder", CODE_ID, datetime(1969, 12, 31, tzinfo=UTC), 60),
    ],
)
def test_what_does_not_fit_is_not_made(kind: str, code_id: UUID, moment: datetime, lifetime: int) -> None:
    with pytest.raises(ValueError, match="code"):
        make_code(kind, code_id, moment, lifetime, KEY)


def passes(text: str) -> bool:
    """Say whether any reader takes this text for a well-signed code; nothing but MalformedCode may come out of them."""
    classify(text)
    good, reasons = False, set()
    for read in READERS.values():
        try:
            good = read(text).is_signed_by(KEYS) or good
        except MalformedCode as error:
            reasons.add(error.reason)
    assert reasons <= {"code_unreadable", "wrong_code_kind", "foreign_code"}
    return good


def test_every_flipped_bit_is_refused() -> None:
    data = HOLDER.payload + HOLDER.signature
    assert passes("LZ1:" + base45.encode(data))  # the negative control
    for bit in range(len(data) * 8):
        mutant = bytearray(data)
        mutant[bit // 8] ^= 1 << bit % 8
        assert not passes("LZ1:" + base45.encode(bytes(mutant)))


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_every_changed_text_is_refused(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from([HOLDER.holder_text(), BADGE.badge_token()]))
    assert passes(text)  # the negative control
    mutant = list(text)
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(mutant) - 1))
        change = data.draw(st.sampled_from(["replace", "insert", "delete"]))
        character = data.draw(st.characters())
        mutant[place : place + (change != "insert")] = [] if change == "delete" else [character]
    changed = "".join(mutant)
    assert passes(changed) is (changed == text)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=200), st.text(alphabet=base45.ALPHABET, min_size=137, max_size=137).map("LZ1:".__add__)))
def test_random_texts_are_refused(text: str) -> None:
    assert not passes(text)


@settings(max_examples=300, deadline=None)
@given(st.binary(min_size=91, max_size=91))
def test_random_bytes_are_refused(data: bytes) -> None:
    assert not passes("LZ1:" + base45.encode(data))


@given(st.text(max_size=60))
def test_typing_anything_raises_nothing_but_malformed_code(text: str) -> None:
    try:
        code = normalise_short_code(text)
    except MalformedCode:
        assert classify(text) != "short_code"
        return
    assert len(code) == 8
    assert normalise_short_code(code) == code
