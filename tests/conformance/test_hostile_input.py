"""Public hostile input: archives, XML, texts and JSON. Each is taken or refused with a reason, within 1 s of work and 512 MB."""

from __future__ import annotations

import json
import resource
import time
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from liangzheng.codes.signed import MalformedCode, classify, normalise_short_code, read_badge_token, read_holder_text
from liangzheng.formats import identifiers
from liangzheng.formats.identifiers import BadIdentifier
from liangzheng.formats.ofd.archive import pack, unpack
from liangzheng.formats.ofd.errors import OfdError
from liangzheng.formats.ofd.markup import parse
from liangzheng.formats.status_list import MalformedStatusList, read_status_list
from liangzheng.formats.strict_json import BadJson, read_json, to_base64url
from liangzheng.verification.file_checks import TrustMaterial, judge_licence_file
from tests.conformance.tally import Tally

AT = datetime(2026, 11, 22, tzinfo=UTC)
MOST_WORK = 1.0  # seconds of processor time for one input
MOST_MEMORY = 512 * 1024  # kilobytes, by which one input may raise the peak


@contextmanager
def bounded(name: str) -> Iterator[None]:
    """Hold what happens inside to the bounds; processor time, so that a busy machine changes nothing."""
    work, peak = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield
    assert time.process_time() - work <= MOST_WORK, name
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak <= MOST_MEMORY, name


def is_refused(data: bytes) -> str:
    """Give the reason for which a licence file is not read; the empty text when it was read."""
    try:
        judge_licence_file(data, TrustMaterial(), AT)
    except OfdError as error:
        return error.reason
    return ""


# Archives their authors call good, and why they are not taken here.
STRICTER_ARCHIVES = {
    "traditional-encryption.zip": "an encrypted archive is named as such, never opened",
    "unicode-path-extra-field.zip": "bytes that no entry claims lie before the directory",
}


def test_archives(corpora: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, tally = corpora / "zip-hostile", Tally("zip-hostile")
    for path in sorted(folder.rglob("*.zip*")):
        name = str(path.relative_to(folder))
        with bounded(name):
            try:
                unpack(path.read_bytes())
            except OfdError:
                passes = False
            else:
                passes = True
            assert is_refused(path.read_bytes()), "none of them is a licence"
        if path.name in STRICTER_ARCHIVES:
            assert not passes
            tally.skip(STRICTER_ARCHIVES[path.name])
        else:
            tally.judge(name, should_pass=path.parent.name == "success", passes=passes)
    tally.settle(capsys, at_least=25)


def test_xml(corpora: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every attack is refused, alone and as the entry of a licence file; the two harmless files are read."""
    tally = Tally("xml-attacks")
    for path in sorted((corpora / "xml-attacks").glob("*.x*")):
        data = path.read_bytes()
        with bounded(path.name):
            try:
                parse(data, "OFD.xml")
            except OfdError:
                passes = False
            else:
                passes = True
            assert is_refused(pack({"OFD.xml": data}))
        if path.suffix == ".xsl":
            tally.skip("a style sheet: read as data at most, never run, and no OFD")
        else:
            tally.judge(path.name, should_pass=path.name.startswith("simple"), passes=passes)
    tally.settle(capsys, at_least=6)


READERS: dict[str, Callable[[str], object]] = {
    "licence identifier": identifiers.read_licence_identifier,
    "credit code": identifiers.read_uscc,
    "citizen id": identifiers.read_citizen_id,
    "plate": identifiers.read_plate,
    "VIN": identifiers.read_vin,
    "region": identifiers.read_region,
    "holder code": read_holder_text,
    "badge code": read_badge_token,
    "short code": normalise_short_code,
}


def texts(corpora: Path) -> list[str]:
    """The list itself, and each of its texts behind the beginning of a code and far too often."""
    plain: list[str] = json.loads((corpora / "naughty-strings" / "blns.json").read_text(encoding="utf-8"))
    return [*plain, *(f"LZ1:{text}" for text in plain), *((text * 100_000)[:100_000] for text in plain)]


def test_naughty_texts_are_no_identifiers(corpora: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for kind, read in READERS.items():
        tally = Tally(f"naughty-strings as {kind}")
        for text in texts(corpora):
            with bounded(text[:40]):
                try:
                    found = read(text)
                except (BadIdentifier, MalformedCode):
                    tally.judge(text[:40], should_pass=False, passes=False)
                else:
                    assert str(found).isprintable(), text
                    tally.skip(f"has the form: {text[:20]!r}")
        tally.settle(capsys, at_least=880)


def test_naughty_texts_are_named_for_what_they_are(corpora: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tally = Tally("naughty-strings classified")
    for text in texts(corpora):
        with bounded(text[:40]):
            form = classify(text)
        if form == "foreign_code":
            assert not any(unicodedata.category(char)[0] == "C" for char in text), text
        if form == "short_code":
            tally.skip(f"has the form of a short code: {text[:20]!r}")
            continue
        is_ours = form in {"holder_code", "badge_code"}
        tally.judge(f"{form} {text[:40]!r}", should_pass=text.startswith("LZ1:"), passes=is_ours)
    tally.settle(capsys, at_least=880)


# Valid JSON that signed tokens may not carry, by the beginning of its name, and why.
FRACTION = "a fraction or an exponent: no claim has one, and readers round differently"
STRICTER_JSON = {
    "y_number": FRACTION,
    "y_array_heterogeneous": FRACTION,
    "y_structure_lonely_negative_real": FRACTION,
    "y_object_duplicated_key": "a key twice: the standard allows it, readers differ",
    "y_object_extreme_numbers": FRACTION,
}


def read_as_json(data: bytes) -> bool:
    try:
        read_json(data)
    except BadJson:
        return False
    return True


def test_json(corpora: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tally = Tally("json-testsuite")
    for path in sorted((corpora / "json-testsuite" / "test_parsing").glob("*.json")):
        with bounded(path.name):
            passes = read_as_json(path.read_bytes())
        reason = next((why for start, why in STRICTER_JSON.items() if path.name.startswith(start)), "")
        if path.name.startswith("i_"):
            tally.skip(f"left open by the standard; {'read' if passes else 'refused'} here")
        elif reason and not passes:
            tally.skip(reason)
        else:
            tally.judge(path.name, should_pass=path.name.startswith("y_"), passes=passes)
    tally.settle(capsys, at_least=150)


def test_json_as_the_payload_of_a_token(corpora: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """None of the files is a status list, whichever segment it stands in."""
    tally = Tally("json-testsuite as header and payload of a JWT")
    for path in sorted((corpora / "json-testsuite" / "test_parsing").glob("*.json")):
        segment = to_base64url(path.read_bytes())
        for token in (segment + b".e30.", b"eyJhbGciOiJFUzI1NiIsInR5cCI6InN0YXR1c2xpc3Qrand0In0." + segment + b".AAAA"):
            with bounded(path.name):
                try:
                    read_status_list(token)
                except MalformedStatusList:
                    tally.judge(path.name, should_pass=False, passes=False)
                else:
                    tally.judge(path.name, should_pass=False, passes=True)
    tally.settle(capsys, at_least=380)
