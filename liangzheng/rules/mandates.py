"""Mandates as data: the grounds of a look-up by function (依职能), which role sees what, and the limits of the anomaly rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Literal

from pydantic import TypeAdapter, with_config

from liangzheng.rules.rulebook import STRICT

Sees = Literal["every_field", "impersonal_fields"]


@with_config(STRICT)
@dataclass(frozen=True, slots=True)
class Ground:
    """Why somebody may be looked up who presents nothing. `text`: the gist of the articles as read on `text_as_of`."""

    id: str
    title: str
    article: str
    text: str
    text_as_of: date
    confirmed: str

    @property
    def basis(self) -> str:
        """The legal basis as it stands in the log."""
        return f"{self.article}（{self.confirmed}）"


@with_config(STRICT)
@dataclass(frozen=True, slots=True)
class Limits:
    """From which number on something is an anomaly (`rules/anomaly.py`); assumptions, to be set from a city's own experience."""

    many_look_ups: int
    many_scans: int
    off_duty_tolerance_minutes: int
    off_duty_look_ups: int
    off_duty_days: int
    away_look_ups: int
    away_percent: int
    same_person_days: int
    refused_attempts: int
    hollow_acts: int
    days_looked_back: int
    person_days_looked_back: int


@with_config(STRICT)
@dataclass(frozen=True, slots=True)
class MandateBook:
    """`sees`: role → purpose → what of the catalogue's fields for that purpose; a role or purpose not named sees nothing."""

    version: str
    grounds: tuple[Ground, ...]
    sees: Mapping[str, Mapping[str, Sees]]
    limits: Limits


@cache
def mandate_book() -> MandateBook:
    """The shipped mandates. ValueError when the data file is wrong."""
    return TypeAdapter(MandateBook).validate_json(files("liangzheng.rules").joinpath("mandates.json").read_bytes())


def ground_of(ground: str) -> Ground | None:
    """Find a ground by its id."""
    return next((item for item in mandate_book().grounds if item.id == ground), None)
