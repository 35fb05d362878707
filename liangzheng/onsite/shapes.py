"""Response shapes of the on-site routes."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from ninja import Field, Schema

from liangzheng.catalogue.api import RequirementOut
from liangzheng.people.api import CertificateOut


class CheckOut(Schema):
    """One check of a verdict."""

    id: str
    result: str
    reason: str
    detail: str


class VerdictOut(Schema):
    """A stored verdict."""

    standing: str
    reasons: list[str]
    checks: list[CheckOut]
    as_of: datetime
    mode: str


class FaceFieldOut(Schema):
    """A licence field the purpose allows; `masked` says that the full value needs a reasoned reveal."""

    name: str
    label: str
    value: str
    masked: bool


class LicenceOut(Schema):
    """The licence an officer sees after a scan."""

    id: UUID
    type_code: str
    type_label: str
    number_masked: str
    holder_name: str
    holder_code_masked: str
    photo_url: str | None
    issuing_authority: str
    valid_from: date
    valid_to: date | None
    status_on: date | None
    status_note: str
    fields: list[FaceFieldOut]
    algorithm: str
    is_demo: bool


class ScanOut(Schema):
    """One scan with its verdict."""

    id: UUID
    act_id: UUID
    at: datetime
    method: str
    verdict: VerdictOut
    licence: LicenceOut | None
    fills: list[str]
    exhibit_id: UUID | None
    photo_match: bool | None
    server_verdict: VerdictOut | None = None
    undone: bool = False
    also: list[UUID] = []  # noqa: RUF012 - pydantic copies it
    purpose: str
    legal_basis: str


class ActSummary(Schema):
    """One line of my acts."""

    id: UUID
    act_code: str
    subject: str
    subject_label: str
    place: str
    opened_at: datetime
    state: str


class ActOfficerOut(Schema):
    """An officer of the act and the showing of his certificate."""

    id: UUID
    name: str
    agency: str
    certificate: CertificateOut
    is_me: bool
    shown_at: datetime | None
    acknowledged_at: datetime | None
    declined_at: datetime | None
    match_number: str


class RuleHitOut(Schema):
    """A rule that blocks or warns."""

    rule: str
    article: str
    text_as_of: date
    message: str
    unblock: str


class GateOut(Schema):
    """Whether scanning may begin."""

    open: bool
    blocked: list[RuleHitOut]


class TickOut(Schema):
    """A line of the checklist."""

    requirement: RequirementOut
    state: str
    scan_id: UUID | None
    reason: str
    basis: str


class CrossCheckOut(Schema):
    """A comparison between what was read."""

    id: str
    label: str
    result: str
    detail: str


class SourceOut(Schema):
    """Where a value comes from."""

    licence_type_label: str
    licence_field: str
    scan_id: UUID
    standing: str
    at: datetime
    mode: str


class ConflictOut(Schema):
    """Another licence says otherwise."""

    value: str
    licence_type_label: str


class ValueOut(Schema):
    """One field of the record with its provenance."""

    field: str
    group: str
    label: str
    value: str
    kind: str
    source: SourceOut | None = None
    previous: str | None = None
    reason: str | None = None
    conflict: list[ConflictOut] = Field(default_factory=list)
    editable: bool
    multiline: bool = False
    required: bool = False
    hint: str = ""


class ScanLine(Schema):
    """A scan in the act's list."""

    id: UUID
    at: datetime
    licence_type_label: str
    holder_name_masked: str
    standing: str
    reasons: list[str]
    server_standing: str
    undone: bool


class ExhibitOut(Schema):
    """An exhibit with its digests and honest verdict."""

    id: UUID
    number: int
    title: str
    kind: str
    size: int
    sm3: str
    sha256: str
    standing: str
    reasons: list[str]
    checks: list[CheckOut]
    kept_at: datetime
    kept_by: str
    file_url: str
    is_demo: bool


class DocumentOut(Schema):
    """A written document."""

    id: UUID
    number: str
    version: int
    title: str
    created_at: datetime
    url: str
    sha256: str
    sm3: str


class ActOut(ActSummary):
    """The whole act as an officer works with it; after `late_entry_until` nothing more is entered late."""

    asks: dict[str, str]
    assignment_number: str
    late_entry_until: datetime
    officers: list[ActOfficerOut]
    gate: GateOut
    warnings: list[RuleHitOut]
    checklist: list[TickOut]
    cross_checks: list[CrossCheckOut]
    values: list[ValueOut]
    scans: list[ScanLine]
    exhibits: list[ExhibitOut]
    documents: list[DocumentOut]


class BadgeOut(Schema):
    """A fresh badge code for the officer's own screen."""

    url: str
    expires_at: datetime
    lifetime: int
    match_number: str
    certificate: CertificateOut
    act_code: str


class RevealOut(Schema):
    """One full value."""

    field: str
    value: str


class FindingShort(Schema):
    """That the server judged a scan otherwise."""

    kind: str
    server_standing: str


class EventResultOut(Schema):
    """What became of one event. state: applied, quarantined, refused, or `waiting` when it lies beyond the gap and was not kept.

    `counter` is 0 for an event that could not be read.
    """

    counter: int
    state: str
    reason: str
    scan_id: UUID | None
    finding: FindingShort | None


class GapOut(Schema):
    """The counter expected next and the one found."""

    expected: int
    got: int


class QueueOut(Schema):
    """How far a device's chain has come (`head`: SHA-256 of its last event, hex). `wipe`: once all is acknowledged, wipe."""

    device: UUID
    applied_to: int
    head: str
    gap: GapOut | None
    results: list[EventResultOut]
    wipe: bool


class FindingOut(Schema):
    """A task: the server judged an off-line scan otherwise than the officer saw it."""

    id: UUID
    act_id: UUID
    scan_id: UUID
    kind: str
    seen_standing: str
    server_standing: str
    reasons: list[str]
    at: datetime
    closed_at: datetime | None
    note: str
