"""Identifiers: the published examples, the check digits, the forms. All numbers are published examples or fictional."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liangzheng.formats.identifiers import (
    CHECK_DIGIT,
    REGION_ISSUER,
    UNKNOWN_PROVINCE,
    BadIdentifier,
    Sex,
    is_uscc_form,
    make_licence_identifier,
    mod_37_36,
    organisation_check,
    read_citizen_id,
    read_licence_identifier,
    read_plate,
    read_region,
    read_uscc,
    read_vin,
)

ROOT = "1.2.156.3005.2."
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@pytest.mark.parametrize(
    ("text", "warnings"),
    [
        ("11100000000013338W011.11430000006122244L.20230000403.001.U", ()),
        ("11100000000013338W011.11430000006122244L.20230000403.002.S", ()),
        ("11100000000013338W009.11330105002500287C.2025052201.002.0", ()),
        ("11100000MB03271699022.340100.000000016.001.9", (REGION_ISSUER,)),
        ("11100000000013338W087.11370800MB28559184.37080001202411010001.001.3", ()),
        ("11100000000019713D013.11370600MADEM0011A.DEM02026000001.001.H", ()),
        ("11100000MB0143028R001.11370600MADEM0011A.DEM02026000001.001.U", ()),
        ("11100000000013338W011.11430000006122244L.20230000403.001.V", (CHECK_DIGIT,)),
    ],
)
def test_licence_identifiers(text: str, warnings: tuple[str, ...]) -> None:
    found = read_licence_identifier(f" {ROOT}{text.lower()} ")
    assert found.text == ROOT + text
    assert found.warnings == warnings


def test_the_example_of_a_public_manual_has_a_wrong_check_character() -> None:
    text = "11100000000013661B006.113700000045046442.209FA4E88F9E4C878F3E9BED2CE7EA49.001.M"
    found = read_licence_identifier(ROOT + text)
    assert (found.check, found.expected_check, found.version) == ("M", "D", 1)


@pytest.mark.parametrize(
    "text",
    [
        "",
        ROOT,
        f"{ROOT}062301.1101101102.0624_001.001.U",
        "1.2.156.3005.3.11100000000013338W011.11430000006122244L.1.001.U",
        f"{ROOT}11100000000013338W011.11430000006122244L.{'1' * 33}.001.U",
        f"{ROOT}11100000000013338W011.11430000006122244L.1.01.U",
        f"{ROOT}11100000000013338W011.11430000006122244L.1.001.U\n.",
        f"{ROOT}1110000000001333\uff18W01.11430000006122244L.1.001.U",
    ],
)
def test_what_is_no_licence_identifier(text: str) -> None:
    with pytest.raises(BadIdentifier):
        read_licence_identifier(text)


@given(st.text(ALPHABET, min_size=21, max_size=21), st.text(ALPHABET, min_size=1, max_size=32), st.integers(0, 999))
def test_a_made_identifier_is_read_without_warning(type_code: str, serial: str, version: int) -> None:
    found = read_licence_identifier(make_licence_identifier(type_code, "11370600MADEM0011A", serial, version))
    assert (found.type_code, found.serial, found.version, found.warnings) == (type_code, serial, version, ())


@given(st.text(ALPHABET, min_size=2, max_size=40), st.integers(0), st.sampled_from(ALPHABET))
def test_one_wrong_character_changes_the_check_character(text: str, place: int, other: str) -> None:
    place %= len(text)
    changed = text[:place] + other + text[place + 1 :]
    assert (mod_37_36(changed) == mod_37_36(text)) == (changed == text)


def test_only_its_alphabet_has_a_check_character() -> None:
    with pytest.raises(BadIdentifier):
        mod_37_36("a")
    with pytest.raises(BadIdentifier):
        make_licence_identifier("short", "11370600MADEM0011A", "1", 1)


@pytest.mark.parametrize(
    ("text", "warnings"),
    [
        ("91350100M000100Y43", ()),
        ("91350100m000100y43", ()),
        ("11370600MADEM0011A", ()),
        ("91370602MADEM0011Y", ()),
        ("92370702MADEM00111", ()),
        ("91350100M000100Y44", (CHECK_DIGIT,)),
    ],
)
def test_credit_codes(text: str, warnings: tuple[str, ...]) -> None:
    found = read_uscc(text)
    assert (found.warnings, found.kind, found.region) == (warnings, text[:2], text[2:8])


@pytest.mark.parametrize("text", ["", "91350100M000100Y4", "91350100M000100Y4I", "9135010OM000100Y43", "\uff191350100M000100Y43"])
def test_what_is_no_credit_code(text: str) -> None:
    assert not is_uscc_form(text)
    with pytest.raises(BadIdentifier):
        read_uscc(text)


def test_organisation_codes() -> None:
    assert organisation_check("M000100Y") == "4"
    assert organisation_check("MADEM001") == "1"
    with pytest.raises(BadIdentifier):
        organisation_check("M000100")


@pytest.mark.parametrize(
    ("text", "born", "sex", "warnings"),
    [
        ("11010519491231002X", date(1949, 12, 31), Sex.FEMALE, ()),
        ("11010519491231002x", date(1949, 12, 31), Sex.FEMALE, ()),
        ("440524188001010014", date(1880, 1, 1), Sex.MALE, ()),
        ("379999199001010010", date(1990, 1, 1), Sex.MALE, ()),
        ("379999198506150022", date(1985, 6, 15), Sex.FEMALE, ()),
        ("379999199001010011", date(1990, 1, 1), Sex.MALE, (CHECK_DIGIT,)),
        ("379999900101001", date(1990, 1, 1), Sex.MALE, ()),
    ],
)
def test_citizen_numbers(text: str, born: date, sex: Sex, warnings: tuple[str, ...]) -> None:
    found = read_citizen_id(text)
    assert (found.born, found.sex, found.warnings) == (born, sex, warnings)
    assert len(found.text) == 18


@pytest.mark.parametrize("text", ["", "379999199002300010", "37999919900101001", "37999919900101001XX", "X79999199001010010"])
def test_what_is_no_citizen_number(text: str) -> None:
    with pytest.raises(BadIdentifier):
        read_citizen_id(text)


@pytest.mark.parametrize(
    ("text", "plain", "kind"),
    [
        ("鲁F00001", "鲁F00001", "ordinary"),
        ("鲁f·00 001", "鲁F00001", "ordinary"),
        ("鲁F0001挂", "鲁F0001挂", "ordinary"),
        ("鲁F0001学", "鲁F0001学", "ordinary"),
        ("鲁FD00001", "鲁FD00001", "new_energy_small"),
        ("鲁F00001D", "鲁F00001D", "new_energy_large"),
        ("鲁X0001应急", "鲁X0001应急", "emergency"),
        ("粤A0001领", "粤A0001领", "consulate"),
        ("123001使", "123001使", "embassy"),
        ("WJ鲁00001", "WJ鲁00001", "armed_police"),
    ],
)
def test_plates(text: str, plain: str, kind: str) -> None:
    found = read_plate(text)
    assert (found.text, found.kind) == (plain, kind)


@pytest.mark.parametrize("text", ["", "鲁F0001", "鲁I00001", "鲁F0000O", "国F00001", "鲁F000001", "鲁\uff2600001"])
def test_what_is_no_plate(text: str) -> None:
    with pytest.raises(BadIdentifier):
        read_plate(text)


def test_vehicle_identification_numbers() -> None:
    assert read_vin("1m8gdm9axkp042788").warnings == ()
    assert read_vin("1M8GDM9A1KP042788").warnings == (CHECK_DIGIT,)
    for text in ("", "1M8GDM9AXKP04278", "1M8GDM9AXKP04278O", "1M8GDM9AXKP0427888"):
        with pytest.raises(BadIdentifier):
            read_vin(text)


def test_regions() -> None:
    found = read_region("370602003000")
    assert (found.text, found.province, found.city, found.warnings) == ("370602", "37", "3706", ())
    assert read_region("990000").warnings == (UNKNOWN_PROVINCE,)
    for text in ("", "37060", "070602", "3706020", "37060\uff12"):
        with pytest.raises(BadIdentifier):
            read_region(text)
