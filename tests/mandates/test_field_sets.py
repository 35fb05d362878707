"""What a role may see follows from type, purpose and role; nobody can ask for more."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import pytest

from liangzheng.catalogue.field_sets import field_names, field_set
from liangzheng.catalogue.licence_types import LicenceType, Purpose
from liangzheng.catalogue.read import catalogue
from liangzheng.onsite.look_up import ways
from liangzheng.rules.mandates import ground_of, mandate_book

TYPES = catalogue().licence_types
PURPOSES: tuple[Purpose, ...] = get_args(Purpose)
ROLES = ("officer", "supervisor", "auditor", "auxiliary", "holder", "administrator", "nobody")


@pytest.mark.parametrize("licence_type", TYPES, ids=lambda item: item.id)
@pytest.mark.parametrize("role", ROLES)
def test_a_role_sees_at_most_what_the_catalogue_gives_the_purpose(licence_type: LicenceType, role: str) -> None:
    for purpose in PURPOSES:
        seen = field_set(licence_type, purpose, role)
        assert {field.name for field in seen} <= set(licence_type.fields.get(purpose, ()))
        if role not in {"officer", "supervisor"} or purpose == "public":
            assert seen == ()
        if role == "supervisor":
            assert not [field for field in seen if field.personal]


def test_an_officer_sees_every_field_of_an_inspection_and_a_supervisor_some() -> None:
    driver = next(item for item in TYPES if item.id == "driver_qualification")
    assert field_names(driver, "inspection", "officer") == tuple(driver.fields["inspection"])
    assert "KZ_CYZGLB" in field_names(driver, "inspection", "supervisor")
    assert "holder_name" not in field_names(driver, "inspection", "supervisor")


def test_a_field_that_the_catalogue_takes_from_the_purpose_is_gone() -> None:
    driver = next(item for item in TYPES if item.id == "driver_qualification")
    narrower = replace(driver, fields={**driver.fields, "inspection": ("number",)})
    assert field_names(narrower, "inspection", "officer") == ("number",)


@pytest.mark.parametrize("licence_type", TYPES, ids=lambda item: item.id)
def test_every_licence_can_be_looked_up_by_what_names_exactly_one(licence_type: LicenceType) -> None:
    found = ways(licence_type)
    assert found[-1] == "number"
    assert len(found) == 2
    assert "name" not in found, "nobody is looked up by a name alone"


def test_grounds_name_their_articles_and_who_has_to_confirm_the_reading() -> None:
    book = mandate_book()
    assert len({ground.id for ground in book.grounds}) == len(book.grounds)
    for ground in book.grounds:
        assert ground.basis.endswith("（待法制机构确认）")
        assert "非条文原文" in ground.text
    assert ground_of("curiosity") is None
