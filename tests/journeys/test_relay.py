"""A copy of what 张三丰 showed, held to another camera some seconds later: how long that works at the server, and what is told.

No signature can tell a live relay from the holder himself. What ends it is the minute, and that a showing counts in one act only.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from liangzheng.codes.signed import read_holder_text
from liangzheng.server.postgres import EmbeddedPostgres
from liangzheng.verification.verdict import Result
from tests.journeys.conftest import City
from tests.journeys.devices import Queue, seen_verdict
from tests.journeys.phones import Json, Phone, open_coach_act, show_and_open
from tests.journeys.showing import Showing

DRIVER = "道路运输从业人员从业资格证"
VALID = seen_verdict(Result.PASS, "")
LATE = [0, 30, 57, 63, 120, 177, 183, 300, 1_800, 3_600]


@pytest.fixture(scope="module")
def wang(city: City) -> Phone:
    return city.phone("wang")


@pytest.fixture
def source(city: City, city_folder: Path) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    del city
    with psycopg.connect(EmbeddedPostgres(city_folder).conninfo("postgres"), autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def acts(city: City, wang: Phone) -> tuple[str, str]:
    """Two inspections at two places; 王建国 is in one, 赵文博 of another agency in the other."""
    here = str(open_coach_act(wang)["id"])
    show_and_open(city.address, here, wang, city.phone("li"))
    zhao, sun = city.phone("zhao"), city.phone("sun")
    wish = {"subject": "guide", "place": "演示景区", "second_officer": zhao.colleague("孙晓彤"), "asks": {"agency_name": "演示"}}
    there = str(zhao.post("/acts", wish)["id"])
    show_and_open(city.address, there, zhao, sun)
    return here, there


def outcome(scan: Json) -> tuple[str, list[str]]:
    return scan["verdict"]["standing"], scan["verdict"]["reasons"]


def test_the_largest_delay_at_the_server(
    city: City,
    wang: Phone,
    acts: tuple[str, str],
    source: psycopg.Connection[tuple[object, ...]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Instead of waiting, the row of the code is made that much older; nobody but the platform could."""
    zhang = Showing.of(city.phone("zhang"))
    licence = zhang.licence(DRIVER)
    passed: dict[str, list[int]] = {"code with signal": [], "code without signal": []}
    for late in LATE:
        old = zhang.phone.code_for(DRIVER)["text"]
        change = "UPDATE codes_issuedcode SET expires_at = expires_at - make_interval(secs => %s) WHERE id = %s"
        source.execute(change, [late, read_holder_text(old).code_id])
        for name, text in (("code with signal", old), ("code without signal", zhang.text(licence, ago=late))):
            found = outcome(wang.scan(acts[0], text))
            assert found in (("valid", []), ("invalid", ["code_expired"])), (name, late, found)
            passed[name] += [late] if found[0] == "valid" else []
    with capsys.disabled():
        sys.stdout.write(
            f"\n    relay at the server passes after {', '.join(f'{name}: {max(s)} s' for name, s in passed.items())}\n"
        )
    assert max(passed["code with signal"]) == 57, "not after 60 s"
    assert max(passed["code without signal"]) == 177, "not after 60 s and the 120 s that clocks without signal may differ"
    assert all(times == LATE[: len(times)] for times in passed.values())


def test_a_showing_counts_in_one_act_only(city: City, wang: Phone, acts: tuple[str, str]) -> None:
    zhang, zhao, li = Showing.of(city.phone("zhang")), city.phone("zhao"), city.phone("li")
    for text in (zhang.phone.code_for(DRIVER)["text"], zhang.text(zhang.licence(DRIVER))):
        assert outcome(wang.scan(acts[0], text)) == ("valid", [])
        copied = zhao.scan(acts[1], text)
        assert outcome(copied) == ("cannot_confirm", ["code_reused"])
        assert copied["licence"] is None, "a copy opens nothing"
        assert outcome(zhao.scan(acts[1], text)) == ("cannot_confirm", ["code_reused"])
        assert outcome(li.scan(acts[0], text)) == ("valid", []), "control: the second officer of the same act may scan it, too"
        assert outcome(wang.scan(acts[0], text)) == ("invalid", ["code_used"])
    fresh = zhao.scan(acts[1], zhang.phone.code_for(DRIVER)["text"])
    assert fresh["verdict"]["reasons"] != ["code_reused"], "control: a fresh showing is nobody's copy"


def test_a_copy_from_the_queue_cannot_be_made_younger(city: City, wang: Phone, acts: tuple[str, str]) -> None:
    """An officer's phone that hands in a picture taken an hour ago as if it had just been shown, or dates its own scan back.

    The second is the phone's own word and stands against it: the moment is signed by its device key.
    """
    zhang, queue = Showing.of(city.phone("zhang")), Queue.of(city.phone("wang"))
    licence = zhang.licence(DRIVER)
    for shown, scanned, expected in (
        (3_600, 0, "invalid"),
        (3_600, 3_000, "invalid"),
        (3_600, 3_590, "valid"),
        (0, 3_600, "cannot_confirm"),
    ):
        queue.scan(acts[0], zhang.text(licence, ago=shown), VALID, ago=scanned)
        result = queue.upload()["results"][-1]
        verdict = wang.get(f"/acts/{acts[0]}/scans/{result['scan_id']}")["server_verdict"]
        assert verdict["standing"] == expected, (shown, scanned, verdict["reasons"])
        assert (result["finding"] is not None) is (expected != "valid"), "what the phone took for valid is a task"
    used = zhang.text(licence)
    assert outcome(wang.scan(acts[0], used)) == ("valid", [])
    queue.scan(acts[0], used, VALID)
    assert queue.upload()["results"][-1]["finding"] == {"kind": "standing_differs", "server_standing": "invalid"}
