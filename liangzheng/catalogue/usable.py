"""The usable list as stored: which version of a type was in force on a day; and loading the shipped types."""

from __future__ import annotations

from datetime import date

from liangzheng.catalogue.licence_types import LicenceType
from liangzheng.catalogue.models import LicenceTypeEntry
from liangzheng.catalogue.read import licence_type_records, read_licence_type


def usable_type(type_code: str, day: date) -> LicenceType | None:
    """Give the newest version in force on that day; None when the type is not known at all."""
    in_force = LicenceTypeEntry.objects.filter(type_code=type_code, effective_from__lte=day).order_by("-version")
    entry = next((entry for entry in in_force if entry.effective_to is None or day <= entry.effective_to), None)
    return read_licence_type(entry.record) if entry else None


def load_types(*, is_demo: bool) -> int:
    """Put the shipped types into the table; versions that are there stay as they are. Gives the number added."""
    added = 0
    for record in licence_type_records():
        licence_type = read_licence_type(record)
        _, is_new = LicenceTypeEntry.objects.get_or_create(
            type_code=licence_type.code,
            version=licence_type.version,
            defaults={
                "list_state": licence_type.list_state,
                "effective_from": licence_type.effective_from,
                "effective_to": licence_type.effective_to,
                "record": record,
                "is_demo": is_demo,
            },
        )
        added += is_new
    return added
