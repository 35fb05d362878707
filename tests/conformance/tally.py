"""Counts what a public collection of cases shows: passed, must-fail refused, not applicable and why."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass, field

import pytest


@dataclass(slots=True)
class Tally:
    """The figures of one collection; `wrong` names every case that was judged otherwise than its authors say."""

    title: str
    passed: int = 0
    refused: int = 0
    wrong: list[str] = field(default_factory=list)
    not_applicable: Counter[str] = field(default_factory=Counter)

    def judge(self, name: str, *, should_pass: bool, passes: bool) -> None:
        if should_pass is not passes:
            self.wrong.append(name)
        elif passes:
            self.passed += 1
        else:
            self.refused += 1

    def skip(self, reason: str) -> None:
        self.not_applicable[reason] += 1

    def settle(self, capsys: pytest.CaptureFixture[str], *, at_least: int) -> None:
        """Print the figures and hold them to: nothing wrong, and as many cases judged as there were when this was written."""
        total = self.passed + self.refused + len(self.wrong) + self.not_applicable.total()
        lines = [f"{self.title}: {total} cases, {self.passed} passed, {self.refused} must-fail refused, {len(self.wrong)} wrong"]
        lines += [f"    {count} not applicable: {reason}" for reason, count in self.not_applicable.most_common()]
        with capsys.disabled():
            sys.stdout.write("\n" + "\n".join(lines) + "\n")
        assert not self.wrong, self.wrong
        assert self.passed + self.refused >= at_least
