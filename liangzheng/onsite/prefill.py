"""信息免填: a verified licence fills the record's fields. Pure: verdict and licence in, rows out.

Only a verdict that is `valid` fills anything; phone, present address and statements are never filled from a licence.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from uuid import UUID

from liangzheng.cases.form import fields_for
from liangzheng.catalogue.licence_types import LicenceType
from liangzheng.licences.models import Licence
from liangzheng.storage.ids import new_id
from liangzheng.verification.verdict import Standing, Verdict


@dataclass(frozen=True, slots=True)
class Filling:
    """One value on its way into the record, with the licence field it comes from."""

    id: UUID
    field: str
    value: str
    licence_field: str


def licence_values(licence: Licence) -> dict[str, str]:
    """Give every value the licence carries, by catalogue field name; dates as YYYY-MM-DD, no end as 长期."""
    core = {
        "name": licence.type_name,
        "identifier": licence.identifier,
        "holder_name": licence.holder.name,
        "holder_code": licence.holder.code,
        "number": licence.number,
        "issuing_authority": licence.issuing_authority,
        "issued_on": licence.issued_on.isoformat(),
        "valid_from": licence.valid_from.isoformat(),
        "valid_to": licence.valid_to.isoformat() if licence.valid_to else "长期",
    }
    face: dict[str, str] = json.loads(licence.face)
    return {**face, **core}


def fillings(verdict: Verdict, licence: Licence | None, licence_type: LicenceType | None, subject: str) -> tuple[Filling, ...]:
    """Say which record fields this scan fills."""
    if verdict.standing is not Standing.VALID or licence is None or licence_type is None or not licence_type.uses.prefill:
        return ()
    fillable = {field.name for field in fields_for(subject) if field.kind == "filled"}
    values = licence_values(licence)
    return tuple(
        Filling(new_id(), field, values[source], source)
        for source, field in licence_type.prefill.items()
        if field in fillable and values.get(source)
    )
