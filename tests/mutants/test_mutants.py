"""Mutants of everything that is signed: none is accepted, none crashes, and every check has mutants that it alone keeps out.

The acceptance size: `python -m dev.mutants`.
"""

from __future__ import annotations

import pytest

from tests.mutants.campaign import Family, run
from tests.mutants.licences import all_families
from tests.mutants.others import all_others

FAMILIES = [*all_families(), *all_others()]
SIZE = 6


def test_every_original_is_good() -> None:
    for family in FAMILIES:
        assert family.subject.judge(family.subject.original).is_valid, family.subject.format


@pytest.mark.parametrize("family", FAMILIES, ids=[f"{family.subject.format}: {family.name}" for family in FAMILIES])
def test_no_mutant_is_accepted_and_the_check_off_lets_some_through(family: Family) -> None:
    tally = run(family, 1, SIZE, every=1)
    assert (tally.total.accepted, tally.total.crashed, tally.found) == (0, 0, [])
    assert tally.total.made
    if family.off and not tally.total.through:  # most changes of a list's text leave no list
        tally = run(family, 2, 20 * SIZE, every=1)
    if family.off:
        assert tally.total.through, "the control: with the check switched off its mutants get through"
