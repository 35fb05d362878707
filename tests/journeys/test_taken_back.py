"""王建国 takes back a scan he made with signal: by its id, with a reason, in the chain of his phone; how long 补录 is open."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from tests.journeys.conftest import City
from tests.journeys.devices import Queue
from tests.journeys.phones import Json, open_coach_act, show_and_open

DRIVER = "道路运输从业人员从业资格证"


def reasons(answer: Json) -> list[str]:
    """Read the server's word on each event."""
    return [item["reason"] for item in answer["results"]]


def test_a_scan_made_with_signal_is_taken_back_and_stays_in_the_list(city: City) -> None:
    wang, li = city.phone("wang"), city.phone("li")
    act, other = str(open_coach_act(wang)["id"]), str(open_coach_act(wang)["id"])
    show_and_open(city.address, act, wang, li)
    scan = str(wang.scan(act, city.phone("zhang").code_for(DRIVER)["text"])["id"])
    assert any(value["kind"] == "filled" for value in wang.get(f"/acts/{act}")["values"]), "control"
    queue, given = Queue.of(city.phone("wang")), {"scan": UUID(scan).bytes}
    queue.add("undo", act, {**given, "reason": " "})
    queue.add("undo", act, {"scan": uuid4().bytes, "reason": "没有这次扫码"})
    queue.add("undo", act, {"scan": b"short", "reason": "扫错了人"})
    queue.add("undo", other, {**given, "reason": "别的检查"})
    assert reasons(queue.upload()) == ["reason_required", "undo_unknown", "event_unreadable", "undo_unknown"]
    assert not wang.get(f"/acts/{act}/scans/{scan}")["undone"], "control: refused events change nothing"
    queue.add("undo", act, {**given, "reason": "扫错了人"})
    assert reasons(queue.upload())[-1] == ""
    after = wang.get(f"/acts/{act}")
    assert [(item["id"], item["undone"]) for item in after["scans"]] == [(scan, True)]
    assert not [value for value in after["values"] if value["kind"] == "filled"]
    assert not [tick for tick in after["checklist"] if tick["scan_id"] == scan]
    assert wang.get(f"/acts/{act}/scans/{scan}")["undone"]


def test_an_officer_of_another_act_takes_nothing_back(city: City) -> None:
    wang, li, zhao = city.phone("wang"), city.phone("li"), city.phone("zhao")
    act = str(open_coach_act(wang)["id"])
    show_and_open(city.address, act, wang, li)
    scan = str(wang.scan(act, city.phone("zhang").code_for(DRIVER)["text"])["id"])
    foreign = Queue.of(zhao)
    foreign.add("undo", act, {"scan": UUID(scan).bytes, "reason": "不是我的检查"})
    assert foreign.upload()["results"][0]["state"] == "refused"
    assert not wang.get(f"/acts/{act}/scans/{scan}")["undone"]


def test_the_act_says_until_when_something_may_be_entered_late(city: City) -> None:
    act = open_coach_act(city.phone("wang"))
    opened, until = (datetime.fromisoformat(act[name]) for name in ("opened_at", "late_entry_until"))
    assert until - opened == timedelta(hours=24)
