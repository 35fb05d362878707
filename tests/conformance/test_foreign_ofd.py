"""OFDs of other makers against the labels of an independent checker: every label agrees or is explained here, whatever the seal.

The labels know nothing of coverage, trust or dates: what this product says beyond them is in `STANDINGS`. One label is not
certain (the value without a certificate); one kind is about nothing that is judged here (`invoice`).
"""

from __future__ import annotations

import base64
import json
import os
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from liangzheng.crypto.certificates import read_certificate
from liangzheng.crypto.der import DerError
from liangzheng.crypto.digests import sm3
from liangzheng.formats.ofd.archive import pack, unpack
from liangzheng.formats.ofd.errors import OfdError
from liangzheng.formats.ofd.markup import NAMESPACE, child, children, parse, text
from liangzheng.formats.ofd.package import OfdPackage, OfdSignature, read_ofd, resolve
from liangzheng.formats.seals.seal import read_seal
from liangzheng.formats.seals.signature import read_signature
from liangzheng.formats.seals.signed_value import read_signed_value
from liangzheng.server.verify_command import main
from liangzheng.verification.file_checks import TrustMaterial, judge_licence_file
from liangzheng.verification.seal_checks import judge_seal
from liangzheng.verification.signer_checks import is_signed

CORPORA = Path(os.environ.get("LIANGZHENG_CORPORA", Path(__file__).parents[3] / "shared" / "corpora"))
OFDRW = CORPORA / "ofd-ofdrw"
pytestmark = pytest.mark.skipif(not OFDRW.is_dir(), reason=f"PUBLIC OFD FILES ABSENT: {OFDRW}; set LIANGZHENG_CORPORA")

NOW = datetime(2026, 11, 1, tzinfo=UTC)

# Checks that say something else than the label, and why.
EXPLAINED = {
    # The label counts one changed file, Signatures.xml, and so does this product. But it was changed lawfully, by the entry of a
    # second seal (s007), which protects the first one's description and value, and whose eleven digests all match.
    ("ofd-ofdrw", "ofdrw-converter/h.ofd", "s001", "file_digests"): ("fail", "pass"),
    # The label leaves it undecided: nobody knows the certificate. That is what is said of it.
    ("ofd-ofdrw", "ofdrw-sign/DigitalSign.ofd", "s001", "seal_signature"): ("undecided", "unknown"),
}
# Labelled, but withheld from the collection because of the persons in them (the last one in parts, see below).
WITHHELD = {
    "ofdrw-converter/发票监制章-数科.ofd",
    "ofdrw-converter/发票示例.ofd",
    "ofdrw-layout/fptpl.ofd",
    "history/ofdrw-converter/csfapiao1.7c3c689.ofd",
    "sigparts/axt-court-v4-2sigs",
}
# How many labels there are on files and on signatures, so that none gets lost.
FILES, FILE_LABELS, SIGNATURES, SIGNATURE_LABELS = 45, 315, 15, 201

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
    # real e-licences: two signatures without a seal that together protect everything; only their issuers are strangers
    "ofdrw-converter/testPathClip.ofd": ("cannot_confirm", ("untrusted_root", "metadata_missing", "signature_without_seal")),
    "ofdrw-converter/testImageNotFound.ofd": ("cannot_confirm", ("untrusted_root", "metadata_missing", "signature_without_seal")),
    # a bare value without a certificate
    "ofdrw-sign/DigitalSign.ofd": ("cannot_confirm", ("no_signer_certificate", "metadata_missing", "signature_without_seal")),
    # its text was starred after sealing; a real seal with a critical extension that is not understood, and SignedData
    "ofdrw-layout/keyword-redacted.ofd": (
        "invalid",
        ("tampered_file", "uncovered_content", "unsupported_seal_version", "untrusted_root", "metadata_missing"),
    ),
}


def labels() -> dict[tuple[str, str], dict[str, Any]]:
    """The labels of every file that is there, by folder and name."""
    if not OFDRW.is_dir():
        return {}
    tables = {path.parent.name: json.loads(path.read_text("utf-8")) for path in sorted(CORPORA.glob("ofd-*/expected.json"))}
    rows = {(folder, name): facts for folder, table in tables.items() for name, facts in table.items()}
    return {key: facts for key, facts in rows.items() if (CORPORA / key[0] / key[1]).is_file()}


LABELS = labels()
SEALED = {key: facts["sigs"] for key, facts in LABELS.items() if any("ses" in item for item in facts["sigs"])}
KINDS = {"CMS": "CMS/PKCS7", "bare_SM2": "raw r||s der"}


def test_the_labels_cover_the_files_named_here() -> None:
    assert {name for folder, name in SEALED if folder == "ofd-ofdrw"} == set(STANDINGS)
    assert {
        name for name in json.loads((OFDRW / "expected.json").read_text("utf-8")) if ("ofd-ofdrw", name) not in LABELS
    } == WITHHELD
    assert (len(LABELS), sum(len(found) for found in SEALED.values())) == (FILES, SIGNATURES)


def described(path: Path) -> dict[str, object]:
    """What is read of a file, in the words of the labels."""
    package = read_ofd(path.read_bytes())
    roots = [(parse(package.files[name], name), name) for name in package.document_roots]
    named = [(name.rpartition("/")[0], text(child(root, "attachments", name))) for root, name in roots]
    lists = [resolve(folder, location) for folder, location in named if location]
    with zipfile.ZipFile(path) as archive:
        entries = len(archive.namelist())
    return {
        "entries": entries,
        "ns_std": NAMESPACE.encode() in package.files["OFD.xml"],
        "doctype": parse(package.files["OFD.xml"], "OFD.xml").get("DocType"),
        "docs": len(roots),
        "pages": sum(len(list(children(pages, "page"))) for root, _ in roots for pages in children(root, "pages")),
        "attachments": sum(len(list(children(parse(package.files[name], name), "attachment"))) for name in lists),
        "enc": False,  # an encrypted one is refused
    }


@pytest.mark.parametrize("key", LABELS, ids="/".join)
def test_every_file_is_read_as_labelled(key: tuple[str, str]) -> None:
    read = described(CORPORA.joinpath(*key))
    assert read == {name: LABELS[key][name] for name in read}
    assert len(read) * len(LABELS) == FILE_LABELS


def reference_labels(package: OfdPackage, signature: OfdSignature) -> dict[str, object]:
    """What is read of the digests of one signature, in the words of the labels."""
    found = {item.path: package.files.get(item.path) for item in signature.references}
    wanted = {item.path: base64.b64decode(item.check_value) for item in signature.references}
    bad = [path for path, content in found.items() if content is not None and sm3(content) != wanted[path]]
    missing = [path for path, content in found.items() if content is None]
    counts = {"ref_ok": len(found) - len(bad) - len(missing), "ref_bad": len(bad), "ref_missing": len(missing)}
    return counts | ({"bad_refs": bad} if bad else {})


@pytest.mark.parametrize("key", SEALED, ids="/".join)
def test_every_signature_agrees_with_its_label_or_is_explained(key: tuple[str, str]) -> None:
    package = read_ofd(CORPORA.joinpath(*key).read_bytes())
    assert [item.id for item in package.signatures] == [label["id"] for label in SEALED[key]]
    for index, label in enumerate(SEALED[key]):
        described, judged = package.signatures[index], judge_seal(package, index, TrustMaterial(), NOW)
        kind = judged.facts.kind
        read = reference_labels(package, described) | {
            "id": described.id,
            "type": described.kind or None,
            "provider": described.provider,
            "digest": {"1.2.156.10197.1.401": "SM3"}.get(described.digest_method, described.digest_method),
            "method": described.method,
            "ses": KINDS.get(kind, kind),
            "ses_ver": int(kind.removeprefix("SES_V")) if kind.startswith("SES_V") else None,
            "seal_file": bool(package.files.get(described.seal_path)),
        }
        assert read == {name: label[name] for name in read}
        assert set(label) - set(read) <= {"sig", "signer", "hash_match"}
        assert judged.facts.signer in str(label.get("signer", judged.facts.signer))
        results = {check.id: check.result.value for check in judged.checks}
        expected = {
            "file_digests": "fail" if label["ref_bad"] or label["ref_missing"] else "pass",
            "seal_signature": {"ok": "pass", "undecided:": "undecided"}[label["sig"].split()[0]],
        }
        assert label.get("hash_match", True)
        differing = {check: (said, results[check]) for check, said in expected.items() if results[check] != said}
        assert differing == {row[3]: values for row, values in EXPLAINED.items() if row[:3] == (*key, label["id"])}


def test_no_label_of_a_signature_is_left_out() -> None:
    assert sum(len(label) for found in SEALED.values() for label in found) == SIGNATURE_LABELS


def test_the_generator_of_another_project_is_read_like_the_others() -> None:
    path = CORPORA / "ofd-easyofd-rust" / "ofdrw_gen" / "gen_14_digital_sign.ofd"
    verdict = judge_licence_file(path.read_bytes(), TrustMaterial(), NOW).verdict
    assert (verdict.standing.value, verdict.reasons) == STANDINGS["ofdrw-reader/SESV4SignDoc.ofd"]


@pytest.mark.parametrize(
    ("name", "layout", "title"), [("UserV1.esl", 1, "OFDRW测试用印章"), ("UserV4.esl", 4, "OFD R&W 测试用印章")]
)
def test_seals_of_both_layouts_were_made_by_their_makers(name: str, layout: int, title: str) -> None:
    """The maker of the version 1 seal signed certificate and algorithm together with the seal's facts, of version 4 the facts."""
    seal = read_seal((OFDRW / "ofdrw-gm" / name).read_bytes())
    key = read_certificate(seal.maker_certificate).public_key
    assert (seal.layout, seal.version, seal.name) == (layout, layout, title)
    assert key is not None
    assert is_signed(key, seal.maker_signature, seal.maker_signed)
    assert is_signed(key, seal.maker_signature, seal.info) is (layout == 4)


def test_a_signed_value_alone_is_read() -> None:
    value = read_signature((OFDRW / "ofdrw-gm" / "SignedValueV4.dat").read_bytes())
    key = read_certificate(value.certificate).public_key
    assert key is not None
    assert is_signed(key, value.signature, value.to_sign)
    assert value.certificate in value.seal.certificates


@pytest.mark.parametrize("name", ["UserV1.397ba77.esl", "UserV4.1d6ccce.esl", "Seal.4f65c10.esl"])
def test_seals_that_are_not_der_are_refused(name: str) -> None:
    """Early seals of one program have lengths without end (BER); the program itself replaced them by DER."""
    with pytest.raises(DerError, match="indefinite"):
        read_seal((OFDRW / "history" / "ofdrw-gm" / name).read_bytes())


def test_the_seeds_of_a_fuzzer_are_refused() -> None:
    seeds = list((CORPORA / "ofd-easyofd-rust" / "fuzz" / "corpus" / "fuzz_ses_der").iterdir())
    assert len(seeds) == 2
    for seed in seeds:
        with pytest.raises(DerError):
            read_signed_value(seed.read_bytes())


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
