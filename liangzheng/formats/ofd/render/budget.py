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
    pixels: int = 32_000_000  # of all pictures, decoded
    picture_uses: int = 64_000_000  # pixels, counted each time a picture stands on a page
    paint: float = 150.0  # full pages painted over, see Budget.paint
    nesting: int = 12


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
    painted: float = 0.0
    omitted: Counter[tuple[str, str]] = field(default_factory=Counter)
    substituted: int = 0

    def spend(self, kind: str, amount: int = 1) -> None:
        """Count `amount` against the limit of this name. Raises LimitError when it is used up."""
        self.used[kind] += amount
        if self.used[kind] > getattr(self.limits, kind):
            raise LimitError(kind)

    def paint(self, pages: float) -> None:
        """Count what a rasteriser will have to do, in full pages painted over. Raises LimitError."""
        self.painted += pages
        if self.painted > self.limits.paint:
            raise LimitError("paint")

    def omit(self, kind: str, detail: str = "", count: int = 1) -> None:
        self.omitted[kind, detail[:60]] += count

    def omissions(self) -> tuple[Omission, ...]:
        return tuple(Omission(kind, detail, count) for (kind, detail), count in sorted(self.omitted.items()))
