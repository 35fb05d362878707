"""OFDs of other makers against the labels of an independent checker: every SES V4 signature agrees, or is explained here.

The labels know nothing of coverage, trust or dates: what this product says beyond them is in `STANDINGS`.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from liangzheng.formats.ofd.archive import pack, unpack
from liangzheng.formats.ofd.errors import OfdError
from liangzheng.formats.ofd.markup import parse
from liangzheng.formats.ofd.package import read_ofd
from liangzheng.server.verify_command import main
from liangzheng.verification.file_checks import TrustMaterial, judge_licence_file
from liangzheng.verification.seal_checks import judge_seal

CORPORA = Path(os.environ.get("LIANGZHENG_CORPORA", Path(__file__).parents[3] / "shared" / "corpora"))
OFDRW = CORPORA / "ofd-ofdrw"
pytestmark = pytest.mark.skipif(not OFDRW.is_dir(), reason=f"PUBLIC OFD FILES ABSENT: {OFDRW}; set LIANGZHENG_CORPORA")

NOW = datetime(2026, 11, 1, tzinfo=UTC)

# The labels that do not agree, and why.
EXPLAINED = {
    (
        "ofdrw-converter/h.ofd",
        "s001",
        "file_digests",
    ): "a second seal, which protects the first, lawfully changed the list of seals",
}

# What is said of the whole file without any trust. `cannot_confirm` is the best there is: nobody vouches for these issuers.
STANDINGS = {
    "ofdrw-converter/1.ofd": ("cannot_confirm", ("untrusted_root", "metadata_missing")),
    "ofdrw-converter/h.ofd": ("cannot_confirm", ("untrusted_root", "metadata_missing")),
    "ofdrw-sign/allprotected.ofd": ("cannot_confirm", ("untrusted_root", "metadata_missing")),
    "ofdrw-sign/v4signed.ofd": ("cannot_confirm", ("untrusted_root", "metadata_missing")),
    # sealed in 2026 with a seal that ended in 2022, by the word of a maker whom nobody vouches for
    "ofdrw-reader/SESV4SignDoc.ofd": ("cannot_confirm", ("seal_expired", "untrusted_root", "metadata_missing")),
    # its page templates, which are drawn on every page, are not among the references
    "ofdrw-converter/draw_param_ref.ofd": ("invalid", ("uncovered_content", "untrusted_root", "metadata_missing")),
    # real e-licences: two CMS signatures that together protect everything; reading CMS is not there yet
    "ofdrw-converter/testPathClip.ofd": ("cannot_confirm", ("unsupported_seal_version", "metadata_missing")),
    "ofdrw-converter/testImageNotFound.ofd": ("cannot_confirm", ("unsupported_seal_version", "metadata_missing")),
    "ofdrw-sign/DigitalSign.ofd": ("cannot_confirm", ("unsupported_seal_version", "metadata_missing")),
    # its text was starred after sealing; a real seal with a critical extension that is not understood yet, and a raw signature
    "ofdrw-layout/keyword-redacted.ofd": (
        "invalid",
        ("tampered_file", "uncovered_content", "unsupported_seal_version", "untrusted_root", "metadata_missing"),
    ),
}


def labels() -> dict[str, list[dict[str, object]]]:
    if not OFDRW.is_dir():
        return {}
    table = json.loads((OFDRW / "expected.json").read_text("utf-8"))
    return {name: facts["sigs"] for name, facts in table.items() if (OFDRW / name).is_file()}


SEALED = {name: found for name, found in labels().items() if any("ses" in item for item in found)}


def test_the_labels_cover_the_files_named_here() -> None:
    assert set(SEALED) == set(STANDINGS)


@pytest.mark.parametrize("name", SEALED)
def test_every_signature_agrees_with_its_label_or_is_explained(name: str) -> None:
    package = read_ofd((OFDRW / name).read_bytes())
    assert [item.id for item in package.signatures] == [label["id"] for label in SEALED[name]]
    for index, label in enumerate(SEALED[name]):
        judged = judge_seal(package, index, TrustMaterial(), NOW)
        results = {check.id: check.result.value for check in judged.checks}
        expected = {"file_digests": "fail" if label["ref_bad"] or label["ref_missing"] else "pass"}
        assert bool(package.files.get(package.signatures[index].seal_path)) == label["seal_file"]
        if label["ses"] == "SES_V4":
            expected["seal_signature"] = "pass" if label["sig"] == "ok" and label["hash_match"] else "fail"
            assert judged.facts.kind == "SES_V4"
            assert judged.facts.signer in str(label["signer"])
        else:
            assert {check.reason for check in judged.checks[1:]} == {"unsupported_seal_version"}
        differing = {check for check, result in expected.items() if results[check] != result}
        assert differing == {check for file, number, check in EXPLAINED if (file, number) == (name, label["id"])}


@pytest.mark.parametrize("name", STANDINGS)
def test_every_sealed_file_gets_its_honest_standing(name: str) -> None:
    report = judge_licence_file((OFDRW / name).read_bytes(), TrustMaterial(), NOW)
    assert (report.verdict.standing.value, report.verdict.reasons) == STANDINGS[name]


def test_every_file_without_a_seal_is_read_and_not_valid() -> None:
    paths = [path for folder in CORPORA.glob("ofd-*") for path in folder.rglob("*.ofd")]
    bare = [path for path in paths if not read_ofd(path.read_bytes()).signatures]
    assert len(paths) > 40
    for path in bare:
        report = judge_licence_file(path.read_bytes(), TrustMaterial(), NOW)
        assert report.verdict.reasons[0] == "no_signature", path


def test_a_foreign_seal_is_intact_and_its_issuer_unknown(capsys: pytest.CaptureFixture[str]) -> None:
    path = OFDRW / "ofdrw-reader" / "SESV4SignDoc.ofd"
    assert main([str(path), "--json"]) == 2
    report = json.loads(capsys.readouterr().out)
    results = {check["id"]: (check["result"], check["reason"]) for check in report["checks"]}
    for intact in ("file_digests", "seal_identity", "seal_signature", "signer_in_seal", "coverage"):
        assert results[intact] == ("pass", "")
    assert results["issuer_trusted"] == ("unknown", "untrusted_root")


@pytest.mark.parametrize("number", [0, 1])
def test_the_parts_of_a_court_paper_fit_together(number: int) -> None:
    """Its pages are withheld, so its digests cannot be right; its maker writes signatures in a form of its own."""
    folder = OFDRW / "sigparts" / "axt-court-v4-2sigs"
    names = [f"Sign_{index}/{name}" for index in (0, 1) for name in ("Signature.xml", "SignedValue.dat", "Seal.esl")]
    files = {f"Doc_0/Signs/{name}": (folder / name).read_bytes() for name in ("Signatures.xml", *names)}
    body = "<DocInfo/><DocRoot>Doc_0/Document.xml</DocRoot><Signatures>Doc_0/Signs/Signatures.xml</Signatures>"
    entry = f'<OFD xmlns="http://www.ofdspec.org/2016"><DocBody>{body}</DocBody></OFD>'
    judged = judge_seal(read_ofd(pack({"OFD.xml": entry.encode(), **files})), number, TrustMaterial(), NOW)
    results = {check.id: check.result.value for check in judged.checks}
    assert results["file_digests"] == "fail"
    assert (results["seal_identity"], results["seal_signature"], results["signer_in_seal"]) == ("pass", "pass", "pass")


# Harmless archives of another project's list of good ones: small, plain, without a trick in their directory.
HARMLESS = {
    "big-compression",
    "cygwin-info-zip",
    "deflate",
    "directories",
    "empty",
    "everything",
    "streaming",
    "unix-epoch",
    "windows-7-zip",
}


def test_hostile_archives_are_refused_and_harmless_ones_unpacked() -> None:
    folder = CORPORA / "zip-hostile"
    accepted = set()
    for path in folder.rglob("*.zip"):
        try:
            unpack(path.read_bytes())
        except OfdError:
            continue
        accepted.add(path.stem)
    assert accepted == HARMLESS


def test_xml_attacks_inside_an_ofd_are_refused() -> None:
    for name in ("cyclic", "dtd", "external", "xmlbomb"):
        with pytest.raises(OfdError):
            parse((CORPORA / "xml-attacks" / f"{name}.xml").read_bytes(), name)
    assert parse((CORPORA / "xml-attacks" / "simple.xml").read_bytes(), "simple").tag == "root"
