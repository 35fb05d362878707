"""SM3, SHA-256, HMAC-SM3: published examples, on both of the ways to SM3."""

from __future__ import annotations

import pytest

from liangzheng.crypto import digests


@pytest.fixture(params=[True, False], ids=["hashlib", "cryptography"])
def _source(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digests, "_HASHLIB_HAS_SM3", request.param and digests._HASHLIB_HAS_SM3)


@pytest.mark.usefixtures("_source")
@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),  # GB/T 32905-2016, A.1
        (b"abcd" * 16, "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"),  # GB/T 32905-2016, A.2
        (b"", "1ab21d8355cfa17f8e61194831e81a8f22bec8c728fefb747ed035eb5082aa2b"),
    ],
)
def test_sm3(data: bytes, expected: str) -> None:
    assert digests.sm3(data).hex() == expected


def test_sha256() -> None:
    assert digests.sha256(b"abc").hex() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@pytest.mark.usefixtures("_source")
@pytest.mark.parametrize(
    ("key", "data", "expected"),
    [
        # C2SP Wycheproof, hmac_sm3_test.json, tcId 1
        (
            "1e225cafb90339bba1b24076d4206c3e79c355805d851682bc818baa4f5a7779",
            b"",
            "f9938b1b2515117f25dcd636c9a6a0e7f00bccaf5347e0e0df435cfca736cfc1",
        ),
    ],
)
def test_hmac_sm3(key: str, data: bytes, expected: str) -> None:
    assert digests.hmac_sm3(bytes.fromhex(key), data).hex() == expected


def test_both_ways_to_hmac_sm3_agree_for_long_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digests, "_HASHLIB_HAS_SM3", False)
    key = bytes(range(200))
    assert digests.hmac_sm3(key, b"x") == digests.hmac_sm3(digests.sm3(key), b"x")
