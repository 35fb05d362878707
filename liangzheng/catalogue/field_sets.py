"""Which fields a role may see of a licence for a purpose: made of the catalogue and the mandates, never asked for. Pure.

No request names a field: what is shown follows from type, purpose and role, so nobody can ask for more.
"""

from __future__ import annotations

from liangzheng.catalogue.licence_types import FaceField, LicenceType, Purpose
from liangzheng.catalogue.read import catalogue
from liangzheng.rules.mandates import mandate_book


def field_set(licence_type: LicenceType, purpose: Purpose, role: str) -> tuple[FaceField, ...]:
    """Give the fields in the catalogue's order; empty for a role or purpose that has no grant."""
    sees = mandate_book().sees.get(role, {}).get(purpose)
    if sees is None:
        return ()
    fields = [catalogue().field(licence_type, name) for name in licence_type.fields.get(purpose, ())]
    return tuple(field for field in fields if sees == "every_field" or not field.personal)


def field_names(licence_type: LicenceType, purpose: Purpose, role: str) -> tuple[str, ...]:
    """Give the names of these fields."""
    return tuple(field.name for field in field_set(licence_type, purpose, role))
