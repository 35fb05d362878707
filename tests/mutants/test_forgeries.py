"""Forgeries of every format, field by field: none is valid, none fells a reader, and each check has its control."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from hypothesis import settings

from liangzheng.formats.ofd.archive import pack
from liangzheng.verification import annotated_checks
from tests.mutants.campaign import Tally, run
from tests.mutants.ofd_forgeries import good, item, other_content
from tests.mutants.ofd_ground import GENERATIONS, content, ground, sealed
from tests.mutants.plan import GROUPS, size_of

SIZE = 2 * settings().max_examples / 50
SEED = 20260310


@pytest.mark.parametrize("group", GROUPS)
def test_no_forgery_is_valid_and_every_check_is_needed(group: str) -> None:
    families = GROUPS[group]()
    assert all(family.subject.judge(family.subject.original).is_valid for family in families), "the originals are valid"
    found = Tally()
    for family in families:
        found.add(run(family, SEED, size_of(family, SIZE), every=max(1, round(SIZE / 10))))
    assert (found.total.accepted, found.total.crashed) == (0, 0), [line[:2] for line in found.found]
    useless = {name for name, count in found.families.items() if count.tried and not count.through}
    assert not useless, "with its check off none of these gets through: something else catches them, or nothing is checked"
    assert {family.name for family in families if family.off} == {
        name for (_, name), count in found.families.items() if count.tried
    }


def test_changes_that_change_nothing_are_told_from_accepted_ones() -> None:
    families = [family for make in GROUPS.values() for family in make() if family.name.startswith("equal")]
    for family in families:
        total = run(family, SEED, 3, every=9).total
        assert total.made == total.equal, family.subject.format
    assert len(families) > 15
    dice = Random(SEED)  # noqa: S311 - repeatable
    for generation in GENERATIONS:
        files = good(generation)
        assert content((pack(files),)) == content((pack({path: files[path] for path in sorted(files)}),))
        assert content((pack(files),)) != content((pack(other_content(files, dice)),))


def test_a_forgery_that_gets_through_would_be_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control of the counting itself: the product without a check, and a reader that falls."""
    added = next(family for family in GROUPS["OFD, forged"]() if family.name == "a file added")
    for place, name, substitute in added.off:
        monkeypatch.setattr(place, name, substitute)
    family = replace(added, off=())
    found = run(family, SEED, 3, every=9)
    assert (found.total.made, found.total.accepted, len(found.found)) == (3, 3, 3)
    monkeypatch.setattr(annotated_checks, "read_annotation", None)
    found = run(family, SEED, 3, every=9)
    assert (found.total.made, found.total.crashed) == (3, 3)


def test_what_is_changed_and_then_sealed_by_the_authority_is_valid() -> None:
    """The forgeries change no more than they say."""
    for generation in GENERATIONS:
        use = ground().use(generation)
        changed = replace(use, files=item(use.files, b"CZZT", "烟台另一公司（演示）".encode()))
        assert ground().judge((sealed(changed),)).is_valid
