"""Which licences a subject needs, what exempts from them, and what must agree between them."""

from __future__ import annotations

import pytest

from liangzheng.catalogue.licence_types import Mask
from liangzheng.catalogue.masks import masked
from liangzheng.catalogue.read import subjects

COACH = {
    "operator_permit": {
        "holder_name": "海云（演示）",
        "holder_code": "91A",
        "number": "鲁交运管许可烟字1号",
        "KZ_JYFW": "县际班车客运、市际包车客运",
    },
    "vehicle_certificate": {
        "KZ_YHMC": "海云(演示) ",
        "holder_code": "91a",
        "KZ_JYXKZH": "鲁交运管许可烟字1号",
        "KZ_CLHP": "鲁FD1234",
        "KZ_JYFW": "市际包车客运",
    },
    "driver_qualification": {"KZ_CYZGLB": "经营性道路旅客运输驾驶员"},
}


def test_coach_needs_three_licences() -> None:
    assert [item.licence_type for item in subjects()["coach"].requirements] == [
        "road_transport_permit",
        "vehicle_certificate",
        "driver_qualification",
    ]


def test_all_agree() -> None:
    results = subjects()["coach"].compare(COACH, {"plate": "鲁fd1234"})
    assert {result.result for result in results} == {"pass"}


@pytest.mark.parametrize(
    ("requirement", "field", "value", "check"),
    [
        ("vehicle_certificate", "holder_code", "91B", "operator_code"),
        ("vehicle_certificate", "KZ_YHMC", "顺达", "operator_name"),
        ("vehicle_certificate", "KZ_JYXKZH", "2号", "permit_number"),
        ("vehicle_certificate", "KZ_CLHP", "鲁FD9999", "vehicle_plate"),
        ("vehicle_certificate", "KZ_JYFW", "市际包车客运、省际包车客运", "permit_scope"),
        ("driver_qualification", "KZ_CYZGLB", "经营性道路货物运输驾驶员", "driver_category"),
    ],
)
def test_one_that_differs_is_named_with_both_values(requirement: str, field: str, value: str, check: str) -> None:
    changed = {**COACH, requirement: {**COACH[requirement], field: value}}
    results = {result.id: result for result in subjects()["coach"].compare(changed, {"plate": "鲁FD1234"})}
    assert results[check].result == "fail"
    assert value in results[check].detail
    assert {result.result for name, result in results.items() if name != check} == {"pass"}


def test_what_was_not_scanned_yet_is_unknown_and_never_pass() -> None:
    results = subjects()["coach"].compare({}, {"plate": "鲁FD1234"})
    assert {result.result for result in results} == {"unknown"}


def test_an_optional_answer_left_out_makes_its_check_fall_away() -> None:
    results = {result.id: result.result for result in subjects()["guide"].compare({}, {})}
    assert results["stated_agency"] == "not_applicable"


@pytest.mark.parametrize(
    ("mass", "cargo", "exempt"),
    [
        ("4500", "普通货物", True),
        ("4499.5", "普通货物", True),
        ("\uff14\uff15\uff10\uff10", "普通货物", True),  # full-width digits
        ("4500", "危险货物", False),
        ("4501", "普通货物", False),
        ("4500.01", "普通货物", False),
        ("", "普通货物", False),
        ("0", "普通货物", False),
        ("-1", "普通货物", False),
        ("NaN", "普通货物", False),
        ("-Infinity", "普通货物", False),
        ("4.5t", "普通货物", False),
        ("4500", "", False),
    ],
)
def test_light_freight_is_exempt(mass: str, cargo: str, exempt: bool) -> None:  # noqa: FBT001
    found = subjects()["freight_vehicle"].exempted({"total_mass_kg": mass, "cargo": cargo})
    assert set(found) == ({"operator_permit", "vehicle_certificate", "driver_qualification"} if exempt else set())


def test_exemption_names_its_article_and_what_is_still_to_confirm() -> None:
    found = subjects()["freight_vehicle"].exempted({"total_mass_kg": "4495", "cargo": "普通货物"})
    assert found["operator_permit"].legal_basis == "中华人民共和国道路运输条例第二十四条"
    assert not found["operator_permit"].to_confirm
    assert found["driver_qualification"].to_confirm
    assert "待法制机构确认" in found["driver_qualification"].basis


def test_checks_between_exempt_licences_fall_away() -> None:
    freight = subjects()["freight_vehicle"]
    asks = {"total_mass_kg": "4495", "cargo": "普通货物", "plate": "鲁F12345"}
    assert {result.result for result in freight.compare({}, asks, freight.exempted(asks))} == {"not_applicable"}


@pytest.mark.parametrize(
    ("value", "mask", "shown"),
    [
        ("张三丰", "name", "张**"),
        ("张", "name", "张"),
        ("", "name", ""),
        ("379999199001010010", "id", "3799**********0010"),
        ("12345678", "id", "1*******"),
        ("", "id", ""),
        ("13800001234", "phone", "138****1234"),
        ("山东省烟台市演示区示范路1号", "address", "山东省烟台市演示区***"),
        ("某处", "address", "某处***"),
        ("鲁F12345", "none", "鲁F12345"),
    ],
)
def test_masks(value: str, mask: Mask, shown: str) -> None:
    assert masked(value, mask) == shown
