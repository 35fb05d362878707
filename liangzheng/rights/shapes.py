"""Shapes of the routes of rights."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal, Self
from uuid import UUID

from ninja import Field, Schema

from liangzheng.rights.answer_petition import is_overdue
from liangzheng.rights.issue_receipt import Issued
from liangzheng.rights.models import DisplayDelay, Petition
from liangzheng.rights.uses import Use
from liangzheng.rules.notices import Notice

Kind = Literal["objection", "correction", "complaint"]


class DelayedOut(Schema):
    """Why a look was shown late."""

    reason: str
    legal_basis: str
    decided_at: datetime
    ended_at: datetime


class UseOut(Schema):
    """One look at the holder's data, in plain words. `log_index` is its place in the public log, null until it is sealed."""

    id: UUID
    at: datetime
    action: str
    action_label: str
    agency: str
    officer_certificate_number: str
    act_code: str
    purpose: str
    legal_basis: str
    licence_type_label: str
    fields: list[str]
    result_label: str
    log_index: int | None
    delayed: DelayedOut | None

    @classmethod
    def of(cls, use: Use) -> Self:
        """Describe a look."""
        names = [name for name in cls.model_fields if name not in {"delayed", "fields"}]
        late = use.delayed
        told = DelayedOut(**{name: getattr(late, name) for name in DelayedOut.model_fields}) if late else None
        return cls(fields=list(use.fields), delayed=told, **{name: getattr(use, name) for name in names})


class ReceiptOut(Schema):
    """A signed receipt: what it says, its link and its file. `is_logged`: the file carries the proof of the public log."""

    number: str
    code: str
    url: str
    print_url: str
    file_url: str
    file: str
    is_logged: bool
    issued_at: datetime

    @classmethod
    def of(cls, issued: Issued) -> Self:
        """Describe a receipt."""
        return cls(
            number=str(issued.content["number"]),
            code=issued.code,
            url=issued.url,
            print_url=f"{issued.url}/print",
            file_url=f"{issued.url}/file",
            file=issued.file.decode(),
            is_logged=bool(issued.log_proof),
            issued_at=issued.row.issued_at,
        )


class ReceiptKeysOut(Schema):
    """What a receipt is held to: the platform's two keys, and the keys (vkeys) of its log and of its witness."""

    keys: list[str]
    log: list[str]
    witnesses: list[str]


class PetitionIn(Schema):
    """What the party wants; `use`: the look it is about."""

    use: UUID
    kind: Kind
    text: str
    field: str = ""


class PaperPetitionIn(Schema):
    """What somebody handed in on paper; `receipt`: the code of his receipt, if he has one."""

    kind: Kind
    text: str
    name: str
    contact: str = ""
    field: str = ""
    receipt: str = ""


class ForwardIn(Schema):
    """Where a petition went, and by which letter."""

    to: str
    reference: str


class AnswerIn(Schema):
    """The answer, with its reasons."""

    outcome: Literal["upheld", "partly", "rejected"]
    answer: str


class PetitionOut(Schema):
    """One petition as both sides see it; an agency's list leaves the words out until one is opened."""

    id: UUID
    number: str
    kind: Kind
    state: str
    act_code: str
    use: UUID | None
    field: str
    text: str
    name: str
    contact: str
    channel: str
    received_at: datetime
    due_on: date
    is_due_provisional: bool
    is_overdue: bool
    addressed_to: str
    forwarded_at: datetime | None
    forward_reference: str
    outcome: str
    answer: str
    answered_at: datetime | None

    @classmethod
    def of(cls, row: Petition, now: datetime, *, whole: bool = True) -> Self:
        """Describe a petition."""
        words = {"text", "name", "contact", "answer", "field"}
        names = [name for name in cls.model_fields if name not in {"id", "use", "is_overdue"}]
        told: dict[str, Any] = {name: getattr(row, name) if whole or name not in words else "" for name in names}
        return cls(id=row.pk, use=row.entry, is_overdue=is_overdue(row, now), **told)


class TokenOut(Schema):
    """The one token with which an inspection is rated; the platform does not keep it."""

    token: str


class RatingIn(Schema):
    """A token and a score from 1 to 5."""

    token: str
    score: int = Field(ge=1, le=5)


class SumsOut(Schema):
    """One month: how many ratings, and how many of each score from 1 to 5."""

    month: date
    ratings: int
    scores: list[int]


class DelayIn(Schema):
    """Which party of the act (by a scan), for how many days, on which basis and why."""

    scan: UUID
    days: int
    basis: str
    reason: str


class DecisionIn(Schema):
    """A supervisor's decision."""

    approve: bool


class DelayOut(Schema):
    """A delay as officers and supervisors see it; nobody is named."""

    id: UUID
    act_code: str
    days: int
    reason: str
    legal_basis: str
    requested_at: datetime
    decision: str
    decided_at: datetime | None
    ends_at: datetime | None

    @classmethod
    def of(cls, row: DisplayDelay) -> Self:
        """Describe a delay."""
        return cls(id=row.pk, **{name: getattr(row, name) for name in cls.model_fields if name != "id"})


class NoticePartOut(Schema):
    """One thing told."""

    heading: str
    text: str
    article: str


class NoticeOut(Schema):
    """The notice in force."""

    version: str
    title: str
    text_as_of: date
    confirmed: str
    parts: list[NoticePartOut]

    @classmethod
    def of(cls, notice: Notice) -> Self:
        """Describe a notice."""
        parts = [NoticePartOut(heading=part.heading, text=part.text, article=part.article) for part in notice.parts]
        named = {name: getattr(notice, name) for name in cls.model_fields if name != "parts"}
        return cls(parts=parts, **named)
