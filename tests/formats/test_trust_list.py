"""Trust lists: what was written reads back, only the pinned signer counts, and hostile tokens are refused."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liangzheng.crypto.certificates import Certificate, Subject, issue_certificate, read_certificate
from liangzheng.crypto.p256 import P256PrivateKey
from liangzheng.crypto.sm2 import SM2PrivateKey
from liangzheng.formats.jws import token_type, write_token
from liangzheng.formats.strict_json import from_base64url, to_base64url
from liangzheng.formats.trust_list import MalformedTrustList, TrustEntry, TrustList, encode_trust_list, read_trust_list

START, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2036, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
DAY = timedelta(days=1)
AGENCY = "11370600MADEM0011A"


def certificate(name: str, key: SM2PrivateKey) -> Certificate:
    subject = Subject(name, "烟台市大数据局（演示）", AGENCY)
    return read_certificate(issue_certificate(subject, key.public_key, issuer=None, issuer_key=key, validity=(START, END)))


KEY, OTHER_KEY = SM2PrivateKey.generate(), SM2PrivateKey.generate()
SIGNER, OTHER = certificate("信任名单签发（演示）", KEY), certificate("另一个签发者（演示）", OTHER_KEY)
ISSUER = TrustEntry("issuer", "烟台市交通运输局（演示）", AGENCY, OTHER, None, ("11100000MB0000000XDL1",), START)
GONE = replace(ISSUER, licence_types=("*",), distrusted_since=NOW - DAY, reason="密钥泄露（演示）")
CODES = (
    TrustEntry("code_key", "出示码签发（演示）", AGENCY, None, KEY.public_key, ("*",), START),
    TrustEntry("code_key", "出示码签发 P-256（演示）", AGENCY, None, P256PrivateKey.generate().public_key, ("*",), START),
)
LIST = TrustList("https://liangzheng.example/trust/trust-list.jwt", 7, NOW, NOW + DAY, (ISSUER, GONE, *CODES))
TOKEN = encode_trust_list(LIST, key=KEY, signer=SIGNER)


def payload_of(token: bytes) -> dict[str, object]:
    read: dict[str, object] = json.loads(from_base64url(token.split(b".")[1]))
    return read


def test_what_was_written_reads_back() -> None:
    read = read_trust_list(TOKEN)
    assert read.unverified == LIST
    assert read.verify((SIGNER,), NOW) == ""
    assert token_type(TOKEN) == "trustlist+jwt"


def test_an_entry_speaks_for_its_kinds_only() -> None:
    assert ISSUER.allows("11100000MB0000000XDL1")
    assert not ISSUER.allows("11100000MB0000000XDL2")
    assert not ISSUER.allows(None)
    assert GONE.allows("anything")
    assert GONE.allows(None)


@pytest.mark.parametrize(
    ("signers", "at", "reason"),
    [
        ((SIGNER,), NOW, ""),
        ((OTHER, SIGNER), NOW + DAY, ""),
        ((), NOW, "untrusted_signer"),
        ((OTHER,), NOW, "untrusted_signer"),
        ((SIGNER,), NOW + DAY + timedelta(seconds=1), "trust_list_stale"),
        ((SIGNER,), NOW - timedelta(minutes=6), "trust_list_stale"),
        ((SIGNER,), END + DAY, "trust_list_stale"),
    ],
)
def test_who_may_be_relied_upon_and_when(signers: tuple[Certificate, ...], at: datetime, reason: str) -> None:
    assert read_trust_list(TOKEN).verify(signers, at) == reason


def test_an_expired_signer_ends_the_list_whatever_the_list_says() -> None:
    token = encode_trust_list(replace(LIST, expires_at=END + 10 * DAY), key=KEY, signer=SIGNER)
    assert read_trust_list(token).verify((SIGNER,), END + DAY) == "trust_list_stale"


def test_only_the_very_certificate_counts_not_another_one_of_the_same_key_and_name() -> None:
    twin = certificate("信任名单签发（演示）", KEY)
    assert twin.der != SIGNER.der
    assert read_trust_list(encode_trust_list(LIST, key=KEY, signer=twin)).verify((SIGNER,), NOW) == "untrusted_signer"


def test_somebody_elses_signature_under_the_pinned_certificate() -> None:
    """The control shows what is at stake: by the other's own certificate the same bytes are well signed."""
    forged = encode_trust_list(LIST, key=OTHER_KEY, signer=OTHER)
    assert read_trust_list(forged).verify((OTHER,), NOW) == ""
    head, body, signature = forged.split(b".")
    header = json.loads(from_base64url(head))
    header["x5c"] = [base64.b64encode(SIGNER.der).decode()]
    named = b".".join((to_base64url(json.dumps(header).encode()), body, signature))
    assert read_trust_list(named).verify((SIGNER,), NOW) == "bad_signature"


def test_a_changed_entry_breaks_the_signature() -> None:
    head, body, signature = TOKEN.split(b".")
    changed = to_base64url(from_base64url(body).replace(b"11100000MB0000000XDL1", b"11100000MB0000000XDL2"))
    assert changed != body
    assert read_trust_list(b".".join((head, changed, signature))).verify((SIGNER,), NOW) == "bad_signature"


def without(name: str) -> Callable[[dict[str, object]], object]:
    return lambda entry: entry.pop(name)


def put(name: str, value: object) -> Callable[[dict[str, object]], object]:
    return lambda entry: entry.update({name: value})


@pytest.mark.parametrize(
    "spoil",
    [
        *map(without, ("kind", "name", "organisation_code", "certificate", "licence_types", "trusted_from", "reason")),
        put("kind", "root"),
        put("kind", "code_key"),
        put("name", ""),
        put("name", "换\n行"),
        put("name", "长" * 401),
        put("certificate", "AAAA"),
        put("certificate", "!"),
        put("licence_types", []),
        put("licence_types", [""]),
        put("licence_types", "*"),
        put("trusted_from", "2026-01-01"),
        put("trusted_from", True),
        put("distrusted_since", None),
        put("public_key", to_base64url(KEY.public_key.spki).decode()),
        put("trusted", True),
    ],
)
def test_an_entry_of_another_shape_spoils_the_list(spoil: Callable[[dict[str, object]], object]) -> None:
    payload = json.loads(from_base64url(TOKEN.split(b".")[1]))
    spoil(payload["trust_list"]["entries"][0])
    with pytest.raises(MalformedTrustList):
        read_trust_list(write_token("trustlist+jwt", payload, KEY, (SIGNER,)))


@pytest.mark.parametrize("number", [0, -1, True, "7", None])
def test_a_list_has_a_number(number: object) -> None:
    payload = json.loads(from_base64url(TOKEN.split(b".")[1]))
    payload["trust_list"]["number"] = number
    with pytest.raises(MalformedTrustList):
        read_trust_list(write_token("trustlist+jwt", payload, KEY, (SIGNER,)))


@pytest.mark.parametrize("typ", ["statuslist+jwt", "JWT", ""])
def test_a_token_of_another_kind_is_no_trust_list(typ: str) -> None:
    with pytest.raises(MalformedTrustList):
        read_trust_list(write_token(typ, payload_of(TOKEN), KEY, (SIGNER,)))


@pytest.mark.parametrize("algorithm", ["none", "HS256", "ES256", "SM3SM2", ""])
def test_the_algorithm_cannot_be_talked_round(algorithm: str) -> None:
    head, body, signature = TOKEN.split(b".")
    header = json.loads(from_base64url(head)) | {"alg": algorithm}
    token = b".".join((to_base64url(json.dumps(header).encode()), body, signature))
    try:
        assert read_trust_list(token).verify((SIGNER,), NOW) == "bad_signature"
    except MalformedTrustList:
        assert algorithm != "ES256"


def is_relied_upon(token: bytes) -> bool:
    try:
        return read_trust_list(token).verify((SIGNER,), NOW) == ""
    except MalformedTrustList:
        return False


@given(st.integers(0, len(TOKEN) - 1), st.integers(0, 255))
def test_no_changed_byte_is_relied_upon(at: int, byte: int) -> None:
    changed = TOKEN[:at] + bytes((byte,)) + TOKEN[at + 1 :]
    assert is_relied_upon(changed) is (changed == TOKEN)


@given(st.binary(min_size=1, max_size=300))
def test_hostile_bytes(data: bytes) -> None:
    for token in (data, b"..", TOKEN[: len(data)], TOKEN + data, data + TOKEN):
        assert not is_relied_upon(token)
