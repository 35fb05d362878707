"""One licence type of the usable list (GB/T 36902 record plus our own marks). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from pydantic import ConfigDict, with_config

STRICT = ConfigDict(extra="forbid", strict=True)

Mask = Literal["none", "name", "id", "address", "phone"]
Purpose = Literal["inspection", "prefill", "evidence", "public"]
Policy = Literal[
    "electronic_accepted",
    "carry_required__electronic_accepted",
    "display_required__electronic_display_accepted",
    "electronic_licence__physical_badge",
    "electronic_accepted_by_notice",
    "physical_required",
]


@with_config(STRICT)
@dataclass(frozen=True, slots=True)
class FaceField:
    """照面信息: one field; `name` is the name in the file's metadata (`KZ_…`) or a name of the core metadata."""

    name: str
    label: str
    personal: bool
    mask: Mask


@with_config(STRICT)
@dataclass(frozen=True, slots=True)
class PhysicalRequirement:
    """Whether law demands the physical document, for regions whose code starts with one of `region_scope`, between two days.

    `confirmed_by` None: no legal office has confirmed this reading, so the physical document is asked for.
    """

    policy: Policy
    text: str
    legal_basis: str
    text_as_of: date
    effective_from: date
    effective_to: date | None
    region_scope: tuple[str, ...]
    exceptions: tuple[str, ...]
    confirmed_by: str | None
    confirmed_at: date | None
    note: str

    @property
    def is_confirmed(self) -> bool:
        """A legal office put its name and day to it."""
        return self.confirmed_by is not None and self.confirmed_at is not None

    def reach(self, region: str, on: date) -> int:
        """How closely this row fits (length of the matching region prefix); -1 when it does not apply there or then."""
        if on < self.effective_from or (self.effective_to is not None and on > self.effective_to):
            return -1
        return max((len(prefix) for prefix in self.region_scope if region.startswith(prefix)), default=-1)


@with_config(STRICT)
@dataclass(frozen=True, slots=True)
class Uses:
    """What the type may be used for in enforcement."""

    identity: bool
    qualification: bool
    evidence: bool
    prefill: bool


@with_config(STRICT)
@dataclass(frozen=True, slots=True)
class LicenceType:
    """证照类型. `type_code` is None when no public source shows it; the demo city then uses `demo_type_code`, no real code."""

    id: str
    name: str
    type_code: str | None
    type_code_note: str
    demo_type_code: str | None
    defining_authority: str
    defining_authority_code: str | None
    holder_category: Literal["person", "organisation", "mixed", "other"]
    uses: Uses
    sectors: tuple[str, ...]
    list_state: Literal["draft", "reviewed", "published", "suspended", "withdrawn"]
    list_regions: tuple[str, ...]
    verify_mode: Literal["online", "offline", "both"]
    version: int
    effective_from: date
    effective_to: date | None
    validity_range: str
    face_fields: tuple[FaceField, ...]
    fields: Mapping[Purpose, tuple[str, ...]]
    prefill: Mapping[str, str]
    physical_requirements: tuple[PhysicalRequirement, ...]

    @property
    def code(self) -> str:
        """The 21-character type code used in licence identifiers of this installation."""
        return self.type_code or self.demo_type_code or ""

    @property
    def is_private_code(self) -> bool:
        """The code belongs to the demo authority and stands for one that is still to be determined (TBD)."""
        return self.type_code is None

    def is_listed(self, region: str, on: date) -> bool:
        """On the usable list of that region on that day."""
        in_time = self.effective_from <= on and (self.effective_to is None or on <= self.effective_to)
        return self.list_state == "published" and in_time and self.is_listed_in(region)

    def is_listed_in(self, region: str) -> bool:
        """The list names the region or one that contains it, whatever the day and state."""
        return region.startswith(self.list_regions)

    def physical_requirement(self, region: str, on: date) -> PhysicalRequirement | None:
        """The row that fits the region most closely; a confirmed one first among equals. None: nothing is known."""
        fitting = [row for row in self.physical_requirements if row.reach(region, on) >= 0]
        return max(fitting, key=lambda row: (row.reach(region, on), row.is_confirmed), default=None)
