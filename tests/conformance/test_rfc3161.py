"""Time-stamp replies that others published: those of a test authority and of a public one, and one of 2015 with SHA-1."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from liangzheng.crypto.certificates import read_certificates
from liangzheng.formats.timestamp import TimestampToken, read_timestamp, token_of_response
from liangzheng.verification.issuer_checks import Setting
from liangzheng.verification.signer_checks import TrustMaterial
from liangzheng.verification.timestamp_checks import judge_timestamp
from liangzheng.verification.trust_anchors import resolve
from tests.conformance.tally import Tally

STAMPED = b"hello"
AT = datetime(2026, 3, 1, tzinfo=UTC)
TEST_AUTHORITY = {
    "test_tsa/response.tsr": datetime(2024, 10, 8, 15, 40, 32, tzinfo=UTC),
    "test_tsa/other_response.tsr": datetime(2024, 10, 31, 13, 31, 44, tzinfo=UTC),
}
NOT_APPLICABLE = {
    "sigstage/response-sha256.tsr": "the authority's key is on P-384",
    "sigstage/response-sha384.tsr": "the authority's key is on P-384",
    "sigstage/response-sha512.tsr": "the authority's key is on P-384",
    "tsp_response": "imprint and signature with SHA-1, no certificate inside",
}


def token(folder: Path, name: str) -> bytes:
    return token_of_response((folder / name).read_bytes())


def is_good(read: TimestampToken, stamped: bytes) -> bool:
    return read.verify(stamped) == ""


def test_replies(corpora: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, tally = corpora / "rfc3161", Tally("rfc3161, and every byte of the good signatures changed")
    found = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.suffix == ".tsr" or path.name == "tsp_response"}
    assert found == {*TEST_AUTHORITY, *NOT_APPLICABLE}
    for name, moment in TEST_AUTHORITY.items():
        read = read_timestamp(token(folder, name))
        assert read.unverified_time == moment
        tally.judge(name, should_pass=True, passes=is_good(read, STAMPED))
        tally.judge(f"{name}, other bytes", should_pass=False, passes=is_good(read, b"hello "))
        whole = read.signed.signature
        for place in range(len(whole)):
            changed = whole[:place] + bytes((whole[place] ^ 1,)) + whole[place + 1 :]
            other = read_timestamp(token(folder, name).replace(whole, changed))
            tally.judge(f"{name}, signature byte {place}", should_pass=False, passes=is_good(other, STAMPED))
    for name, reason in NOT_APPLICABLE.items():
        assert read_timestamp(token(folder, name)).verify(STAMPED) == "unsupported_algorithm"
        tally.skip(reason)
    tally.settle(capsys, at_least=140)


def test_the_published_chain_leads_to_its_root_and_its_lists_are_missing(corpora: Path) -> None:
    folder = corpora / "rfc3161"
    chain = read_certificates((folder / "test_tsa" / "ts_chain.pem").read_bytes())
    assert [item.common_name for item in chain] == ["Test TSA Timestamping", "Test TSA Intermediate", "Test TSA Root"]
    stamped = token(folder, "test_tsa/response.tsr")
    for roots, reason in (
        ((), "untrusted_root"),
        (chain[2:], "untrusted_root"),  # the intermediate did not come along
        (chain[1:2], "revocation_unknown"),
        (chain[:1], ""),  # laid down itself: nothing is left to revoke it
    ):
        stamp = judge_timestamp(stamped, STAMPED, Setting(resolve(TrustMaterial(tuple(roots)), AT), None))
        assert (stamp.check.detail, stamp.state) == (reason, "untrusted" if reason else "valid")


def test_the_chain_of_the_public_authority_is_read(corpora: Path) -> None:
    chain = read_certificates((corpora / "rfc3161" / "sigstage" / "ts_chain.pem").read_bytes())
    assert [(item.key, item.stamps_only) for item in chain] == [(None, True), (None, False)]
