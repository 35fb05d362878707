"""Shapes of supervision: what a supervisor, an agency's head and an auditor read and write."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from ninja import Field, Schema


class SupervisedActLine(Schema):
    """An act in one line. `place` and whom it was about are not told."""

    id: UUID
    act_code: str
    agency: str
    agency_id: UUID
    subject_label: str
    opened_at: datetime
    is_recorded: bool
    scans: int
    look_ups: int
    alarms: list[str]


class SupervisedOfficer(Schema):
    """An officer of the act and the showing of his certificate."""

    name: str
    certificate_number: str
    certificate_standing: str
    shown_at: datetime | None
    acknowledged_at: datetime | None
    declined_at: datetime | None


class SupervisedScan(Schema):
    """A scan or look-up: when, how, with which result; not of whom."""

    at: datetime
    method: str
    standing: str
    reasons: list[str]
    purpose: str
    legal_basis: str


class SupervisedValue(Schema):
    """A field of the record, masked."""

    label: str
    value: str
    kind: str


class SupervisedDocument(Schema):
    """That a document was written; its text stays with the agency."""

    title: str
    version: int
    at: datetime
    sha256: str


class SupervisedAct(Schema):
    """One act as a supervisor sees it."""

    act: SupervisedActLine
    officers: list[SupervisedOfficer]
    scans: list[SupervisedScan]
    values: list[SupervisedValue]
    documents: list[SupervisedDocument]


class AlarmOut(Schema):
    """An alarm. `facts` are numbers and days; `officer` and `certificate_number` are empty when it is about an act."""

    id: UUID
    kind: str
    at: datetime
    agency: str
    agency_id: UUID
    officer: str
    certificate_number: str
    act: UUID | None
    act_code: str
    facts: dict[str, int | str]
    closed_at: datetime | None
    note: str


class NoteIn(Schema):
    """What was done about it."""

    note: str = Field(max_length=2000)


class AccessOut(Schema):
    """An emergency access to review."""

    id: UUID
    agency: str
    officer: str
    certificate_number: str
    act: UUID
    act_code: str
    reason: str
    opened_at: datetime
    expires_at: datetime
    review_due: datetime
    is_late: bool
    look_ups: int
    reviewed_at: datetime | None
    is_accepted: bool | None
    review_note: str


class ReviewIn(Schema):
    """A supervisor's review."""

    accepted: bool
    note: str = Field(max_length=500)


class InquiryIn(Schema):
    """A question to an agency, to be answered within so many working days."""

    agency: UUID
    question: str = Field(max_length=2000)
    days: int = Field(ge=1, le=30)
    alarm: UUID | None = None
    act: UUID | None = None


class AnswerOut(Schema):
    """An answer of the agency."""

    text: str
    at: datetime


class AnswerIn(Schema):
    """An answer."""

    text: str = Field(max_length=2000)


class InquiryOut(Schema):
    """An inquiry with its answers."""

    id: UUID
    agency: str
    alarm: UUID | None
    act: UUID | None
    act_code: str
    question: str
    asked_at: datetime
    due_on: date
    is_late: bool
    closed_at: datetime | None
    answers: list[AnswerOut]


class AgencyOut(Schema):
    """An agency of the area."""

    id: UUID
    name: str


class Overview(Schema):
    """The area at a glance; the numbers are of the last thirty days."""

    region: str
    agencies: list[AgencyOut]
    acts: int
    scans: int
    look_ups: int
    open_alarms: int
    unreviewed: int
    open_inquiries: int


class ShiftIn(Schema):
    """One turn of one officer."""

    officer: UUID
    starts_at: datetime
    ends_at: datetime


class RosterIn(Schema):
    """The turns of an agency between two days; what stood there for the same officers and days is replaced."""

    shifts: list[ShiftIn] = Field(max_length=2000)


class RosterOut(Schema):
    """How many turns were entered."""

    entered: int


class LogEntryOut(Schema):
    """A log entry without the person concerned. `log_index`: its place in the public log, null until it is sealed."""

    id: UUID
    at: datetime
    actor_kind: str
    actor_number: str
    action: str
    act_code: str
    agency: str
    region: str
    purpose: str
    legal_basis: str
    fields: list[str]
    result: str
    concerns_somebody: bool
    log_index: int | None


class LogPage(Schema):
    """A page of the log; `next` is the `before` of the next page, null at the end."""

    entries: list[LogEntryOut]
    next: UUID | None
