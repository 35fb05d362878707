"""All families of mutants, by group, and how many of each are made."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import chain

from tests.mutants import chains, codes, copies, messages, ofd_forgeries, ofd_twice, ofd_wrapping, pdf, seals, stamps, tokens
from tests.mutants.campaign import Family
from tests.mutants.ofd_ground import GENERATIONS


def _of(families: Callable[[str], list[Family]], kinds: Iterator[str]) -> list[Family]:
    return list(chain.from_iterable(map(families, kinds)))


GROUPS: Mapping[str, Callable[[], list[Family]]] = {
    "OFD, forged": lambda: _of(ofd_forgeries.families, iter(GENERATIONS)),
    "OFD, wrapping and random": lambda: _of(ofd_wrapping.families, iter(GENERATIONS)),
    "OFD, two seals": ofd_twice.families,
    "Annotated copies": copies.families,
    "PDF": pdf.every,
    "Seals": lambda: _of(seals.families, iter(seals.VERSIONS)),
    "Time stamps": lambda: _of(stamps.families, iter(stamps.KINDS)),
    "Lists": tokens.every,
    "Codes": codes.every,
    "Certificates": lambda: _of(chains.families, iter(chains.KINDS)),
    "Messages and packs": messages.every,
}


def every() -> list[Family]:
    """All families, each as often the same in the same place."""
    return [family for make in GROUPS.values() for family in make()]


def size_of(family: Family, size: float) -> int:
    """Say how many mutants of a family are made: `size` where the share is one, at least two."""
    return max(2, round(size * family.share))
