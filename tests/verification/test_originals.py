"""The original behind a scan is judged as what it is: an OFD, a PDF, or nothing that may be believed."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from liangzheng.formats.unreadable import UnreadableFile
from liangzheng.verification.verdict import Standing
from liangzheng.verification.verify import judge_document
from tests.verification import signed_pdf
from tests.verification.sealed_licence import NOW, found_authority


def test_each_kind_is_judged_as_what_it_is(tmp_path: Path, settings: Settings) -> None:
    settings.TRUST_FOLDER = tmp_path
    ofd, pdf = found_authority(), signed_pdf.found_pdf_authority()
    for name, trust in (("ofd", ofd.trust()), ("pdf", pdf.trust())):
        (tmp_path / f"{name}.cer").write_bytes(trust.roots[0].der)
        (tmp_path / f"{name}.crl").write_bytes(trust.crls[0].der)
        (tmp_path / f"{name}.jwt").write_bytes(trust.status_tokens[0])
    licence = signed_pdf.licence(pdf)
    for data, kind in ((ofd.licence(), "licence_ofd"), (licence, "licence_pdf")):
        report = judge_document(data, NOW)
        assert (report.kind, report.verdict.standing) == (kind, Standing.VALID)
    altered = licence.replace(b"DEMO LICENCE", b"DEMO LICENSE")
    assert altered != licence
    assert judge_document(altered, NOW).verdict.standing is Standing.INVALID, "the control"
    with pytest.raises(UnreadableFile):
        judge_document(b"neither", NOW)
