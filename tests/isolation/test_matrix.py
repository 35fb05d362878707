"""Nobody reaches another's data: every operation of the API × every account of two cities with two agencies each.

`make test` asks for the data of one team, each operation by a quarter of the accounts and all officers; `make prove` for that of
all four teams by everybody.
"""

from __future__ import annotations

from hypothesis import settings

from liangzheng.people.models import User
from tests.isolation.conftest import unguarded_server
from tests.isolation.matrix import Matrix, Tally, operations
from tests.isolation.recipes import RECIPES
from tests.isolation.twins import Twins, without_row_level_security
from tests.isolation.world import KEEPING

IS_PROOF = settings().max_examples >= 2000  # the profile of `make prove`
OWNERS, EVERY = (4, 1) if IS_PROOF else (1, 4)
SHOWN_WHOLE = {
    "POST /acts/{act_id}/scans/{scan_id}/reveal": "by a click, with a reason, logged for the holder before it is shown",
}
"""Where an officer is told a whole identifier; everywhere else it is masked."""
OBJECTS = [name for name, recipe in RECIPES.items() if recipe.kind == "object"]


def test_the_matrix_knows_every_operation_and_every_role() -> None:
    assert {role for role, _ in User.role.field.choices or ()} == {"officer", "auxiliary", "holder", *KEEPING}
    assert operations() == set(RECIPES), "each route needs a line in tests/isolation/recipes.py"


def test_nobody_crosses_and_what_is_not_yours_does_not_exist(twins: Twins) -> None:
    for owner in twins.teams[:OWNERS]:
        matrix = Matrix(twins, owner, twins.address, checks_are_on=True, every=EVERY)
        assert not [line for name in RECIPES for line in matrix.owner_succeeds(name)], "each cell first succeeds for its owner"
        assert matrix.unmasked() == sorted(SHOWN_WHOLE), "identifiers are masked unless somebody asks for one with a reason"
        for name in RECIPES:
            matrix.attack(name)
        told("application checks and row-level security", matrix.tally)
        assert matrix.tally.cells > 5 * len(RECIPES)
        assert not matrix.tally.crossings
        assert not matrix.tally.differences


def test_row_level_security_alone_lets_nobody_cross_and_without_it_they_do(twins: Twins) -> None:
    owner = twins.teams[0]
    with unguarded_server(twins) as address:
        alone = Matrix(twins, owner, address, checks_are_on=False, every=EVERY)
        for name in RECIPES:
            alone.attack(name)
        told("row-level security alone", alone.tally)
        assert not alone.tally.crossings
        known = sorted({line.partition(" as ")[0] for line in alone.tally.application_alone})
        print(f"known, application's check alone: {len(alone.tally.application_alone)} crossings in {known}")  # noqa: T201
        with without_row_level_security(twins.folder):
            nothing = Matrix(twins, owner, address, checks_are_on=False, every=EVERY)
            for name in RECIPES:
                nothing.attack(name)
        told("neither (control)", nothing.tally)
        crossed = {line.partition(" as ")[0] for line in nothing.tally.crossings}
        crossed = {name.removesuffix(" through an own act") for name in crossed}
        unshown = sorted(set(OBJECTS) - crossed)
        print(f"{len(set(OBJECTS) & crossed)} of {len(OBJECTS)} cross without the policies; not shown by the control: {unshown}")  # noqa: T201
        assert len(crossed & set(OBJECTS)) > len(OBJECTS) / 2, "the control is weak: most operations have to let somebody cross"


def told(what: str, tally: Tally) -> None:
    """Print the figures, and what is wrong."""
    print(f"{what}: {tally.cells} cells, {len(tally.crossings)} crossings, {len(tally.differences)} differences")  # noqa: T201
    for line in [*tally.crossings, *tally.differences][:20]:
        print(f"  {line}")  # noqa: T201 - figures to report
