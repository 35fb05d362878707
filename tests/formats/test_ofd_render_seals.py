"""Seals in a drawing: at their place, only the part that belongs to the page, whatever signed them."""

from __future__ import annotations

import pytest

from liangzheng.formats.ofd.face import SEAL_BOX
from liangzheng.formats.ofd.package import read_ofd
from liangzheng.formats.ofd.render.pages import draw_ofd
from tests.formats.drawn_page import drawn, kinds, painted, substitutes
from tests.verification.sealed_licence import Authority, found_authority, repacked, unsealed

SIGN = "Doc_0/Signs/Sign_0/"


@pytest.fixture(scope="module")
def licence() -> bytes:
    authority: Authority = found_authority()
    return authority.licence()


def differing(one: bytes, other: bytes) -> tuple[int, int, int, int] | None:
    """The box in mm in which two drawings differ."""
    from PIL import ImageChops

    box = ImageChops.difference(*(painted(draw_ofd(data, substitutes()).pages[0]) for data in (one, other))).getbbox()
    return None if box is None else tuple(round(value / 100 * 25.4) for value in box)  # type: ignore[return-value]  # four of them


def test_the_seal_is_in_its_place_and_nowhere_else(licence: bytes) -> None:
    x, y, width, height = (round(value) for value in SEAL_BOX)
    assert differing(unsealed(), licence) == (x, y, x + width, y + height)
    assert differing(licence, licence) is None
    assert not drawn(licence)[0].omissions


def test_a_riding_seal_shows_its_part(licence: bytes) -> None:
    description = read_ofd(licence).files[f"{SIGN}Signature.xml"].replace(b"<ofd:StampAnnot", b'<ofd:StampAnnot Clip="0 0 10 40"')
    x, y, _, height = (round(value) for value in SEAL_BOX)
    assert differing(unsealed(), repacked(licence, {f"{SIGN}Signature.xml": description})) == (x, y, x + 10, y + height)


def test_an_opaque_seal_does_not_cover_what_is_below(licence: bytes) -> None:
    assert "mix-blend-mode:multiply" in drawn(licence)[0].pages[0].svg
    assert "mix-blend-mode" not in drawn(unsealed())[0].pages[0].svg


def test_without_the_seal_file_the_picture_comes_from_the_signed_value(licence: bytes) -> None:
    assert differing(licence, repacked(licence, {f"{SIGN}Seal.esl": None})) is None


def test_a_seal_that_cannot_be_read_is_told(licence: bytes) -> None:
    drawing, _ = drawn(repacked(licence, {f"{SIGN}Seal.esl": b"\x30\x03\x02\x01\x01"}))
    assert kinds(drawing) == {"seal_picture"}
