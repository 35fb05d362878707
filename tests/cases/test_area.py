"""Which regions a certificate's area covers, by their codes."""

from __future__ import annotations

import pytest

from liangzheng.cases.acts import is_in_area
from liangzheng.people.models import EnforcementCertificate


@pytest.mark.parametrize(
    ("area", "region", "covers"),
    [
        ("370000", "370602", True),
        ("370600", "370602", True),
        ("370600", "370600", True),
        ("370602", "370602", True),
        ("370602", "370600", False),
        ("370200", "370602", False),
        ("371000", "371602", False),  # the zero belongs to the city
        ("371000", "371002", True),
        ("370610", "370611", False),
    ],
)
def test_the_area_of_a_certificate(area: str, region: str, *, covers: bool) -> None:
    assert is_in_area(EnforcementCertificate(area_code=area), region) is covers
