"""Every kind of licence of the demo city can be drawn: whole, sealed and marked as a demo."""

from __future__ import annotations

from dev.city.build import City
from liangzheng.formats.ofd.face import SEAL_BOX
from liangzheng.formats.ofd.render.pages import draw_ofd
from tests.formats.drawn_page import ink, painted, substitutes


def test_one_licence_of_each_kind_is_drawn_whole_and_sealed(city: City) -> None:
    kinds = {licence.type_id: licence for licence in city.licences}
    assert len(kinds) == 7
    for licence in kinds.values():
        drawing = draw_ofd(city.files[licence.key].read_bytes(), substitutes())
        assert (drawing.page_count, drawing.omissions, drawing.substituted) == (1, (), 0)
        picture = painted(drawing.pages[0])
        assert ink(picture, SEAL_BOX, "red") > 0.02, licence.type_id
        assert ink(picture, (10, 30, 100, 60)) > 0.005, licence.type_id
