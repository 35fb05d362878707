"""How much one drawing may cost, and what was left out of it. A limit that is reached is told, never passed over."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Limits:
    """Upper bounds for one call, whatever number of pages it draws. A licence of one page needs about a hundredth of them."""

    pages: int = 200
    objects: int = 20_000
    glyphs: int = 60_000
    outline_points: int = 300_000  # of different glyphs, each counted once
    font_steps: int = 400_000  # bytes of glyph programs run, subroutines counted at each call
    font_bytes: int = 40 * 2**20
    path_numbers: int = 600_000
    pixels: int = 20_000_000  # of all pictures, decoded: A4 at 450 dpi
    picture_uses: int = 64_000_000  # pixels, counted each time a picture stands on a page
    work: float = 650.0  # milliseconds at 150 dpi: all of the above, and what there is to paint
    markup: int = 800_000  # marks of all XML files, counted each time one is read
    nesting: int = 12


# Milliseconds for each, measured.
_COSTS = {
    "objects": 0.07, "glyphs": 0.008, "outline_points": 0.001, "font_steps": 0.001, "path_numbers": 0.0008, "pixels": 0.00002,
    "markup": 0.0004,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Omission:
    """Something that is in the file but not in the drawing. `kind` is a stable lower_snake code."""

    kind: str
    detail: str
    count: int


class LimitError(Exception):
    """One of the Limits is used up; `kind` is its name."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


@dataclass(slots=True)
class Budget:
    """What one drawing has used so far, and what it left out."""

    limits: Limits
    used: Counter[str] = field(default_factory=Counter)
    worked: float = 0.0
    omitted: Counter[tuple[str, str]] = field(default_factory=Counter)
    substituted: int = 0

    def spend(self, kind: str, amount: int = 1) -> None:
        """Count `amount` against the limit of this name. Raises LimitError when it is used up."""
        self.used[kind] += amount
        if self.used[kind] > getattr(self.limits, kind):
            raise LimitError(kind)
        self.work(amount * _COSTS.get(kind, 0.0))

    def is_spent(self, kind: str) -> bool:
        """Say whether nothing is left of this limit."""
        return bool(self.used[kind] > getattr(self.limits, kind))

    def work(self, milliseconds: float) -> None:
        """Count time of an ordinary core, as estimated: the same file ends at the same place everywhere. Raises LimitError."""
        self.worked += milliseconds
        if self.worked > self.limits.work:
            raise LimitError("work")

    def omit(self, kind: str, detail: str = "", count: int = 1) -> None:
        self.omitted[kind, detail[:60]] += count

    def omissions(self) -> tuple[Omission, ...]:
        return tuple(Omission(kind, detail, count) for (kind, detail), count in sorted(self.omitted.items()))
