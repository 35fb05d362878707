"""OFDs of other makers are drawn: there is ink on the first page, and what is left out is known. No picture is kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from liangzheng.formats.ofd.render.pages import draw_ofd
from tests.formats.drawn_page import ink, painted, substitutes

KNOWN: dict[str, set[tuple[str, str]]] = {  # what is not drawn
    "ofd-ofdrw/ofdrw-converter/1.ofd": {("picture_format", "JBIG2"), ("seal_picture", "OFD")},
    "ofd-ofdrw/ofdrw-converter/20240531141733.ofd": set(),
    "ofd-ofdrw/ofdrw-converter/ano.ofd": set(),
    "ofd-ofdrw/ofdrw-converter/h.ofd": set(),
    "ofd-ofdrw/ofdrw-converter/signout.ofd": set(),
    "ofd-ofdrw/ofdrw-converter/y.ofd": set(),
    "ofd-ofdrw/ofdrw-converter/testImageNotFound.ofd": {("picture_missing", "image_135.PNG")},
    "ofd-ofdrw/ofdrw-converter/文字横向-数科.ofd": set(),
    "ofd-ofdrw/ofdrw-reader/SESV4SignDoc.ofd": set(),
    "ofd-ofdrw/ofdrw-sign/namespace_no_std.ofd": set(),
    "ofd-easyofd-rust/ofdrw_gen/gen_03_complex_text.ofd": set(),
    "ofd-easyofd-rust/ofdrw_gen/gen_08_annotations.ofd": set(),
    "ofd-easyofd-rust/ofdrw_gen/gen_14_digital_sign.ofd": set(),
}
SEALED: dict[str, tuple[float, float, float, float]] = {  # where the red of a seal is
    "ofd-ofdrw/ofdrw-converter/h.ofd": (200, 128, 9, 40),  # riding seal on the edge
    "ofd-ofdrw/ofdrw-reader/SESV4SignDoc.ofd": (50, 50, 40, 40),
}


@pytest.mark.parametrize("name", KNOWN)
def test_a_foreign_file_is_drawn(corpora: Path, name: str) -> None:
    drawing = draw_ofd((corpora / name).read_bytes(), substitutes(), pages={1})
    page = drawing.pages[0]
    assert {(omission.kind, omission.detail) for omission in drawing.omissions} == KNOWN[name]
    picture = painted(page)
    assert 0.5 < ink(picture, (0, 0, page.width, page.height), "white") < 1
    if name in SEALED:
        assert ink(picture, SEALED[name], "red") > 0.02
