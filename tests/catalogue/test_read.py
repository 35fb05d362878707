"""The shipped catalogue hangs together, and data that does not is refused with its place."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from importlib.resources import files
from typing import Any, cast

import pytest

from liangzheng.catalogue.licence_types import LicenceType
from liangzheng.catalogue.read import (
    CatalogueError,
    catalogue,
    licence_type_records,
    read_catalogue,
    read_licence_type,
    read_subjects,
    subjects,
)

DAY = date(2026, 11, 22)
YANTAI, RIZHAO, JINAN = "370600", "371100", "370100"
Tree = dict[str, Any]


def data(name: str) -> Tree:
    return cast("Tree", json.loads(files("liangzheng.catalogue").joinpath("data", name).read_bytes()))


def types() -> dict[str, LicenceType]:
    return {item.id: item for item in catalogue().licence_types}


def test_seven_kinds_with_codes_seen_or_private() -> None:
    codes = {item.name: item.code for item in catalogue().licence_types}
    assert codes == {
        "道路运输经营许可证": "11100000000019713D008",
        "道路运输证": "11100000000019713D013",
        "道路运输从业人员从业资格证": "11100000000019713D071",
        "营业执照": "11100000MB0143028R001",
        "导游证": "DEMO00000000000000001",
        "娱乐经营许可证": "DEMO00000000000000002",
        "行政执法证": "DEMO00000000000000003",
    }
    assert [item.id for item in types().values() if item.is_private_code] == [
        "guide_certificate",
        "entertainment_permit",
        "enforcement_certificate",
    ]


def test_list_is_by_region_and_day() -> None:
    permit = types()["road_transport_permit"]
    assert permit.is_listed(YANTAI, DAY)
    assert permit.is_listed("370602", DAY)
    assert not permit.is_listed(RIZHAO, DAY)
    assert not permit.is_listed(YANTAI, date(2026, 1, 8))


@pytest.mark.parametrize(
    ("kind", "region", "policy", "confirmed"),
    [
        ("road_transport_permit", YANTAI, "electronic_accepted", True),
        ("road_transport_permit", RIZHAO, "electronic_accepted", False),
        ("vehicle_certificate", YANTAI, "carry_required__electronic_accepted", True),
        ("driver_qualification", YANTAI, "carry_required__electronic_accepted", True),
        ("business_licence", YANTAI, "display_required__electronic_display_accepted", True),
        ("guide_certificate", YANTAI, "electronic_licence__physical_badge", True),
        ("entertainment_permit", YANTAI, "electronic_accepted", False),
        ("enforcement_certificate", RIZHAO, "electronic_accepted_by_notice", False),
    ],
)
def test_physical_requirement(kind: str, region: str, policy: str, confirmed: bool) -> None:  # noqa: FBT001
    row = types()[kind].physical_requirement(region, DAY)
    assert row is not None
    assert (row.policy, row.is_confirmed) == (policy, confirmed)
    assert row.legal_basis


def test_nothing_is_known_outside_the_pilot_or_before_it() -> None:
    certificate = types()["enforcement_certificate"]
    assert certificate.physical_requirement(JINAN, DAY) is None
    assert certificate.physical_requirement(YANTAI, date(2023, 8, 14)) is None


def test_demo_confirmations_say_that_they_are_demo() -> None:
    rows = [row for item in catalogue().licence_types for row in item.physical_requirements if row.confirmed_by]
    assert rows
    assert all("演示确认" in (row.confirmed_by or "") for row in rows)


def test_raw_records_read_back_one_by_one() -> None:
    assert tuple(read_licence_type(record) for record in licence_type_records()) == catalogue().licence_types


def test_prefill_and_asks_lead_to_fields_of_the_inspection_record() -> None:
    form = json.loads(files("liangzheng.cases").joinpath("data", "inspection_record.json").read_bytes())
    kinds = {field["name"]: field["kind"] for field in form["fields"]}
    for item in catalogue().licence_types:
        assert {kinds[target] for target in item.prefill.values()} <= {"filled"}
    for subject in subjects().values():
        for ask in subject.asks:
            assert ask.record_field is None or kinds[ask.record_field] in {"asked", "filled"}


def test_phone_current_address_and_statements_are_never_filled_from_a_licence() -> None:
    form = json.loads(files("liangzheng.cases").joinpath("data", "inspection_record.json").read_bytes())
    kinds = {field["name"]: field["kind"] for field in form["fields"]}
    never = ["operator_phone", "service_address", "person_phone", "person_current_address", "party_statement", "party_objection"]
    assert {kinds[name] for name in never} == {"asked"}
    assert not set(never) & {target for item in catalogue().licence_types for target in item.prefill.values()}


def test_inspection_record_is_well_formed() -> None:
    form = json.loads(files("liangzheng.cases").joinpath("data", "inspection_record.json").read_bytes())
    groups = [group["name"] for group in form["groups"]]
    names = [field["name"] for field in form["fields"]]
    assert len(names) == len(set(names))
    for field in form["fields"]:
        assert field["group"] in groups
        assert field["kind"] in {"filled", "asked", "typed", "auto"}
        assert set(field["subjects"]) <= set(subjects())
        assert field["mask"] in {"none", "name", "id", "address", "phone"}
        assert field["personal"] or field["mask"] == "none"


def spoil_mask(tree: Tree) -> None:
    tree["licence_types"][2]["face_fields"][0]["mask"] = "everything"


def spoil_extra(tree: Tree) -> None:
    tree["licence_types"][0]["surprise"] = 1


def spoil_missing(tree: Tree) -> None:
    del tree["licence_types"][0]["uses"]


def spoil_code(tree: Tree) -> None:
    tree["licence_types"][0]["type_code"] = "123"


def spoil_both_codes(tree: Tree) -> None:
    tree["licence_types"][0]["demo_type_code"] = "DEMO00000000000000009"


def spoil_twice(tree: Tree) -> None:
    tree["licence_types"].append(tree["licence_types"][0])


def spoil_purpose(tree: Tree) -> None:
    tree["licence_types"][0]["fields"]["inspection"].append("KZ_NIX")


def spoil_prefill(tree: Tree) -> None:
    tree["licence_types"][0]["prefill"]["issuing_authority"] = "permit_number"


def spoil_confirmation(tree: Tree) -> None:
    tree["licence_types"][0]["physical_requirements"][0]["confirmed_at"] = None


def spoil_date(tree: Tree) -> None:
    tree["licence_types"][0]["effective_from"] = "2026-02-30"


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (spoil_mask, "licence_types.2.face_fields.0.mask"),
        (spoil_extra, "licence_types.0.surprise"),
        (spoil_missing, "licence_types.0.uses"),
        (spoil_code, "21 characters"),
        (spoil_both_codes, "either a type code or a demo type code"),
        (spoil_twice, "id twice"),
        (spoil_purpose, "KZ_NIX"),
        (spoil_prefill, "not listed for prefill"),
        (spoil_confirmation, "both name and day"),
        (spoil_date, "effective_from"),
    ],
)
def test_bad_types_are_refused_with_their_place(spoil: Callable[[Tree], None], message: str) -> None:
    tree = data("licence_types.json")
    read_catalogue(json.dumps(tree).encode())  # negative control: unspoilt it is accepted
    spoil(tree)
    with pytest.raises(CatalogueError, match=message):
        read_catalogue(json.dumps(tree).encode())


@pytest.mark.parametrize("bytes_", [b"", b"[]", b"{}", b"\xff\xfe", b"{" * 100_000, b'{"version": NaN}', b"null"])
def test_hostile_bytes_are_refused(bytes_: bytes) -> None:
    with pytest.raises(CatalogueError):
        read_catalogue(bytes_)


def no_such_type(tree: Tree) -> None:
    tree["subjects"][0]["requirements"][0]["licence_type"] = "nix"


def no_such_requirement(tree: Tree) -> None:
    tree["subjects"][0]["cross_checks"][0]["left"]["requirement"] = "nix"


def no_such_field(tree: Tree) -> None:
    tree["subjects"][0]["cross_checks"][0]["left"]["field"] = "KZ_NIX"


def no_such_ask(tree: Tree) -> None:
    tree["subjects"][0]["cross_checks"][3]["right"] = {"ask": "nix"}


def no_such_exempt(tree: Tree) -> None:
    tree["subjects"][1]["exemptions"][0]["requirements"] = ["nix"]


def choice_without_choices(tree: Tree) -> None:
    tree["subjects"][1]["asks"][2]["choices"] = []


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (no_such_type, "unknown licence type nix"),
        (no_such_requirement, "unknown requirement nix"),
        (no_such_field, "KZ_NIX"),
        (no_such_ask, "unknown question nix"),
        (no_such_exempt, "unknown requirement"),
        (choice_without_choices, "choices"),
    ],
)
def test_bad_subjects_are_refused_with_their_place(spoil: Callable[[Tree], None], message: str) -> None:
    tree = data("subjects.json")
    spoil(tree)
    with pytest.raises(CatalogueError, match=message):
        read_subjects(json.dumps(tree).encode(), catalogue())
