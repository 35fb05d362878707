"""Routes of the catalogue: the inspection subjects with what they must show."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from liangzheng.catalogue.read import subjects
from liangzheng.people.api import OfficerSession

router = Router(tags=["catalogue"])


class AskOut(Schema):
    """A question of the opening form."""

    name: str
    label: str
    type: str
    required: bool
    choices: list[str]


class RequirementOut(Schema):
    """A licence the subject must have."""

    id: str
    licence_type: str
    label: str
    role: str
    legal_basis: str
    text_as_of: date
    to_confirm: bool


class SubjectOut(Schema):
    """An inspection subject."""

    kind: str
    label: str
    icon: str
    sector: str
    asks: list[AskOut]
    requirements: list[RequirementOut]


@router.get("/subjects", response=list[SubjectOut], auth=OfficerSession())
def list_subjects(request: HttpRequest) -> list[dict[str, Any]]:  # noqa: ARG001 - the same for everyone
    """List what can be inspected."""
    return [asdict(subject) for subject in subjects().values()]
