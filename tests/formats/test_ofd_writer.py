"""A licence face: drawn truthfully, the same every time, and refused when something would be missing on it."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from fontTools.ttLib import TTFont
from lxml import etree

from liangzheng.formats.ofd.errors import FaceError, OfdError
from liangzheng.formats.ofd.face import SEAL_BOX
from liangzheng.formats.ofd.metadata import read_metadata
from liangzheng.formats.ofd.package import read_ofd
from liangzheng.formats.ofd.sealing import seal_ofd
from liangzheng.formats.ofd.writer import DEMO_MARK, LicenceDocument, write_licence_ofd
from tests.verification.sealed_licence import METADATA, SEALED_AT, document, font, found_authority, picture, repacked, unsealed

SPACE = {"o": "http://www.ofdspec.org/2016"}
PAGE = "Doc_0/Pages/Page_0/Content.xml"


def page_of(data: bytes) -> etree._Element:
    return etree.fromstring(read_ofd(data).files[PAGE])


def lines_of(data: bytes) -> list[str]:
    return [str(element.text) for element in page_of(data).iterfind(".//o:TextCode", SPACE)]


def reason_of(face: LicenceDocument) -> tuple[str, str]:
    with pytest.raises(FaceError) as caught:
        write_licence_ofd(face, font())
    return caught.value.reason, caught.value.detail


def test_the_same_document_gives_the_same_bytes() -> None:
    assert write_licence_ofd(document(), font()) == unsealed()
    embedded = TTFont(io.BytesIO(read_ofd(unsealed()).files["Doc_0/Res/font_3.otf"]))
    assert embedded["head"].modified == TTFont(io.BytesIO(font()))["head"].modified  # not the time of writing


def test_the_package_has_its_parts_and_its_metadata() -> None:
    package = read_ofd(unsealed())
    assert list(package.files) == [
        "OFD.xml",
        "Doc_0/Document.xml",
        "Doc_0/PublicRes.xml",
        "Doc_0/DocumentRes.xml",
        PAGE,
        "Doc_0/Res/font_3.otf",
        "Doc_0/Res/photo.png",
        "Doc_0/Res/code.png",
    ]
    assert read_metadata(package.custom_items) == METADATA
    assert package.titles == (METADATA.name,)
    assert package.signatures == ()


def test_every_word_of_the_face_is_drawn() -> None:
    drawn = "".join(lines_of(unsealed()))
    face = document()
    for text in (face.title, *(part for row in face.rows for part in row), *face.notices, METADATA.issuer, "2026年03月01日"):
        assert text in drawn
    assert METADATA.identifier in drawn


def test_a_demo_says_so_and_a_real_one_does_not() -> None:
    assert DEMO_MARK in lines_of(unsealed())
    assert "演示" in lines_of(unsealed())
    real = replace(METADATA, is_demo=False, issuer="", holder="")
    drawn = lines_of(write_licence_ofd(document(real, rows=(("证号", "1"),), notices=()), font()))
    assert not any("演示" in line for line in drawn if line != real.number)


def test_identifiers_are_unique_and_below_the_highest() -> None:
    files = read_ofd(unsealed()).files
    paths = (PAGE, "Doc_0/Document.xml", "Doc_0/PublicRes.xml", "Doc_0/DocumentRes.xml")
    elements = [element for path in paths for element in etree.fromstring(files[path]).iter()]
    numbers = [int(str(element.get("ID"))) for element in elements if element.get("ID")]
    highest = etree.fromstring(files["Doc_0/Document.xml"]).findtext(".//o:MaxUnitID", namespaces=SPACE)
    assert len(numbers) == len(set(numbers))
    assert max(numbers) <= int(str(highest))


def test_the_embedded_font_draws_every_character_of_the_page() -> None:
    embedded = TTFont(io.BytesIO(read_ofd(unsealed()).files["Doc_0/Res/font_3.otf"]))
    known = set(embedded.getBestCmap())
    assert {ord(char) for line in lines_of(unsealed()) for char in line} <= known
    assert len(known) < 200


def test_every_step_belongs_to_a_character_and_stays_on_the_page() -> None:
    for text in page_of(unsealed()).iterfind(".//o:TextObject", SPACE):
        x, y, width, height = (float(number) for number in str(text.get("Boundary")).split())
        code = text.find("o:TextCode", SPACE)
        assert code is not None
        steps = [float(step) for step in str(code.get("DeltaX", "")).split()]
        assert len(steps) == len(str(code.text)) - 1
        assert x >= 0
        assert sum(steps) < width
        assert x + width <= 210
        assert y >= 0
        assert y + height <= 148


def places_of(data: bytes, kind: str) -> list[tuple[float, float, float, float]]:
    found = []
    for item in page_of(data).iterfind(f".//o:{kind}", SPACE):
        x, y, width, height = (float(number) for number in str(item.get("Boundary")).split())
        if kind == "TextObject" and item.get("Alpha"):
            continue  # the pale 演示 lies behind everything on purpose
        size = float(str(item.get("Size", "0")))  # the boundary of a line has one character to spare
        found.append((x, y, x + width - size, y + height))
    return found


def meet(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


@pytest.mark.parametrize("times", [1, 4])
def test_neither_seal_nor_picture_covers_a_word(times: int) -> None:
    scope = "县际班车客运、市际班车客运（省际除外）、" * times
    face = document(replace(METADATA, issuer=METADATA.issuer * 3), rows=(("经营范围", scope),) * 3, notices=(scope,))
    data = write_licence_ofd(face, font())
    x, y, width, height = SEAL_BOX
    covers = [(x, y, x + width, y + height), *places_of(data, "ImageObject")]
    assert len(covers) == 3
    clear = y + height - 1  # the seal's clear edge may touch the strip below
    assert [line for line in places_of(data, "TextObject") for cover in covers if line[1] < clear and meet(line, cover)] == []


def test_short_rows_stand_side_by_side_before_they_shrink() -> None:
    data = write_licence_ofd(document(rows=tuple((f"第{number}项", "值") for number in range(16))), font())
    items = [
        item for item in page_of(data).iterfind(".//o:TextObject", SPACE) if item.findtext("o:TextCode", None, SPACE) == "值"
    ]
    assert len(items) == 16
    assert len({str(item.get("Boundary")).split()[1] for item in items}) == 8
    assert {item.get("Size") for item in items} == {"4.8"}


def test_no_line_begins_with_a_closing_mark() -> None:
    drawn = lines_of(write_licence_ofd(document(rows=(("法定代表人（负责人、经营者）", "（甲乙）、" * 60),)), font()))
    assert "（负责人、经营者）" in drawn or "法定代表人（负责人、经营者）" in drawn
    assert not any(line[0] in "）、，。" for line in drawn)


def test_pictures_keep_their_proportions() -> None:
    data = write_licence_ofd(document(photo=picture(100, 100, "JPEG")), font())
    boxes = [str(item.get("Boundary")).split() for item in page_of(data).iterfind(".//o:ImageObject", SPACE)]
    assert all(box[2] == box[3] for box in boxes)
    assert "Doc_0/Res/photo.jpg" in read_ofd(data).files


def test_long_values_break_into_lines_and_shrink_before_they_are_refused() -> None:
    scope = "县际班车客运、市际班车客运、省际班车客运、县内包车客运、" * 4
    drawn = lines_of(write_licence_ofd(document(rows=(("经营范围", scope),)), font()))
    assert scope in "".join(drawn)
    assert scope not in drawn
    assert reason_of(document(rows=(("经营范围", scope * 30),))) == ("face_full", "1 rows")
    assert reason_of(document(notices=(scope * 9,)))[0] == "face_full"
    assert reason_of(document(title="很" * 60))[0] == "face_full"


@pytest.mark.parametrize(
    ("name", "reason", "detail"),
    [
        ("张\U00030000丰", "missing_glyph", "U+30000"),
        ("张\ue000丰", "missing_glyph", "U+E000"),
        ("张\u202e丰", "unprintable", "U+202E"),
        ("张\x00丰", "unprintable", "U+0000"),
        ("张\n丰", "unprintable", "U+000A"),
    ],
)
def test_a_character_that_cannot_be_drawn_is_an_error_and_never_a_blank(name: str, reason: str, detail: str) -> None:
    assert reason_of(document(rows=(("姓名", name),))) == (reason, detail)


def test_a_rare_character_that_the_font_has_is_drawn() -> None:
    assert "马\u9a8f㙓" in "".join(lines_of(write_licence_ofd(document(rows=(("姓名", "马骏㙓"),)), font())))


def test_metadata_that_xml_cannot_hold_is_refused() -> None:
    assert reason_of(document(replace(METADATA, holder_code="a\x01"), rows=())) == ("unprintable", "metadata")


def test_what_is_no_picture_no_font_no_id_is_refused() -> None:
    assert reason_of(document(photo=b"GIF89a")) == ("bad_picture", "photo")
    assert reason_of(document(document_id="x"))[0] == "bad_document_id"
    with pytest.raises(FaceError, match="bad_font"):
        write_licence_ofd(document(), b"not a font")


def test_a_face_without_pictures_uses_the_whole_width() -> None:
    data = write_licence_ofd(document(photo=None, code=None), font())
    assert list(page_of(data).iterfind(".//o:ImageObject", SPACE)) == []


def test_sealing_protects_every_file() -> None:
    authority = found_authority()
    data = seal_ofd(unsealed(), authority.seal, authority.signer_key, SEALED_AT, boundary=(1, 2, 30.5, 40))
    package = read_ofd(data)
    (signature,) = package.signatures
    assert {item.path for item in signature.references} == set(package.files) - {signature.path, signature.value_path}
    assert package.files[signature.seal_path] == authority.seal.encoded
    assert b'Boundary="1 2 30.5 40"' in package.files[signature.path]
    with pytest.raises(ValueError, match="none of the seal's certificates"):
        seal_ofd(unsealed(), authority.seal, authority.root_key, SEALED_AT)


def test_a_second_seal_protects_the_first_one_too() -> None:
    authority = found_authority()
    data = authority.licence()
    package = read_ofd(data)
    for number in (2, 3):
        data = seal_ofd(data, authority.seal, authority.signer_key, SEALED_AT)
        package = read_ofd(data)
        last = package.signatures[-1]
        assert [item.id for item in package.signatures] == ["s001", "s003", "s005"][:number]
        assert {item.path for item in last.references} == set(package.files) - {last.path, last.value_path}
    assert b"<ofd:MaxSignId>s006</ofd:MaxSignId>" in package.files["Doc_0/Signs/Signatures.xml"]


def test_a_list_of_signatures_without_a_name_cannot_be_added_to() -> None:
    entry = read_ofd(unsealed()).files["OFD.xml"].replace(b"</ofd:DocBody>", b"<ofd:Signatures/></ofd:DocBody>")
    authority = found_authority()
    with pytest.raises(OfdError, match="signature_list_missing"):
        seal_ofd(repacked(unsealed(), {"OFD.xml": entry}), authority.seal, authority.signer_key, SEALED_AT)
