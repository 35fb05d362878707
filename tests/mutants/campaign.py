"""Counts what becomes of mutants: files that a forger or an accident made of good ones, family by family, check by check.

A family is one kind of change with the check that has to catch it, and the control: with that check switched off its mutants get
through. A mutant that is judged valid is equal when what was signed in it, and by whom, is the same as in the original (ZIP
wrapping, unsigned attributes): `Subject.content` decodes that, and the two are compared. Every other valid one is a hole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import TypeAlias
from unittest import mock

from liangzheng.crypto.verified import GOOD
from liangzheng.verification import trust_anchors
from liangzheng.verification.verdict import Result, Verdict

Parts: TypeAlias = tuple[bytes, ...]
"""One mutant: a file, or a file and what it is judged with."""
Patch: TypeAlias = tuple[object, str, object]
"""Where a function is found, its name, and what takes its place."""

READABLE = "file_readable"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the product says: whether it may be relied upon, and the checks that did not pass, the worst first."""

    is_valid: bool
    caught: tuple[str, ...] = ()


UNREADABLE = Answer(is_valid=False, caught=(READABLE,))


def answer(verdict: Verdict, *, leave_out: str = "") -> Answer:
    """Give the answer of a verdict. `leave_out`: a check that nobody can pass where this is judged."""
    checks = [check for check in verdict.checks if check.id != leave_out]
    caught = [check.id for result in (Result.FAIL, Result.UNKNOWN) for check in checks if check.result is result]
    return Answer(not caught and any(check.result is Result.PASS for check in checks), tuple(caught))


@dataclass(frozen=True, slots=True)
class Subject:
    """One good input and how it is judged. `content`: what is relied upon in an input that was judged valid."""

    format: str
    original: Parts
    judge: Callable[[Parts], Answer]
    content: Callable[[Parts], object]


@dataclass(frozen=True, slots=True)
class Family:
    """One kind of mutant. `check` "" leaves open which check catches; `share` is how many are made where others make one."""

    subject: Subject
    name: str
    make: Callable[[Random], Parts]
    check: str = ""
    off: tuple[Patch, ...] = ()
    share: float = 1.0


@dataclass(slots=True)
class Count:
    """What became of mutants. `tried` and `through`: those judged once more with the check off, and those then valid."""

    made: int = 0
    refused: int = 0
    equal: int = 0
    accepted: int = 0
    crashed: int = 0
    tried: int = 0
    through: int = 0

    def add(self, other: Count) -> None:
        for name in Count.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


@dataclass(slots=True)
class Tally:
    """All counts: by the check that caught, by format, by family. `found`: the first mutants that were accepted or crashed."""

    checks: dict[str, Count] = field(default_factory=dict)
    formats: dict[str, Count] = field(default_factory=dict)
    families: dict[tuple[str, str], Count] = field(default_factory=dict)
    found: list[tuple[str, str, Parts]] = field(default_factory=list)

    def note(self, family: Family, check: str, count: Count) -> None:
        self.checks.setdefault(check, Count()).add(count)
        self.formats.setdefault(family.subject.format, Count()).add(count)
        self.families.setdefault((family.subject.format, family.name), Count()).add(count)

    def add(self, other: Tally) -> None:
        merge(self.checks, other.checks)
        merge(self.formats, other.formats)
        merge(self.families, other.families)
        self.found += other.found[: 20 - len(self.found)]

    @property
    def total(self) -> Count:
        whole = Count()
        for count in self.formats.values():
            whole.add(count)
        return whole


def merge(
    into: dict[str, Count] | dict[tuple[str, str], Count], more: Mapping[str, Count] | Mapping[tuple[str, str], Count]
) -> None:
    for key, count in more.items():
        into.setdefault(key, Count()).add(count)  # type: ignore[arg-type]  # both are of one kind


@contextmanager
def switched_off(patches: Iterable[Patch]) -> Iterator[None]:
    """Run without these checks. What was found good meanwhile is forgotten."""
    with ExitStack() as stack:
        for place, name, substitute in patches:
            stack.enter_context(mock.patch.object(place, name, substitute))
        _forget()
        yield
    _forget()


def _forget() -> None:
    GOOD.clear()
    trust_anchors._judged.cache_clear()


def run(family: Family, seed: int, size: int, *, every: int) -> Tally:
    """Make and judge `size` mutants of a family; every so many is judged with the check off, too, the first one always."""
    tally = Tally()
    for number in range(size):
        dice = Random(f"{seed} {family.subject.format} {family.name} {number}")  # noqa: S311 - repeatable
        parts = family.make(dice)
        if parts == family.subject.original:
            continue  # two changes that undo each other
        count = Count(made=1)
        check = _judge(family, parts, count, tally)
        if family.off and number % every == 0:
            count.tried = 1
            with switched_off(family.off):
                count.through = int(family.subject.judge(parts).is_valid)
        tally.note(family, check, count)
    return tally


def _judge(family: Family, parts: Parts, count: Count, tally: Tally) -> str:
    """Judge one mutant and give the check it is counted under."""
    subject = family.subject
    try:
        found = subject.judge(parts)
        is_equal = found.is_valid and subject.content(parts) == subject.content(subject.original)
    except Exception as error:  # noqa: BLE001 - whatever comes is a crash
        count.crashed = 1
        tally.found.append((f"{subject.format}: {family.name}", repr(error), parts))
        return family.check or "any"
    if not found.is_valid:
        count.refused = 1
        return family.check if family.check in found.caught else found.caught[0]
    if is_equal:
        count.equal = 1
    else:
        count.accepted = 1
        tally.found.append((f"{subject.format}: {family.name}", "accepted", parts))
    return family.check or "any"


COLUMNS = ("made", "refused", "equal", "accepted", "crashed", "tried", "through")


def table(title: str, counts: Mapping[str, Count]) -> list[str]:
    """Write counts as a table of Markdown."""
    heads = ("Made", "Refused", "Equal", "Accepted", "Crashed", "Control: tried", "got through")
    lines = [f"| {title} | {' | '.join(heads)} |", "|---|" + "---:|" * len(heads)]
    for name, count in sorted(counts.items()):
        lines.append(f"| {name} | " + " | ".join(f"{getattr(count, column):,}" for column in COLUMNS) + " |")
    return lines
