"""执法监督: the justice bureau reads its area masked, with no hand in it, asks and is answered; the auditor reads the log."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import psycopg
import pytest

from liangzheng.auditlog.receipt import read_receipt
from liangzheng.server.postgres import EmbeddedPostgres
from tests.journeys.conftest import City
from tests.journeys.looking_up import CODES, by_person, open_act, requirement, watch
from tests.journeys.phones import Json, Phone
from tests.journeys.test_public_log import keys_of, seal

Superuser = psycopg.Connection[tuple[object, ...]]


@pytest.fixture(scope="module")
def song(city: City) -> Phone:
    return city.phone("song")


@pytest.fixture(scope="module")
def yu(city: City) -> Phone:
    return city.phone("yu")


@pytest.fixture(scope="module")
def he(city: City) -> Phone:
    return city.phone("he")


@pytest.fixture(scope="module")
def act(city: City) -> str:
    """An act with one look-up and one scan."""
    wang, li = city.phone("wang"), city.phone("li")
    act = open_act(city, wang, li)
    wang.post(f"/acts/{act}/look-ups", by_person("张三丰", CODES["zhang"], wanted=requirement(wang, act, "person")))
    wang.scan(act, city.phone("zhang").code_for("道路运输证")["text"])
    wang.put(f"/acts/{act}/values/person_phone", {"value": "138 0000 0000"})
    return act


@pytest.fixture
def database(city: City) -> Iterator[Superuser]:
    with psycopg.connect(EmbeddedPostgres(city.folder).conninfo("postgres"), autocommit=True) as connection:
        yield connection


# --- read-only, masked, own area -------------------------------------------------------------------------------------------


def test_the_supervisor_reads_the_act_masked_and_the_driver_sees_that(city: City, song: Phone, act: str) -> None:
    line = next(line for line in song.get("/supervision/acts") if line["id"] == act)
    assert (line["scans"], line["look_ups"], line["is_recorded"]) == (1, 1, False)
    overview = song.get("/supervision/overview")
    assert overview["region"] == "3706"
    assert overview["look_ups"] >= 1
    assert "烟台市交通运输综合行政执法支队（演示）" in {agency["name"] for agency in overview["agencies"]}
    read = song.get(f"/supervision/acts/{act}")
    assert {officer["name"] for officer in read["officers"]} == {"王建国", "李海霞"}
    assert [scan["method"] for scan in read["scans"]] == ["lookup", "camera"]
    assert "没有手机" in read["scans"][0]["purpose"]
    values = {value["label"]: value["value"] for value in read["values"]}
    assert "张**" in values.values()
    assert "（已填写）" in values.values(), "what people said stays with the agency"
    for secret in ("张三丰", CODES["zhang"], "138 0000 0000", "演示区示范路"):
        assert secret not in str(read), secret
    uses = city.phone("zhang").get("/my/uses")
    assert any(use["action"] == "supervise_act" and use["act_code"] == line["act_code"] for use in uses)


def test_the_supervisor_has_no_hand_in_an_act(city: City, song: Phone, act: str) -> None:
    before = city.phone("wang").get(f"/acts/{act}")
    for method, path, body in (
        ("GET", f"/acts/{act}", None),
        ("POST", f"/acts/{act}/scans", {"code": "x"}),
        ("POST", f"/acts/{act}/look-ups", {}),
        ("PUT", f"/acts/{act}/values/findings", {"value": "改"}),
        ("POST", f"/acts/{act}/record", {}),
        ("GET", "/audit/entries", None),
        ("POST", "/roster", {"shifts": []}),
    ):
        assert song.problem(method, path, body) == (403, "not_your_role"), path
    assert city.phone("wang").get(f"/acts/{act}") == before


@pytest.mark.parametrize("username", ["wang", "qian", "zhang", "yu", "he"])
def test_nobody_else_supervises(city: City, act: str, username: str) -> None:
    phone = city.phone(username)
    for path in ("/overview", "/acts", f"/acts/{act}", "/alarms", "/break-glass", "/inquiries"):
        assert phone.problem("GET", f"/supervision{path}") == (403, "not_your_role")


@pytest.mark.parametrize(("username", "path"), [("song", "/supervision/acts"), ("he", "/audit/entries"), ("yu", "/inquiries")])
def test_the_account_alone_is_not_the_post(city: City, database: Superuser, username: str, path: str) -> None:
    grant = "UPDATE people_postgrant SET ended_at = %s WHERE user_id = (SELECT id FROM people_user WHERE username = %s)"
    phone = city.phone(username)
    database.execute(grant, [datetime.now(UTC), username])
    try:
        assert phone.problem("GET", path) == (403, "post_needed")
    finally:
        database.execute(grant, [None, username])
    phone.get(path)


def test_a_bureau_of_another_city_sees_nothing_of_this_one(city: City, act: str, song: Phone, database: Superuser) -> None:
    database.execute("INSERT INTO people_region (code, name) VALUES ('370700', '潍坊市') ON CONFLICT DO NOTHING")
    move = "UPDATE people_agency SET region_id = %s WHERE name LIKE '烟台市司法局%%'"
    database.execute(move, ["370700"])
    try:
        moved = city.phone("song")
        assert moved.get("/supervision/acts") == []
        assert moved.get("/supervision/alarms") == []
        assert moved.problem("GET", f"/supervision/acts/{act}") == (404, "supervised_act_not_found")
        assert moved.problem("GET", f"/supervision/acts/{uuid4()}") == (404, "supervised_act_not_found"), "no difference"
        assert city.phone("he").get("/audit/entries?action=look_up")["entries"] == []
    finally:
        database.execute(move, ["370600"])
    assert song.get("/supervision/acts"), "control: the own bureau sees them"


def test_without_row_level_security_the_other_bureau_would_see_them(city: City, act: str, database: Superuser) -> None:
    """The control: the application asks for everything and the database leaves the rest out."""
    database.execute("INSERT INTO people_region (code, name) VALUES ('370700', '潍坊市') ON CONFLICT DO NOTHING")
    move = "UPDATE people_agency SET region_id = %s WHERE name LIKE '烟台市司法局%%'"
    database.execute(move, ["370700"])
    database.execute("ALTER TABLE cases_act NO FORCE ROW LEVEL SECURITY; ALTER TABLE cases_act DISABLE ROW LEVEL SECURITY")
    try:
        assert act in {line["id"] for line in city.phone("song").get("/supervision/acts")}
    finally:
        database.execute("ALTER TABLE cases_act ENABLE ROW LEVEL SECURITY; ALTER TABLE cases_act FORCE ROW LEVEL SECURITY")
        database.execute(move, ["370600"])


# --- alarms of acts --------------------------------------------------------------------------------------------------------


def alarms(song: Phone, act: str) -> set[str]:
    return {alarm["kind"] for alarm in song.get("/supervision/alarms") if alarm["act"] == act}


def test_acts_raise_their_alarms_once(city: City, song: Phone, database: Superuser) -> None:
    wang, li, zhang = city.phone("wang"), city.phone("li"), city.phone("zhang")
    acts = [open_act(city, wang, li) for _ in range(5)]
    for act in acts:
        wang.scan(act, zhang.code_for("道路运输经营许可证")["text"])
    watch(city)
    assert alarms(song, acts[0]) <= {"repeated_inspection"}, "control: an act that goes on as it should"
    database.execute("UPDATE cases_act SET opened_at = opened_at - interval '25 hours' WHERE id = %s", [acts[0]])
    database.execute(
        "UPDATE cases_actofficer SET shown_at = NULL WHERE act_id = %s AND officer_id = (SELECT id FROM people_user"
        " WHERE username = 'li')",
        [acts[0]],
    )
    watch(city)
    watch(city)
    assert alarms(song, acts[0]) >= {"missing_record", "single_officer"}
    assert "repeated_inspection" in alarms(song, acts[4]), "the same permit five times in a month"
    keys = [(alarm["kind"], alarm["act"], alarm["officer"]) for alarm in song.get("/supervision/alarms")]
    assert len(keys) == len(set(keys))


def test_a_certificate_that_had_expired_alarms(city: City, song: Phone, database: Superuser) -> None:
    act = open_act(city, city.phone("wang"), city.phone("li"))
    change = "UPDATE people_enforcementcertificate SET valid_to = valid_to + make_interval(days => %s) WHERE officer_id ="
    change += " (SELECT id FROM people_user WHERE username = 'li')"
    database.execute(change, [-4000])
    try:
        watch(city)
        assert "certificate_not_valid" in alarms(song, act)
    finally:
        database.execute(change, [4000])


def test_an_alarm_is_closed_with_a_note_and_stays_closed(song: Phone, yu: Phone) -> None:
    alarm = song.get("/supervision/alarms")[0]
    path = f"/supervision/alarms/{alarm['id']}/close"
    assert song.problem("POST", path, {"note": " "}) == (422, "reason_required")
    assert yu.problem("POST", path, {"note": "没事"}) == (403, "not_your_role")
    song.post(path, {"note": "已电话核实，补制笔录"})
    assert song.problem("POST", path, {"note": "再关一次"}) == (409, "alarm_closed")
    closed = next(one for one in song.get("/supervision/alarms?closed=true") if one["id"] == alarm["id"])
    assert closed["note"] == "已电话核实，补制笔录"


# --- inquiries -------------------------------------------------------------------------------------------------------------


def test_an_inquiry_is_asked_answered_and_closed(city: City, song: Phone, yu: Phone, act: str) -> None:
    agency = next(line["agency_id"] for line in song.get("/supervision/acts") if line["id"] == act)
    key, wish = str(uuid4()), {"agency": agency, "question": "请说明未及时制作笔录的原因（演示）", "days": 5, "act": act}
    mine = song.post("/supervision/inquiries", wish, key=key)[0]
    assert song.post("/supervision/inquiries", wish, key=key)[0]["id"] == mine["id"], "the same request asks once"
    assert mine["due_on"] > (datetime.now(UTC) + timedelta(days=4)).date().isoformat()
    asked = next(one for one in yu.get("/inquiries") if one["id"] == mine["id"])
    assert asked["question"] == wish["question"]
    path = f"/inquiries/{mine['id']}/answers"
    for other, code in (("wang", "post_needed"), ("song", "not_your_role"), ("zhang", "not_your_role")):
        assert city.phone(other).problem("POST", path, {"text": "代答"}) == (403, code)
    yu.post(path, {"text": "设备故障，已补制（演示）"})
    answered = next(one for one in song.get("/supervision/inquiries") if one["id"] == mine["id"])
    assert [answer["text"] for answer in answered["answers"]] == ["设备故障，已补制（演示）"]
    song.post(f"/supervision/inquiries/{mine['id']}/close")
    assert yu.problem("POST", path, {"text": "补充"}) == (409, "inquiry_closed")
    assert song.problem("POST", "/supervision/inquiries", wish | {"agency": str(uuid4())}) == (404, "agency_not_in_area")


def test_an_inquiry_nobody_answered_in_time_alarms(city: City, song: Phone, act: str, database: Superuser) -> None:
    agency = next(line["agency_id"] for line in song.get("/supervision/acts") if line["id"] == act)
    mine = song.post("/supervision/inquiries", {"agency": agency, "question": "请报送整改情况（演示）", "days": 1})[0]
    watch(city)
    assert not song.get("/supervision/alarms?kind=inquiry_unanswered")
    database.execute("UPDATE supervision_inquiry SET due_on = due_on - 30 WHERE id = %s", [mine["id"]])
    watch(city)
    assert song.get("/supervision/alarms?kind=inquiry_unanswered")
    assert next(one for one in song.get("/supervision/inquiries") if one["id"] == mine["id"])["is_late"]


# --- roster: look-ups off duty ---------------------------------------------------------------------------------------------


def test_look_ups_far_outside_the_roster_alarm(city: City, song: Phone, yu: Phone) -> None:
    wang, li = city.phone("wang"), city.phone("li")
    me, now = li.get("/session")["me"]["id"], datetime.now(UTC)
    begins, ends = ((now - timedelta(hours=hours)).isoformat() for hours in (20, 12))
    turn = {"officer": me, "starts_at": begins, "ends_at": ends}
    for bad in (
        {**turn, "ends_at": turn["starts_at"]},
        {**turn, "officer": str(uuid4())},
        {**turn, "starts_at": "2026-01-01T08:00:00"},
        {**turn, "ends_at": (now + timedelta(hours=30)).isoformat()},
    ):
        assert yu.problem("POST", "/roster", {"shifts": [bad]}) == (422, "shift_not_usable")
    act = open_act(city, wang, li)
    body = by_person("张三丰", CODES["zhang"], wanted=requirement(li, act, "person"))

    def off_duty() -> list[Json]:
        return [alarm for alarm in song.get("/supervision/alarms?kind=off_duty") if alarm["officer"] == "李海霞"]

    for _ in range(5):
        li.post(f"/acts/{act}/look-ups", body)
    assert off_duty() == [], "control: nobody keeps a roster, so nobody is off duty"
    assert yu.post("/roster", {"shifts": [turn]}) == {"entered": 1}
    assert yu.post("/roster", {"shifts": [turn]}) == {"entered": 1}, "the same turn is entered once"
    li.post(f"/acts/{act}/look-ups", body)
    assert len(off_duty()) == 1


# --- the auditor -----------------------------------------------------------------------------------------------------------


def test_the_auditor_filters_the_log_and_takes_a_proof_that_anyone_can_check(city: City, he: Phone, act: str) -> None:
    code = city.phone("wang").get(f"/acts/{act}")["act_code"]
    page = he.get(f"/audit/entries?act={code}")["entries"]
    assert {"look_up", "scan", "prefill"} <= {entry["action"] for entry in page}
    look_ups = he.get(f"/audit/entries?act={code}&action=look_up")["entries"]
    assert [entry["action"] for entry in look_ups] == ["look_up"]
    entry = look_ups[0]
    number = entry["actor_number"]
    assert all(one["actor_number"] == number for one in he.get(f"/audit/entries?actor={number}")["entries"])
    assert he.get("/audit/entries?until=2020-01-01")["entries"] == []
    assert he.get(f"/audit/entries?since={entry['at'][:10]}")["entries"]
    assert "张三丰" not in str(page)
    assert CODES["zhang"] not in str(page)
    assert he.get("/audit/entries?action=audit_read")["entries"], "the auditor's own looks are in the log, too"
    seal(city)
    answer = he.send("GET", f"/audit/entries/{entry['id']}/proof")
    assert answer.status_code == 200, answer.text
    receipt = read_receipt(answer.content)
    checkpoint, _ = receipt.verify(keys_of(city))
    assert checkpoint.size > receipt.index
    assert code.encode() in receipt.entry
    assert he.problem("GET", f"/audit/entries/{uuid4()}/proof") == (404, "entry_not_found")
    for other in ("wang", "song", "yu", "zhang"):
        assert city.phone(other).problem("GET", f"/audit/entries/{entry['id']}/proof") == (403, "not_your_role")


def test_pages_of_the_log_follow_one_another(he: Phone) -> None:
    first = he.get("/audit/entries")
    assert len(first["entries"]) == 100
    second = he.get(f"/audit/entries?before={first['next']}")
    keys = [entry["id"] for page in (first, second) for entry in page["entries"]]
    assert keys == sorted(keys, reverse=True)
    assert len(keys) == len(set(keys))
