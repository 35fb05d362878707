"""Strict JSON: what two readers could see differently is not read at all."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liangzheng.formats.strict_json import MAX_VALUES, BadJson, from_base64url, read_json, read_object, to_base64url

values = st.recursive(
    st.integers(-(2**63), 2**63) | st.booleans() | st.none() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=5) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=5)
    ),
    max_leaves=20,
)


@given(values)
def test_what_is_written_is_read(value: object) -> None:
    assert read_json(json.dumps(value).encode()) == value
    assert read_json(json.dumps(value, ensure_ascii=False).encode()) == value


@pytest.mark.parametrize(
    "bad",
    [
        b"",
        b"{",
        b"{}{}",
        b'{"a":1,"a":1}',
        b'{"a":1,"\\u0061":2}',
        b'[{"x":{"a":1,"a":2}}]',
        b"NaN",
        b"-Infinity",
        b'{"exp":1.0}',
        b"1e3",
        b'"\\ud800"',
        b'{"\\udfff":1}',
        b"\xef\xbb\xbf{}",
        b"\xff",
        "{}".encode("utf-16"),
        b"'a'",
        b"[1,]",
        b"01",
        b'"a\nb"',
        b"9" * 5000,
        b"[" * 100_000,
        b"[" * 9_000 + b"]" * 9_000,
        b"[" + b"0," * MAX_VALUES + b"0]",
        b"{},{}" * 4_000_000,
    ],
    ids=lambda bad: repr(bad[:12]),
)
def test_what_is_refused(bad: bytes) -> None:
    with pytest.raises(BadJson):
        read_json(bad)


def test_a_pair_of_surrogates_is_one_character() -> None:
    assert read_json(b'"\\ud83d\\ude00"') == "\N{GRINNING FACE}"


@pytest.mark.parametrize("other", [b"[]", b"null", b"1", b'"a"'])
def test_only_an_object_is_an_object(other: bytes) -> None:
    assert read_object(b"{}") == {}
    with pytest.raises(BadJson):
        read_object(other)


@given(st.binary(max_size=50))
def test_base64url_has_one_form(data: bytes) -> None:
    assert from_base64url(to_base64url(data)) == data
    try:
        assert to_base64url(from_base64url(data)) == data
    except BadJson:
        return


@pytest.mark.parametrize("bad", [b"AA==", b"A", b"AB", b"A+", b"A/", b" AA", b"AA\n", "é".encode()])
def test_other_base64_is_refused(bad: bytes) -> None:
    with pytest.raises(BadJson):
        from_base64url(bad)
