"""Residence permits, plates with colours, and explanations in words. All numbers are published specimens or fictional."""

from __future__ import annotations

import json
from datetime import date
from importlib.resources import files
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liangzheng.formats import identifiers
from liangzheng.formats.identifier_words import ORGANISATION_CHECK, REGION_ENDED, TITLES, Kind, check, explain, explain_as
from liangzheng.formats.identifiers import (
    CHECK_DIGIT,
    COLOURS,
    REGION_ISSUER,
    UNKNOWN_PROVINCE,
    UNLIKELY_COLOUR,
    BadIdentifier,
    Sex,
    machine_check,
    read_permanent_residence,
    read_plate_key,
    read_residence_permit,
)

TODAY = date(2026, 11, 23)
ROOT = "1.2.156.3005.2."
REASONS = cast("dict[str, object]", json.loads(files("liangzheng.verification").joinpath("reasons.json").read_bytes()))


def eighteen(first_17: str) -> str:
    """Write the check character of GB 11643."""
    return first_17 + identifiers._citizen_check(first_17)


def fifteen(first_14: str) -> str:
    return first_14 + machine_check(first_14)


@pytest.mark.parametrize(
    ("text", "place", "born", "sex", "warnings"),
    [
        ("810000199408230021", "hong_kong", date(1994, 8, 23), Sex.FEMALE, ()),
        ("830000199201300022", "taiwan", date(1992, 1, 30), Sex.FEMALE, ()),
        (eighteen("82000019850615001"), "macao", date(1985, 6, 15), Sex.MALE, ()),
        ("810000199408230022", "hong_kong", date(1994, 8, 23), Sex.FEMALE, (CHECK_DIGIT,)),
    ],
)
def test_residence_permits(text: str, place: str, born: date, sex: Sex, warnings: tuple[str, ...]) -> None:
    read = read_residence_permit(f" {text.lower()} ")
    assert (read.text, read.place, read.born, read.sex, read.warnings) == (text, place, born, sex, warnings)


@pytest.mark.parametrize("text", ["", "840000199408230021", "810001199408230021", "810000199402300021", "81000019940823002"])
def test_what_is_no_residence_permit(text: str) -> None:
    with pytest.raises(BadIdentifier):
        read_residence_permit(text)


@pytest.mark.parametrize(
    ("text", "form", "nationality", "region", "born", "sex"),
    [
        (eighteen("93739219850615001"), "2023", "392", "370000", date(1985, 6, 15), Sex.MALE),
        (eighteen("93725019900101002"), "2023", "250", "370000", date(1990, 1, 1), Sex.FEMALE),
        (fifteen("FRA37069001012"), "before_2023", "FRA", "370600", date(1990, 1, 1), Sex.FEMALE),
        (fifteen("JPN37062102281"), "before_2023", "JPN", "370600", date(2021, 2, 28), Sex.MALE),
        (fifteen("JPN37062711241"), "before_2023", "JPN", "370600", date(1927, 11, 24), Sex.MALE),
        (fifteen("JPN37060002291"), "before_2023", "JPN", "370600", date(2000, 2, 29), Sex.MALE),
    ],
)
def test_permanent_residence(text: str, form: str, nationality: str, region: str, born: date, sex: Sex) -> None:
    read = read_permanent_residence(text, latest=TODAY)
    assert (read.form, read.nationality, read.region, read.born, read.sex) == (form, nationality, region, born, sex)
    assert read.warnings == ()
    wrong = text[:-1] + ("1" if text[-1] == "0" else "0")
    assert read_permanent_residence(wrong, latest=TODAY).warnings == (CHECK_DIGIT,)


@pytest.mark.parametrize(
    "text", ["", "937250199013010020", "FR3370690010123", "FRA370690130120", "FRA37069001012", "837250199001010020"]
)
def test_what_is_no_permanent_residence_card(text: str) -> None:
    with pytest.raises(BadIdentifier):
        read_permanent_residence(text, latest=TODAY)


def test_the_machine_check_digit_is_that_of_passports() -> None:
    """ICAO 9303-3, 4.9: the example 520727 has the check digit 3."""
    assert machine_check("520727") == "3"


@pytest.mark.parametrize(
    ("text", "colour", "key", "warnings"),
    [
        ("鲁F·00001", "蓝", "鲁F00001_1", ()),
        ("鲁F00001", "黄色", "鲁F00001_2", ()),
        ("鲁FD00001", "渐变绿色", "鲁FD00001_94", ()),
        ("鲁FD00001", "94", "鲁FD00001_94", ()),
        ("鲁F00001D", "黄绿", "鲁F00001D_93", ()),
        ("鲁FD00001", "蓝", "鲁FD00001_1", (UNLIKELY_COLOUR,)),
        ("鲁F0001挂", "2", "鲁F0001挂_2", ()),
        ("鲁F0001挂", "蓝色", "鲁F0001挂_1", (UNLIKELY_COLOUR,)),
        ("鲁F0001警", "白", "鲁F0001警_4", ()),
    ],
)
def test_a_plate_and_its_colour_name_one_vehicle(text: str, colour: str, key: str, warnings: tuple[str, ...]) -> None:
    read = read_plate_key(text, colour)
    assert (read.text, read.warnings) == (key, warnings)


@pytest.mark.parametrize("colour", ["", "粉", "7", "色"])
def test_there_are_only_those_colours(colour: str) -> None:
    with pytest.raises(BadIdentifier):
        read_plate_key("鲁F00001", colour)


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("11010519491231002X", "citizen_id", "地址码：110105（北京市，下级代码未收录）"),
        ("371202199901010011", "citizen_id", "地址码：371202（山东省莱芜市莱城区，2017 年后不再使用）"),
        ("379999198506150022", "citizen_id", "性别：女"),
        ("810000199408230021", "residence_permit", "地区码：810000（香港特别行政区）"),
        (eighteen("93725019900101002"), "permanent_residence", "受理地区：370000（山东省）"),
        ("91350100M000100Y43", "uscc", "登记管理部门和机构类别：91（市场监管部门登记，企业）"),
        ("11370600MADEM0011A", "uscc", "登记管理机关行政区划：370600（山东省烟台市）"),
        (f"{ROOT}11100000000013338W011.11430000006122244L.20230000403.001.U", "licence_identifier", "校验位：U（相符）"),
        (f"{ROOT}11100000000013338W011.11430000006122244L.20230000403.001.V", "licence_identifier", "校验位：V（不符，应为 U）"),
        ("鲁Y00001", "plate", "发牌机关代号：鲁Y（烟台市）"),
        ("京A00001", "plate", "种类：普通号牌（常见颜色：蓝、黄、黑、白、其他、农黄、农绿；同号不同色是不同车辆）"),
        ("1M8GDM9AXKP042788", "vin", "年份代码：K（1989 或 2019）"),
        ("370614", "region", "行政区划：370614（山东省烟台市蓬莱区）"),
    ],
)
def test_the_likeliest_reading_comes_first_and_says_what_each_part_means(text: str, kind: str, words: str) -> None:
    first = explain(text, today=TODAY)[0]
    assert first.kind == kind
    assert words in [str(part) for part in first.parts]
    assert first.title == TITLES[first.kind]


@pytest.mark.parametrize(
    ("kind", "text", "warnings"),
    [
        ("citizen_id", "11010519491231002X", ()),
        ("citizen_id", "110105194912310021", (CHECK_DIGIT,)),
        ("citizen_id", eighteen("37212119900101001"), (REGION_ENDED,)),
        ("citizen_id", eighteen("37212119800101001"), ()),
        ("citizen_id", eighteen("99000019900101001"), (UNKNOWN_PROVINCE,)),
        ("citizen_id", eighteen("00000019900101001"), (UNKNOWN_PROVINCE,)),
        ("uscc", "91350100M000100Y43", ()),
        ("uscc", "91350100M000100Y44", (CHECK_DIGIT,)),
        ("uscc", "91370600MADEM0019A", (CHECK_DIGIT, ORGANISATION_CHECK)),
        ("licence_identifier", f"{ROOT}11100000MB03271699022.340100.000000016.001.9", (REGION_ISSUER,)),
        ("vin", "1M8GDM9A1KP042788", (CHECK_DIGIT,)),
        ("plate", "鲁F00001", ()),
    ],
)
def test_what_does_not_fit_is_a_warning_with_words_and_never_a_refusal(kind: Kind, text: str, warnings: tuple[str, ...]) -> None:
    assert check(kind, text, today=TODAY) == warnings
    assert explain_as(kind, text, today=TODAY).parts
    assert set(warnings) <= REASONS.keys()


def test_every_warning_has_words() -> None:
    codes = {CHECK_DIGIT, REGION_ISSUER, UNKNOWN_PROVINCE, UNLIKELY_COLOUR, ORGANISATION_CHECK, REGION_ENDED}
    assert codes <= REASONS.keys()


def test_every_kind_and_colour_can_be_explained() -> None:
    assert set(TITLES) == set(Kind.__args__)  # type: ignore[attr-defined]
    assert {code for codes in identifiers._USUAL_COLOURS.values() for code in codes} <= COLOURS.keys()
    for kind in TITLES:
        with pytest.raises(BadIdentifier):
            explain_as(kind, "演示", today=TODAY)


@given(st.text(max_size=40))
def test_any_text_is_explained_or_not(text: str) -> None:
    for reading in explain(text, today=TODAY):
        assert reading.parts
        assert set(reading.warnings) <= REASONS.keys()


@given(st.from_regex(r"[0-9]{17}[0-9X]|[A-Z]{3}[0-9]{12}|[0-9]{15}|[0-9]{6}|[0-9]{12}", fullmatch=True))
def test_numbers_of_the_right_length_never_break_it(text: str) -> None:
    for reading in explain(text, today=TODAY):
        assert all(part.label and part.value for part in reading.parts)
        assert set(reading.warnings) <= REASONS.keys()
