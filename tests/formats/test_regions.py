"""Region codes: today's names, the names of the past, and what the table does not know."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liangzheng.formats import regions
from liangzheng.formats.regions import ended_before, names_of, path_of

# The pilot's counties (山东省, six cities), as their governments name them.
PILOT = {
    "3706": "602芝罘区 611福山区 612牟平区 613莱山区 614蓬莱区 681龙口市 682莱阳市 683莱州市 685招远市 686栖霞市 687海阳市",
    "3707": "702潍城区 703寒亭区 704坊子区 705奎文区 724临朐县 725昌乐县 781青州市 782诸城市 783寿光市 784安丘市 785高密市",
    "3708": "811任城区 812兖州区 826微山县 827鱼台县 828金乡县 829嘉祥县 830汶上县 831泗水县 832梁山县 881曲阜市 883邹城市",
    "3711": "102东港区 103岚山区 121五莲县 122莒县",
    "3714": "402德城区 403陵城区 422宁津县 423庆云县 424临邑县 425齐河县 426平原县 427夏津县 428武城县 481乐陵市 482禹城市",
    "3716": "602滨城区 603沾化区 621惠民县 622阳信县 623无棣县 625博兴县 681邹平市",
}


@pytest.mark.parametrize("city", PILOT)
def test_the_counties_of_the_pilot(city: str) -> None:
    for entry in PILOT[city].split():
        code = city[:3] + entry[:3]
        path = path_of(code, 2026)
        assert path.is_complete
        assert path.until is None
        assert [level.name for level in path.levels][-1] == entry[3:], code
        assert path.name.startswith("山东省")


@pytest.mark.parametrize(
    ("code", "year", "name", "until"),
    [
        ("370000", None, "山东省", None),
        ("370600", None, "山东省烟台市", None),
        ("370602003000", 2026, "山东省烟台市芝罘区", None),
        ("371202", 2010, "山东省莱芜市莱城区", 2017),
        ("370116", 2026, "山东省济南市莱芜区", None),
        ("371324", 2010, "山东省临沂市苍山县", 2013),
        ("371324", 2026, "山东省临沂市兰陵县", None),
        ("370684", 2026, "山东省烟台市蓬莱市", 2019),
        ("372121", 1975, "山东省烟台地区福山县", 1982),
        ("441900", 2026, "广东省东莞市", None),
    ],
)
def test_names_by_year(code: str, year: int | None, name: str, until: int | None) -> None:
    path = path_of(code, year)
    assert (path.name, path.is_complete, path.until) == (name, True, until)


@pytest.mark.parametrize(("code", "name"), [("110105", "北京市"), ("379999", "山东省"), ("990000", ""), ("830000", "")])
def test_what_the_table_does_not_hold_is_not_made_up(code: str, name: str) -> None:
    path = path_of(code)
    assert (path.name, path.is_complete, path.until) == (name, False, None)
    assert not ended_before(code, 2026)


def test_a_code_ends_before_a_year_only_when_it_is_known_to() -> None:
    assert ended_before("372121", 1990)
    assert not ended_before("372121", 1982)
    assert not ended_before("371324", 2026)  # another name, but the same code goes on
    assert not ended_before("370602", 2026)


def test_one_code_has_one_name_at_a_time() -> None:
    for names in regions._table().values():
        for year in range(1980, 2027):
            assert len([name for name in names if name.held_in(year)]) <= 1, (names, year)
        assert all(name.since is None or name.until is None or name.since <= name.until for name in names)
        assert sum(name.until is None for name in names) <= 1


def test_every_level_above_is_there() -> None:
    for code in regions._table():
        assert len(code) == 2 or names_of(code[:2])


def test_a_damaged_table_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(regions, "SHANDONG", "37060芝罘区")
    with pytest.raises(ValueError, match="37060芝罘区"):
        regions._table.__wrapped__()


@given(st.text("0123456789", min_size=1, max_size=12), st.integers(1900, 2100))
def test_no_digits_break_it(code: str, year: int) -> None:
    path = path_of(code, year)
    assert path.code == code
    assert isinstance(ended_before(code, year), bool)
