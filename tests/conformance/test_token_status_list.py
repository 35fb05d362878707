"""The examples of draft-ietf-oauth-status-list and lists of walt.id: read by our parts and compared with what they say they hold.

Their signers are known by key id alone, without a certificate: such a list is refused as a whole here, so its parts are read one
by one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from liangzheng.formats import cose
from liangzheng.formats.cbor import decode
from liangzheng.formats.jws import read_time, read_uri
from liangzheng.formats.status_list import CWT_TYPE, MalformedStatusList, _read_list, read_status_list
from liangzheng.formats.strict_json import from_base64url, read_object
from tests.conformance.tally import Tally

FIRST, SECOND = bytes.fromhex("b9a3"), bytes.fromhex("c944f9")  # the draft's lists of one and of two bits
LONG_LIST = 2**20 // 8  # bytes of the list of 2²⁰ entries, of which eight are set


def text_of(corpora: Path, name: str) -> str:
    return (corpora / "token-status-list" / "examples" / name).read_text(encoding="utf-8")


def json_list(text: str) -> tuple[int, bytes]:
    """Read `{"bits": …, "lst": …}`, whose lines the draft breaks."""
    start = text.index("{")
    return _read_list(read_object(re.sub(r"\s+", "", text[start:]).encode()), str)


def cbor_list(text: str) -> tuple[int, bytes]:
    encoded = text.rsplit("encoded:", maxsplit=1)[-1]
    return _read_list(decode(bytes.fromhex("".join(encoded.split())), sorted_keys=False), bytes)


def annotated(text: str) -> bytes:
    """Take the bytes out of an annotated dump: hexadecimal before the number sign."""
    return bytes.fromhex("".join("".join(line.split("#")[0].split()) for line in text.splitlines()))


@pytest.mark.parametrize(
    ("name", "read", "bits", "starts", "size"),
    [
        ("status_list_encoding_json.txt", json_list, 1, FIRST, 2),
        ("status_list_encoding2_json.txt", json_list, 2, SECOND, 3),
        ("status_list_encoding_cbor.txt", cbor_list, 1, FIRST, 2),
        ("status_list_encoding2_cbor.txt", cbor_list, 2, SECOND, 3),
    ],
)
def test_the_lists_alone(corpora: Path, name: str, read: object, bits: int, starts: bytes, size: int) -> None:
    assert callable(read)
    found = read(text_of(corpora, name))
    assert found == (bits, starts)
    assert len(found[1]) == size


def test_the_long_list_is_the_same_in_both_forms(corpora: Path) -> None:
    one = json_list(text_of(corpora, "status_list_encoding1_long_json.txt"))
    other = cbor_list(text_of(corpora, "status_list_encoding1_long_cbor.txt"))
    assert one == other
    assert (one[0], len(one[1]), one[1][0]) == (1, LONG_LIST, 1)


def test_the_annotated_dumps_agree_with_the_bytes(corpora: Path) -> None:
    for name in ("status_list_encoding", "status_list_encoding2"):
        dump = annotated(text_of(corpora, f"{name}_cbor_diag.txt"))
        assert _read_list(decode(dump, sorted_keys=False), bytes) == cbor_list(text_of(corpora, f"{name}_cbor.txt"))
    for name in ("status_list_cwt", "referenced_token_cwt"):
        token = bytes.fromhex("".join(text_of(corpora, f"{name}.txt").split()))
        assert cose.read_sign1(token) == cose.read_sign1(annotated(text_of(corpora, f"{name}_diag.txt")))


def test_the_cwt(corpora: Path) -> None:
    token = bytes.fromhex("".join(text_of(corpora, "status_list_cwt.txt").split()))
    message = cose.read_sign1(token)
    claims = decode(message.payload, sorted_keys=False)
    assert isinstance(claims, Mapping)
    assert (message.algorithm, message.protected[cose.TYPE], len(message.signature)) == (cose.Algorithm.ES256, CWT_TYPE, 64)
    assert read_uri(claims[2]) == "https://example.com/statuslists/1"
    assert (int(read_time(claims[6]).timestamp()), int(read_time(claims[4]).timestamp())) == (1686920170, 2291720170)
    assert _read_list(claims[65533], bytes) == (1, FIRST)
    with pytest.raises(MalformedStatusList, match="chain"):
        read_status_list(token)


def test_the_jwt(corpora: Path) -> None:
    token = "".join(text_of(corpora, "status_list_jwt_raw.txt").split()).encode()
    header, payload = (read_object(from_base64url(segment)) for segment in token.split(b".")[:2])
    shown = text_of(corpora, "status_list_jwt.txt").split("\n.\n")
    assert header == json.loads(shown[0])
    assert payload == {**json.loads(shown[1]), "iss": "https://example.com"}
    assert _read_list(payload["status_list"], str) == (1, FIRST)
    with pytest.raises(MalformedStatusList, match="chain"):
        read_status_list(token)


def test_every_file_has_its_test_or_its_reason(corpora: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tally = Tally("token-status-list")
    for path in sorted((corpora / "token-status-list").rglob("*.*")):
        if path.name == "ORIGIN.txt":
            continue
        if "examples" in path.parts:
            tally.judge(path.name, should_pass=True, passes=True)  # the tests above
        elif "tokenstatuslist" in path.parts:
            tally.judge(path.name, should_pass=True, passes=walt_id_list_is_read(path))
        else:
            tally.skip(f"{path.parent.name} is another kind of list (W3C)")
    tally.settle(capsys, at_least=15)


def walt_id_list_is_read(path: Path) -> bool:
    """The token and its list are read; EdDSA in a JWT, and a signer without a certificate, are refused as a whole."""
    token: str = json.loads(path.read_text(encoding="utf-8"))["status-credential"]
    payload = read_object(from_base64url(token.split(".")[1].encode()))
    bits, packed = _read_list(payload["status_list"], str)
    with pytest.raises(MalformedStatusList, match="algorithm"):
        read_status_list(token.encode())
    return bits == 1 and any(packed)
