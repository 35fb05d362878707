"""Licence status lists: what was written reads back, who may be relied upon, and hostile tokens."""

from __future__ import annotations

import base64
import json
import zlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liangzheng.crypto.certificates import Certificate, Subject, issue_certificate, read_certificate
from liangzheng.crypto.revocation import Crl, Revocation, issue_crl, read_crl
from liangzheng.crypto.sm2 import SM2PrivateKey, signature_to_raw
from liangzheng.formats.status_list import (
    MalformedStatusList,
    Publication,
    Status,
    encode_status_list,
    read_status_list,
)

START, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2036, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
DAY = timedelta(days=1)
URI = "https://liangzheng.example/status/370600/1"
STATUSES = {
    1: Status.REVOKED,
    2: Status.SUSPENDED,
    3: Status.TRANSFERRED_OUT,
    5: Status.WITHDRAWN,
    6: Status.CANCELLED,
    7: Status.SUPERSEDED,
    8: Status.LOST,
}


def make_root() -> tuple[Certificate, SM2PrivateKey]:
    key = SM2PrivateKey.generate()
    encoded = issue_certificate(
        Subject("演示根 CA"), key.public_key, issuer=None, issuer_key=key, validity=(START, END), path_length=1
    )
    return read_certificate(encoded), key


ROOT, ROOT_KEY = make_root()
KEY = SM2PrivateKey.generate()
SIGNER = read_certificate(
    issue_certificate(
        Subject("状态名单签发（演示）", "烟台市交通运输局（演示）", "11370600MADEM0011A"),
        KEY.public_key,
        issuer=ROOT,
        issuer_key=ROOT_KEY,
        validity=(START, END),
    )
)


def crl(*revoked: Revocation) -> Crl:
    return read_crl(issue_crl(ROOT, ROOT_KEY, revoked, this_update=NOW - DAY, next_update=NOW + 9 * DAY, number=1))


def token(statuses: dict[int, Status] | None = None, *, size: int = 1000, issued_at: datetime = NOW) -> bytes:
    publication = Publication(URI, issued_at, issued_at + DAY)
    return encode_status_list(
        STATUSES if statuses is None else statuses, size=size, publication=publication, key=KEY, chain=[SIGNER]
    )


TOKEN = token()


def segment(value: object) -> bytes:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def header(**changes: object) -> dict[str, object]:
    return {"alg": "SM2SM3", "typ": "statuslist+jwt", "x5c": [base64.b64encode(SIGNER.der).decode()], **changes}


def payload(**changes: object) -> dict[str, object]:
    packed = segment(zlib.compress(bytes(10))).decode()
    moment = int(NOW.timestamp())
    return {"sub": URI, "iat": moment, "exp": moment + 60, "status_list": {"bits": 4, "lst": packed}, **changes}


def signed(head: object, body: object) -> bytes:
    """Sign any two segments well, so that only their content can be at fault."""
    signing_input = segment(head) + b"." + segment(body)
    return signing_input + b"." + segment(signature_to_raw(KEY.sign(signing_input)))


def lst(data: bytes) -> dict[str, object]:
    return {"bits": 4, "lst": segment(data).decode()}


def test_what_was_written_reads_back() -> None:
    read = read_status_list(TOKEN)
    assert (read.uri, read.issued_at, read.expires_at) == (URI, NOW, NOW + DAY)
    assert read.signer == SIGNER
    for index in range(1000):
        assert read.status_at(index) == STATUSES.get(index, Status.VALID)
    assert read.verify([ROOT], [crl()], NOW) == ""


def test_the_layout_is_that_of_the_draft() -> None:
    read = read_status_list(token({0: Status.REVOKED, 1: Status.LOST, 2: Status.SUSPENDED}, size=4))
    assert read.packed == bytes([0xE1, 0x02])
    head = json.loads(base64.urlsafe_b64decode(TOKEN.split(b".")[0] + b"=="))
    assert (head["alg"], head["typ"]) == ("SM2SM3", "statuslist+jwt")


def test_the_conformance_example_of_the_algorithm_stands_in_this_test() -> None:
    # Written once by hand: 0xb9 0xa3 compressed as in the draft's first example.
    read = read_status_list(signed(header(), payload(status_list={"bits": 4, "lst": "eNrbuRgAAhcBXQ"})))
    assert read.packed == bytes([0xB9, 0xA3])


@pytest.mark.parametrize("index", [-1, 20, 10**9])
def test_an_index_outside_the_list_is_unknown(index: int) -> None:
    assert read_status_list(token({}, size=20)).status_at(index) is Status.UNKNOWN


def test_a_number_without_a_meaning_is_unknown() -> None:
    read = read_status_list(signed(header(), payload(status_list=lst(zlib.compress(bytes([0x54, 0xFA]))))))
    assert [read.status_at(index) for index in range(4)] == [Status.UNKNOWN] * 4


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (NOW - timedelta(minutes=6), "status_unknown"),
        (NOW - timedelta(minutes=4), ""),
        (NOW + DAY, ""),
        (NOW + DAY + timedelta(seconds=1), "status_stale"),
    ],
)
def test_a_list_counts_for_its_time(at: datetime, expected: str) -> None:
    assert read_status_list(TOKEN).verify([ROOT], [crl()], at) == expected


def test_who_signed_must_be_trusted_and_not_revoked() -> None:
    read = read_status_list(TOKEN)
    other, _ = make_root()
    assert read.verify([other], [crl()], NOW) == "untrusted_root"
    assert read.verify([ROOT], [], NOW) == "revocation_unknown"
    assert read.verify([ROOT], [crl(Revocation(SIGNER.serial, NOW - DAY))], NOW) == "cert_revoked"
    assert read.verify([ROOT], [crl()], END + DAY) == "cert_expired_at_signing"


def test_an_authority_above_may_come_along() -> None:
    middle_key = SM2PrivateKey.generate()
    middle = read_certificate(
        issue_certificate(
            Subject("中间 CA（演示）"),
            middle_key.public_key,
            issuer=ROOT,
            issuer_key=ROOT_KEY,
            validity=(START, END),
            path_length=0,
        )
    )
    leaf = read_certificate(
        issue_certificate(Subject("签发（演示）"), KEY.public_key, issuer=middle, issuer_key=middle_key, validity=(START, END))
    )
    list_of_middle = read_crl(issue_crl(middle, middle_key, [], this_update=NOW, next_update=NOW + DAY, number=1))
    encoded = encode_status_list({}, size=2, publication=Publication(URI, NOW, NOW + DAY), key=KEY, chain=[leaf, middle])
    assert read_status_list(encoded).verify([ROOT], [crl(), list_of_middle], NOW) == ""


def test_only_the_signers_own_certificate_comes_first() -> None:
    with pytest.raises(ValueError, match="signer"):
        encode_status_list({}, size=1, publication=Publication(URI, NOW, NOW + DAY), key=ROOT_KEY, chain=[SIGNER])
    with pytest.raises(ValueError, match="index"):
        token({1000: Status.REVOKED})


def test_every_changed_byte_is_refused() -> None:
    encoded = token({1: Status.REVOKED}, size=8)
    lists = [crl()]
    assert read_status_list(encoded).verify([ROOT], lists, NOW) == ""  # the negative control
    for place in range(0, len(encoded), 7):
        mutant = bytearray(encoded)
        mutant[place] ^= 0x01
        try:
            outcome = read_status_list(bytes(mutant)).verify([ROOT], lists, NOW)
        except MalformedStatusList:
            continue
        assert outcome == "bad_signature"


def test_the_parts_of_two_lists_do_not_mix() -> None:
    one, two = TOKEN.split(b"."), token({}).split(b".")
    mixed = read_status_list(b".".join((one[0], two[1], one[2])))
    assert mixed.verify([ROOT], [crl()], NOW) == "bad_signature"


@pytest.mark.parametrize(
    "bad",
    [
        b"",
        b"..",
        b"a.b",
        TOKEN + b".",
        TOKEN + b"=",
        b" " + TOKEN,
        signed(header(alg="none"), payload()),
        signed(header(alg="EdDSA"), payload()),
        signed(header(alg=["SM2SM3"]), payload()),
        signed(header(typ="JWT"), payload()),
        signed(header(crit=["exp"]), payload()),
        signed(header(x5c=[]), payload()),
        signed(header(x5c="AAAA"), payload()),
        signed(header(x5c=[1]), payload()),
        signed(header(x5c=["%%%"]), payload()),
        signed(header(x5c=["AAAA"]), payload()),
        signed(header(x5c=["\ud800"]), payload()),
        signed(header(x5c=[base64.b64encode(SIGNER.der).decode()] * 9), payload()),
        signed([], payload()),
        signed(header(), []),
        signed(header(), b"\xff"),
        signed(header(), json.dumps(payload()).encode("utf-16")),
        signed(header(), b'{"sub":"a","sub":"b"}'),
        signed(header(), b"[" * 100_000),
        signed(header(), b'{"iat":NaN}'),
        signed(header(), b'{"iat":' + b"9" * 5000 + b"}"),
        signed(header(), payload(sub=None)),
        signed(header(), payload(sub="")),
        signed(header(), payload(sub="https://例.example/\u202e")),
        signed(header(), payload(iat=True)),
        signed(header(), payload(iat="2026")),
        signed(header(), payload(exp=None)),
        signed(header(), payload(exp=1.5)),
        signed(header(), payload(exp=10**18)),
        signed(header(), payload(status_list=None)),
        signed(header(), payload(status_list={"bits": 3, "lst": "eNrbuRgAAhcBXQ"})),
        signed(header(), payload(status_list={"bits": True, "lst": "eNrbuRgAAhcBXQ"})),
        signed(header(), payload(status_list={"bits": "4", "lst": "eNrbuRgAAhcBXQ"})),
        signed(header(), payload(status_list={"bits": 4})),
        signed(header(), payload(status_list={"bits": 4, "lst": "\ud800"})),
        signed(header(), payload(status_list={"bits": 4, "lst": "AA=="})),
        signed(header(), payload(status_list=lst(b"not zlib"))),
        signed(header(), payload(status_list=lst(zlib.compress(bytes(9))[:-1]))),
        signed(header(), payload(status_list=lst(zlib.compress(bytes(9)) + b"x"))),
        signed(header(), payload(status_list=lst(zlib.compress(bytes(17 * 1024 * 1024))))),
    ],
    ids=lambda bad: repr(bad[:12]),
)
def test_hostile_tokens_are_malformed(bad: bytes) -> None:
    with pytest.raises(MalformedStatusList):
        read_status_list(bad)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_nothing_but_malformed_comes_out(data: st.DataObject) -> None:
    mutant = bytearray(TOKEN)
    for _ in range(data.draw(st.integers(1, 6))):
        mutant[data.draw(st.integers(0, len(mutant) - 1))] = data.draw(st.integers(0, 255))
    try:
        read = read_status_list(bytes(mutant))
    except MalformedStatusList:
        return
    assert read.verify([ROOT], [], NOW) in {"bad_signature", "revocation_unknown"}
