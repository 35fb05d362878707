"""The queue of a phone without signal: each event counts once, in order, from its own device only; what was seen stays."""

from __future__ import annotations

import base64
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from liangzheng.crypto.p256 import P256PrivateKey
from liangzheng.crypto.sm2 import SM2PrivateKey
from liangzheng.formats.device_event import make_event
from liangzheng.server.postgres import EmbeddedPostgres
from liangzheng.verification.verdict import Result
from tests.journeys.conftest import City
from tests.journeys.devices import Queue, base64url, seen_verdict
from tests.journeys.phones import Json, Phone, open_coach_act, show_and_open

DRIVER = "道路运输从业人员从业资格证"
FOREIGN = "https://ymt.example.cn/resident/9f8e7d6c5b4a"


@pytest.fixture(scope="module")
def wang(city: City) -> Phone:
    """An officer."""
    return city.phone("wang")


@pytest.fixture
def act(city: City, wang: Phone) -> str:
    """An act with the gate open."""
    act = str(open_coach_act(wang)["id"])
    show_and_open(city.address, act, wang, city.phone("li"))
    return act


@pytest.fixture
def superuser(city: City, city_folder: Path) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """A look and a hand behind all policies."""
    del city
    with psycopg.connect(EmbeddedPostgres(city_folder).conninfo("postgres"), autocommit=True) as connection:
        yield connection


def states(answer: Json) -> list[tuple[int, str, str]]:
    """Counter, state and reason of each result."""
    return [(item["counter"], item["state"], item["reason"]) for item in answer["results"]]


@pytest.mark.parametrize("key", [P256PrivateKey.generate(), SM2PrivateKey.generate()], ids=["ES256", "SM2"])
def test_an_off_line_scan_is_stored_as_seen_with_the_servers_verdict_beside_it(
    city: City, wang: Phone, act: str, key: P256PrivateKey | SM2PrivateKey
) -> None:
    queue = Queue.of(city.phone("wang"), key)
    queue.scan(act, city.phone("zhang").code_for(DRIVER)["text"])
    answer = queue.upload()
    assert states(answer) == [(1, "applied", "")]
    assert (answer["applied_to"], answer["gap"], answer["wipe"]) == (1, None, False)
    scan = wang.get(f"/acts/{act}/scans/{answer['results'][0]['scan_id']}")
    assert (scan["verdict"]["standing"], scan["verdict"]["mode"]) == ("cannot_confirm", "offline")
    assert (scan["server_verdict"]["standing"], scan["server_verdict"]["mode"]) == ("valid", "online")
    assert scan["fills"], "the server's record fills the form, for the server's verdict is valid"
    assert scan["licence"]["holder_name"] == "张三丰"
    assert answer["results"][0]["finding"] is None


def test_what_the_phone_took_for_valid_and_the_server_does_not_is_a_task_and_a_notice(city: City, wang: Phone, act: str) -> None:
    queue, ma = Queue.of(city.phone("wang")), city.phone("ma")
    queue.scan(act, ma.code_for(DRIVER)["text"], seen_verdict(Result.PASS, ""))
    result = queue.upload()["results"][0]
    assert result["finding"] == {"kind": "standing_differs", "server_standing": "invalid"}
    scan = wang.get(f"/acts/{act}/scans/{result['scan_id']}")
    assert (scan["verdict"]["standing"], scan["server_verdict"]["standing"]) == ("valid_offline", "invalid")
    assert scan["fills"] == []
    tick = next(item for item in wang.get(f"/acts/{act}")["checklist"] if item["scan_id"] == scan["id"])
    assert (tick["state"], tick["reason"]) == ("invalid", "revoked"), "the server's verdict counts"
    assert any(use["action"] == "offline_finding" for use in ma.get("/my/uses"))
    assert city.phone("zhao").get("/findings") == [], "another agency's officer does not see it"
    task = next(item for item in wang.get("/findings") if item["scan_id"] == scan["id"])
    assert wang.problem("POST", f"/findings/{task['id']}/close", {"note": " "}) == (422, "reason_required")
    assert city.phone("zhao").problem("POST", f"/findings/{task['id']}/close", {"note": "x"}) == (404, "finding_not_found")
    assert wang.post(f"/findings/{task['id']}/close", {"note": "已联系当事人"})["note"] == "已联系当事人"
    assert task["id"] not in {item["id"] for item in wang.get("/findings")}


def test_five_times_over_and_shuffled_each_event_has_its_effect_once(city: City, wang: Phone, act: str) -> None:
    queue, draw = Queue.of(city.phone("wang")), random.Random(7)  # noqa: S311 - a shuffle that can be repeated
    for _ in range(12):
        queue.scan(act, FOREIGN)
    answers: list[Json] = []
    for _ in range(5):
        events = queue.events * 2
        draw.shuffle(events)
        answers.append(queue.upload(events))
    assert all(answer["results"] == answers[0]["results"] for answer in answers), "the same answer each time"
    assert len({item["scan_id"] for item in answers[0]["results"]}) == 12
    assert len(wang.get(f"/acts/{act}")["scans"]) == 12


def test_the_same_scan_on_line_and_later_from_the_queue_is_one(city: City, wang: Phone, act: str) -> None:
    queue, key = Queue.of(city.phone("wang")), uuid4()
    text = city.phone("zhang").code_for(DRIVER)["text"]
    online = wang.scan(act, text, key=str(key))
    queue.add("scan", act, {"text": text, "method": "camera", "verdict": seen_verdict(), "pack": 1, "id": key.bytes})
    assert queue.upload()["results"][0]["scan_id"] == online["id"]
    assert len(wang.get(f"/acts/{act}")["scans"]) == 1


def test_a_gap_is_said_and_nothing_beyond_it_is_kept(city: City, act: str) -> None:
    queue = Queue.of(city.phone("wang"))
    for _ in range(4):
        queue.scan(act, FOREIGN)
    first, second, third, fourth = queue.events
    answer = queue.upload([fourth, first, third])
    assert states(answer) == [(1, "applied", ""), (3, "waiting", "queue_gap"), (4, "waiting", "queue_gap")]
    assert (answer["applied_to"], answer["gap"]) == (1, {"expected": 2, "got": 3})
    answer = queue.upload([second, third, fourth])
    assert (answer["applied_to"], answer["gap"]) == (4, None)
    assert [state for _, state, _ in states(answer)] == ["applied"] * 3


def test_the_same_number_with_other_bytes_is_refused_and_the_device_is_flagged(city: City, wang: Phone, act: str) -> None:
    queue = Queue.of(city.phone("wang"))
    queue.scan(act, FOREIGN)
    assert queue.upload()["applied_to"] == 1
    device = next(item for item in wang.get("/devices") if item["id"] == queue.device)
    assert device["flagged_at"] is None, "control"
    twin = make_event(replace(queue.happened("training_end", None, {}, counter=1), previous=bytes(32)), queue.key)
    answer = queue.upload([twin])
    assert states(answer) == [(1, "refused", "queue_fork")]
    assert states(queue.upload([twin])) == [(1, "refused", "queue_fork")]
    device = next(item for item in wang.get("/devices") if item["id"] == queue.device)
    assert device["flagged_at"] is not None
    queue.scan(act, FOREIGN)
    assert queue.upload()["applied_to"] == 2, "the honest chain goes on"


def test_a_chain_that_does_not_fit_is_refused(city: City, act: str) -> None:
    queue = Queue.of(city.phone("wang"))
    queue.scan(act, FOREIGN)
    queue.upload()
    stranger = make_event(replace(queue.happened("training_end", None, {}), previous=bytes(32)), queue.key)
    assert states(queue.upload([stranger])) == [(2, "refused", "queue_fork")]
    queue.add("training_end", None, {})
    assert states(queue.upload()) == [(1, "applied", ""), (2, "applied", "")], "control: the fitting one"


def test_only_the_device_itself_is_believed(city: City, act: str) -> None:
    queue, other = Queue.of(city.phone("wang")), Queue.of(city.phone("li"))
    queue.scan(act, FOREIGN)
    forged = make_event(queue.happened("training_end", None, {}, counter=1), other.key)
    others = other.add("training_end", None, {})
    for events, code in (([forged], "event_forged"), ([others], "event_forged"), ([b"x"], "event_unreadable")):
        assert Phone(city.address).problem("POST", "/queue", queue.body(events)) == (422, code)
    changed = bytearray(queue.events[0])
    changed[-1] ^= 1
    assert Phone(city.address).problem("POST", "/queue", queue.body([bytes(changed)])) == (422, "event_forged")
    unknown = {"device": str(uuid4()), "events": [base64url(queue.events[0])]}
    told = Phone(city.address).problem("POST", "/queue", unknown)
    assert told == (422, "event_forged"), "nobody learns which devices there are"
    mixed = queue.upload([forged, others, b"x", queue.events[0]])
    assert sorted(states(mixed)) == [
        (0, "refused", "event_unreadable"),
        (1, "applied", ""),
        (1, "refused", "event_forged"),
        (1, "refused", "event_forged"),
    ]


def test_requests_out_of_bounds(city: City, act: str) -> None:
    queue, holder = Queue.of(city.phone("wang")), Queue.of(city.phone("zhang"))
    holder.add("training_end", None, {})
    nobody = Phone(city.address)
    assert nobody.problem("POST", "/queue", holder.body()) == (403, "not_your_role")
    assert nobody.problem("POST", "/queue", queue.body([])) == (422, "invalid_input")
    assert nobody.problem("POST", "/queue", queue.body([b"x"] * 201)) == (422, "invalid_input")
    assert nobody.problem("POST", "/queue", queue.body([b"x" * 30_000] * 40)) == (413, "file_too_large")
    for text, verdict in (
        (FOREIGN, b"{}"),
        (FOREIGN, seen_verdict() + b" "),
        (FOREIGN, seen_verdict(Result.PASS, "").replace(b"valid_offline", b"valid")),
        ("x" * 5000, seen_verdict()),
    ):
        queue.scan(act, text, verdict)
    queue.add("scan", act, {"text": FOREIGN})
    queue.add("scan", None, {"text": FOREIGN})
    queue.scan(str(uuid4()), FOREIGN)
    queue.scan(act, FOREIGN)
    assert [(state, reason) for _, state, reason in states(queue.upload())] == [
        *[("refused", "event_unreadable")] * 6,
        ("refused", "act_not_found"),
        ("applied", ""),
    ], "a refused event keeps its place in the chain and stops nothing"


def test_a_revoked_phone_hands_in_its_queue_into_quarantine_and_is_told_to_wipe(city: City, wang: Phone, act: str) -> None:
    lost, desk = city.phone("wang"), wang
    queue = Queue.of(lost)
    queue.scan(act, FOREIGN)
    assert states(queue.upload()) == [(1, "applied", "")], "control"
    queue.scan(act, FOREIGN)
    queue.scan(act, FOREIGN)
    desk.post(f"/devices/{queue.device}/revoke", {"reason": "遗失"})
    assert lost.problem("GET", "/acts") == (401, "device_revoked")
    answer = queue.upload()
    assert states(answer)[1:] == [(2, "quarantined", "device_revoked"), (3, "quarantined", "device_revoked")]
    assert (answer["applied_to"], answer["wipe"]) == (3, True)
    assert queue.upload()["results"] == answer["results"]
    assert len(wang.get(f"/acts/{act}")["scans"]) == 1, "no effect"
    device = next(item for item in desk.get("/devices") if item["id"] == queue.device)
    assert device["wiped_at"] is not None


def test_an_undo_takes_back_the_effect_and_removes_nothing(city: City, wang: Phone, act: str) -> None:
    queue = Queue.of(city.phone("wang"))
    queue.scan(act, city.phone("zhang").code_for(DRIVER)["text"])
    scan = queue.upload()["results"][0]["scan_id"]
    assert any(value["kind"] == "filled" for value in wang.get(f"/acts/{act}")["values"]), "control"
    queue.add("undo", act, {"of": 1, "reason": " "})
    queue.add("undo", act, {"of": 7, "reason": "没有这条"})
    queue.add("undo", str(open_coach_act(wang)["id"]), {"of": 1, "reason": "别的检查"})
    queue.add("undo", act, {"of": 1, "reason": "扫错了人"})
    assert [reason for _, _, reason in states(queue.upload())] == ["", "reason_required", "undo_unknown", "undo_unknown", ""]
    after = wang.get(f"/acts/{act}")
    assert [(item["id"], item["undone"]) for item in after["scans"]] == [(scan, True)]
    assert not [value for value in after["values"] if value["kind"] == "filled"]
    assert not [tick for tick in after["checklist"] if tick["scan_id"] == scan]
    assert wang.get(f"/acts/{act}/scans/{scan}")["undone"]


def test_a_late_entry_has_a_reason_and_happens_once(city: City, wang: Phone, act: str) -> None:
    queue = Queue.of(city.phone("wang"))
    entry = {"requirement": "driver_qualification", "reason": "手机没电", "holder_name": "张三丰", "number": "37060000"}
    queue.add("late_entry", act, {**entry, "reason": ""})
    queue.add("late_entry", act, {**entry, "requirement": "nothing"})
    queue.add("late_entry", act, {**entry, "valid_to": "soon"})
    queue.add("late_entry", act, {**entry, "valid_to": "2030-01-01"})
    expected = ["reason_required", "invalid_input", "event_unreadable", ""]
    for _ in range(2):
        assert [reason for _, _, reason in states(queue.upload())] == expected
    tick = next(item for item in wang.get(f"/acts/{act}")["checklist"] if item["requirement"]["id"] == "driver_qualification")
    assert tick["state"] == "physical", "entered late, and never taken for verified"


def test_after_a_day_nothing_is_entered_late(city: City, act: str, superuser: psycopg.Connection[tuple[object, ...]]) -> None:
    queue = Queue.of(city.phone("wang"))
    entry = {"requirement": "driver_qualification", "reason": "手机没电"}
    for hours, expected in ((23, ""), (25, "late_entry_closed")):
        superuser.execute("UPDATE cases_act SET opened_at = now() - make_interval(hours => %s) WHERE id = %s", [hours, act])
        queue.add("late_entry", act, {**entry})
        assert states(queue.upload())[-1][2] == expected


def test_events_lie_sealed_in_the_database(city: City, act: str, superuser: psycopg.Connection[tuple[object, ...]]) -> None:
    queue = Queue.of(city.phone("wang"))
    event = queue.scan(act, FOREIGN)
    queue.upload()
    row = superuser.execute("SELECT encoded FROM onsite_deviceevent WHERE device_id = %s", [queue.device]).fetchone()
    assert row is not None
    stored = bytes(row[0])  # type: ignore[call-overload]
    assert len(stored) > len(event)
    assert base64.b64encode(event)[:64] not in stored
    assert event[:64] not in stored


def test_a_scan_before_the_gate_opened_is_kept_but_fills_nothing_and_is_a_task(city: City, wang: Phone) -> None:
    act = str(open_coach_act(wang)["id"])
    queue = Queue.of(city.phone("wang"))
    queue.scan(act, city.phone("zhang").code_for(DRIVER)["text"])
    result = queue.upload()["results"][0]
    assert result["finding"]["kind"] == "gate_closed"
    assert wang.get(f"/acts/{act}/scans/{result['scan_id']}")["fills"] == []


def test_a_badge_shown_without_signal_is_noted_with_the_acts_own_match_number(city: City, wang: Phone) -> None:
    act = open_coach_act(wang)
    mine = next(row for row in act["officers"] if row["is_me"])
    queue = Queue.of(city.phone("wang"))
    for match in (int(mine["match_number"]) + 1, int(mine["match_number"])):
        queue.add("presence", act["id"], {"match": match})
    assert [reason for _, _, reason in states(queue.upload())] == ["match_number_differs", ""]
    mine = next(row for row in wang.get(f"/acts/{act['id']}")["officers"] if row["is_me"])
    assert mine["shown_at"] is not None
    assert mine["acknowledged_at"] is None, "whether the party looked is not this phone's to say"
