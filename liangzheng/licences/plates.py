"""Find a vehicle's licence by its plate: plate and colour together name one vehicle (GA 36-2018), each alone does not."""

from __future__ import annotations

import json

from liangzheng.formats.identifiers import BadIdentifier, PlateKey, read_plate_key
from liangzheng.licences.models import Licence
from liangzheng.storage.columns import index_value

PLATE, COLOUR = "KZ_CLHP", "KZ_HPYS"
"""Names of the two face fields."""


def index_plate(key: PlateKey) -> bytes:
    """Give the keyed index of a vehicle."""
    return index_value(f"plate|{key.text}")


def plate_index_of(licence: Licence) -> bytes | None:
    """Give the index a licence is to be stored with; None when it is no vehicle's, or its plate cannot be read."""
    face: dict[str, str] = json.loads(licence.face)
    try:
        return index_plate(read_plate_key(face.get(PLATE, ""), face.get(COLOUR, "")))
    except BadIdentifier:
        return None
