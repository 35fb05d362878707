"""Seal pictures where the signatures put them (GB/T 33190-2016, 18.2; StampAnnot), riding seals (骑缝章) included.

The picture is taken from seals of every version; whether the seal is genuine is judged in `verification/`, never here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from liangzheng.crypto import der
from liangzheng.formats.ofd.markup import children
from liangzheng.formats.ofd.package import OfdPackage, OfdSignature
from liangzheng.formats.ofd.render.attributes import box, first, string
from liangzheng.formats.ofd.render.budget import Budget
from liangzheng.formats.ofd.render.canvas import PICTURE, Canvas
from liangzheng.formats.ofd.render.geometry import Box, transform
from liangzheng.formats.ofd.render.pictures import Picture, PictureError, read_picture
from liangzheng.formats.ofd.render.resources import Resources, load
from liangzheng.formats.seals.seal import LARGEST

_MOST_STAMPS = 500
_PICTURE_MEMBERS = 4  # format, data, width, height


@dataclass(frozen=True, slots=True)
class Stamp:
    """One place of one seal: on which page, where, and which part of the picture is seen (None for all of it)."""

    page: str
    place: Box
    part: Box | None
    signature: OfdSignature


def read_stamps(package: OfdPackage, root: str, budget: Budget) -> list[Stamp]:
    """Read the places of all seals of one document, in the order of the signatures."""
    only = len(package.document_roots) == 1
    folder = root.rpartition("/")[0]
    found = [
        stamp
        for signature in package.signatures
        if only or signature.index_path.startswith(f"{folder}/")
        for stamp in _stamps(package, signature, budget)
    ]
    return found[:_MOST_STAMPS]


def _stamps(package: OfdPackage, signature: OfdSignature, budget: Budget) -> Iterator[Stamp]:
    root = load(package.files, signature.path, budget)
    info = None if root is None else first(root, "signedinfo")
    for element in children(info, "stampannot") if info is not None else ():
        place = box(string(element, "Boundary"))
        if place is not None:
            yield Stamp(string(element, "PageRef"), place, box(string(element, "Clip")), signature)


class SealPictures:
    """The pictures of the seals of one package, each decoded once."""

    def __init__(self, package: OfdPackage, resources: Resources) -> None:
        self._package, self._resources = package, resources
        self._kept: dict[str, Picture | None] = {}

    def of(self, signature: OfdSignature) -> Picture | None:
        """Give the picture of a signature's seal; None, and counted as left out, when there is none to draw."""
        if signature.path not in self._kept:
            self._kept[signature.path] = self._read(signature)
        elif self._kept[signature.path] is None:
            self._resources.budget.omit("seal_picture", "repeated")
        return self._kept[signature.path]

    def _read(self, signature: OfdSignature) -> Picture | None:
        budget = self._resources.budget
        try:
            kind, data = _seal_picture(self._package, signature)
            return read_picture(data, f"seal.{kind}", budget)
        except (der.DerError, LookupError):
            budget.omit("seal_picture", "no seal")
        except PictureError as error:
            budget.omit("seal_picture", error.detail)
        return None


def _seal_picture(package: OfdPackage, signature: OfdSignature) -> tuple[str, bytes]:
    """Find the picture: fourth member of what the seal's maker signed, in versions 1, 4 and 5. Raises DerError, LookupError."""
    alone = signature.seal_path in package.files
    data = package.files[signature.seal_path if alone else signature.value_path]
    if len(data) > LARGEST:
        raise der.DerError("too large for a seal")
    seal = der.read(data)
    if not alone:  # the seal inside the signed value: second member of what was signed
        seal = seal.children()[0].children()[1]
    members = seal.children()[0].children()[3].children()
    if len(members) < _PICTURE_MEMBERS:
        raise der.DerError("no picture")
    return members[0].text(), members[1].octets()


def draw_stamp(stamp: Stamp, picture: Picture, canvas: Canvas) -> str:
    """Draw one seal. An opaque picture darkens what is below, as ink does, and never covers it. Raises LimitError."""
    place, part = stamp.place, stamp.part
    seen = Box(place.x + part.x, place.y + part.y, part.width, part.height).meet(place) if part else place
    canvas.budget.spend("objects")
    if seen is None or not canvas.charge(seen, 0, PICTURE + 1):
        return ""
    name = canvas.picture(picture)
    markup = f'<use href="#{name}"{transform((place.width, 0, 0, place.height, place.x, place.y))}/>'
    if part:
        markup = f'<g clip-path="url(#{canvas.clip_to(seen)})">{markup}</g>'
    return f'<g style="mix-blend-mode:multiply">{markup}</g>' if picture.is_opaque else markup
