"""Make and judge a hundred thousand mutants on all cores, and print what became of them, by check and by format.

`python -m dev.mutants [how many]`: ends with 1 when one was accepted or crashed, or a check's control let none through.
"""

from __future__ import annotations

import os
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import cache

from tests.mutants import plan
from tests.mutants.campaign import Family, Tally, run, table
from tests.mutants.licences import all_families
from tests.mutants.others import all_others

MANY = 110_000
_SLICE = 250
_EVERY = 40
"""One in so many is judged again with its check switched off."""


@cache
def families() -> list[Family]:
    """All of them; every process founds its own authorities."""
    return [*all_families(), *all_others(), *plan.every()]


def _piece(place: int, seed: int, size: int) -> Tally:
    tally = run(families()[place], seed, size, every=_EVERY)
    tally.found = tally.found[:3]
    return tally


def pieces(many: int) -> list[tuple[int, int, int]]:
    """Share the number out among the families, in pieces of a few hundred."""
    shares = [family.share for family in families()]
    unit = many / sum(shares)
    found: list[tuple[int, int, int]] = []
    for place, share in enumerate(shares):
        wanted = max(8, round(unit * share))
        found += [(place, start, min(_SLICE, wanted - start)) for start in range(0, wanted, _SLICE)]
    return found


def main() -> int:
    """Print the tables."""
    many = int(sys.argv[1]) if len(sys.argv) > 1 else MANY
    whole = Tally()
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for tally in pool.map(_piece, *zip(*pieces(many), strict=True)):
            whole.add(tally)
    print("\n".join(table("Check", {**whole.checks, "all": whole.total})))
    print("\n".join(("", *table("Format", whole.formats))))
    silent = [f"{place[0]}: {place[1]}" for place, count in whole.families.items() if count.tried and not count.through]
    for place, what, _parts in whole.found[:20]:
        print(f"{place}: {what}")
    if silent:
        print(f"controls that let none through: {', '.join(silent)}")
    return int(bool(whole.total.accepted or whole.total.crashed or silent))


if __name__ == "__main__":
    sys.exit(main())
