"""NIST PKITS as it was published, with its RSA signatures: every check of a path but revocation.

The lists are not among the public files and cannot be made without the authorities' keys, so a path in which nothing else is
wrong ends in `revocation_unknown`: that counts as passed. `test_pkits` shows the same paths with lists, rebuilt with SM2.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TypedDict

import pytest

from liangzheng.crypto.certificates import BadCertificate, Certificate, read_certificate
from liangzheng.crypto.chains import judge_chain
from tests.conformance.tally import Tally

AT = datetime(2026, 11, 22, tzinfo=UTC)
NOT_JUDGED = {
    "4.4": "revocation lists are not among the files",
    "4.14": "revocation lists are not among the files",
    "4.15": "delta revocation lists are not among the files",
    "4.8": "certificate policies are not judged",
    "4.9": "certificate policies are not judged",
    "4.10": "certificate policies are not judged",
    "4.11": "certificate policies are not judged",
    "4.12": "certificate policies are not judged",
}
NAME_CONSTRAINTS = "4.13"
BY_LIST = ("4.5.2 ", "4.5.5 ", "4.5.7 ", "4.7.4 ")  # invalid because of what a list says, or because of who signed it


class Case(TypedDict):
    Name: str
    CertPath: list[str]
    ShouldValidate: bool


def why_not(case: Case, path: list[Certificate]) -> str:
    """Say why a case asks for something that is not judged here; the empty text when it does not."""
    section = ".".join(case["Name"].split(".")[:2])
    if section in NOT_JUDGED:
        return NOT_JUDGED[section]
    if case["Name"].startswith(BY_LIST):
        return "revocation lists are not among the files"
    if case["ShouldValidate"] and any(item.key is None for item in path):
        return "DSA keys are not accepted"
    if section == NAME_CONSTRAINTS and case["ShouldValidate"]:
        return "critical name constraints are refused, not judged"
    return ""


def test_pkits(corpora: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, tally = corpora / "x509-pkits", Tally("x509-pkits with its RSA signatures")
    rows: list[Case] = json.loads((folder / "vectors.json").read_text(encoding="utf-8"))
    for case in rows:
        try:
            path = [read_certificate((folder / "nist-pkits" / "certs" / name).read_bytes()) for name in case["CertPath"]]
        except BadCertificate:
            tally.judge(case["Name"], should_pass=case["ShouldValidate"], passes=False)
            continue
        if reason := why_not(case, path):
            tally.skip(reason)
            continue
        result = judge_chain(path[-1], path[:1], [], AT, intermediates=path[1:-1]).result
        tally.judge(f"{case['Name']}: {result}", should_pass=case["ShouldValidate"], passes=result == "revocation_unknown")
    tally.settle(capsys, at_least=45)


def test_every_certificate_is_read_or_refused_for_a_reason(corpora: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tally = Tally("x509-pkits certificates read")
    for path in sorted((corpora / "x509-pkits" / "nist-pkits" / "certs").iterdir()):
        try:
            certificate = read_certificate(path.read_bytes())
        except BadCertificate as error:
            tally.skip(f"refused, {error}")
            continue
        tally.judge(path.name, should_pass="DSA" not in path.name, passes=certificate.key is not None)
    tally.settle(capsys, at_least=390)
