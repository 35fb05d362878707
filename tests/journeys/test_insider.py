"""The insider (330 look-ups a day): stopped at the quota on the first day, alarmed the same day; and the officer in need, who
has a way out that somebody looks at."""

from __future__ import annotations

import sys
from datetime import date, datetime, timedelta
from uuid import uuid4

import psycopg
import pytest

from dev.city.people import citizen_id
from liangzheng.server.postgres import EmbeddedPostgres
from tests.journeys.conftest import City
from tests.journeys.looking_up import CODES, by_person, options, requirement, watch
from tests.journeys.phones import Json, Phone, show_and_open

QUOTA, BORN = 50, date(1990, 1, 1)
WANTED = 330  # a day: 88,985 in nine months (docs/reference/look-ups.md)
Superuser = psycopg.Connection[tuple[object, ...]]


@pytest.fixture(scope="module")
def zhao(city: City) -> Phone:
    return city.phone("zhao")


@pytest.fixture(scope="module")
def song(city: City) -> Phone:
    return city.phone("song")


def open_guide_act(city: City, first: str, second: str, name: str) -> str:
    one, two = city.phone(first), city.phone(second)
    wish = {"subject": "guide", "place": "演示景区", "second_officer": one.colleague(name), "asks": {"agency_name": "演示旅行社"}}
    act = str(one.post("/acts", wish)["id"])
    show_and_open(city.address, act, one, two)
    return act


@pytest.fixture(scope="module")
def act(city: City) -> str:
    """The insider has talked a colleague into showing his badge, too."""
    return open_guide_act(city, "zhao", "sun", "孙晓彤")


def alarms(song: Phone, kind: str) -> list[Json]:
    return [alarm for alarm in song.get(f"/supervision/alarms?kind={kind}") if alarm["officer"] == "赵文博"]


def victim(number: int) -> Json:
    """Somebody nobody knows; every tenth is 陈若溪, who has a guide's certificate."""
    return ("陈若溪", CODES["chen"]) if number % 10 == 0 else ("演示某人", citizen_id(BORN, number + 100))


def test_the_insider_is_stopped_on_the_first_day_and_alarmed_the_same_day(city: City, zhao: Phone, song: Phone, act: str) -> None:
    assert alarms(song, "quota_reached") == []
    wanted = requirement(zhao, act, "person")
    answers = [
        zhao.send("POST", f"/acts/{act}/look-ups", by_person(*victim(number), wanted=wanted, ground="doubt"))
        for number in range(WANTED)
    ]
    let_through = [answer for answer in answers if answer.is_success]
    refused = {answer.json()["code"] for answer in answers if not answer.is_success}
    raised = alarms(song, "quota_reached")
    sys.stdout.write(f"insider: {len(let_through)} of {WANTED} let through; alarms that day: {kinds(song)}\n")
    assert len(let_through) == QUOTA
    assert refused == {"quota_spent"}
    assert len(raised) == 1, "one alarm, not 280"
    assert abs(moment(raised[0]["at"]) - moment(let_through[-1].json()["at"])) < timedelta(minutes=5), "at once, not in a report"
    assert alarms(song, "many_look_ups"), "and that they were many was seen before"
    uses = [use for use in city.phone("chen").get("/my/uses") if use["action"] == "look_up"]
    found = [answer for answer in let_through if answer.json()["licence"]]
    assert len(uses) == len(found) == QUOTA // 10, "陈若溪 sees every one of them"


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def kinds(song: Phone) -> list[str]:
    return sorted(alarm["kind"] for alarm in song.get("/supervision/alarms") if alarm["officer"] == "赵文博")


def test_there_is_nothing_to_export_only_one_licence_at_a_time(zhao: Phone, act: str) -> None:
    whole = zhao.http.get(f"/api/v1/acts/{act}").text
    assert CODES["chen"] not in whole, "the act names nobody's number"
    for path in ("/licences", "/holders", "/persons", "/export", "/look-ups"):
        assert zhao.send("GET", path).status_code == 404, path


# --- break-glass ------------------------------------------------------------------------------------------------------------


def test_an_officer_in_need_opens_an_emergency_access_and_the_supervisor_reviews_it(zhao: Phone, song: Phone, act: str) -> None:
    path, body = f"/acts/{act}/look-ups", by_person("陈若溪", CODES["chen"], wanted=requirement(zhao, act, "person"))
    assert zhao.problem("POST", path, body) == (409, "quota_spent")
    emergency = f"/acts/{act}/break-glass"
    for wish, status, code in (
        ({"reason": "急", "minutes": 30}, 422, "reason_required"),
        ({"reason": "景区发生事故，须逐一核对带团人员", "minutes": 61}, 422, "invalid_input"),
        ({"reason": "景区发生事故，须逐一核对带团人员", "minutes": 30, "more": 100}, 422, "invalid_input"),
    ):
        assert zhao.problem("POST", emergency, wish) == (status, code)
    key, wish = str(uuid4()), {"reason": "景区发生事故，须逐一核对带团人员", "minutes": 30}
    opened = zhao.post(emergency, wish, key=key)
    assert opened["emergency_left"] == opened["emergency_gives"] == 20
    assert zhao.post(emergency, wish, key=key) == opened, "the same request opens one"
    assert zhao.problem("POST", emergency, wish) == (409, "break_glass_pending")
    assert zhao.post(path, body)["licence"]["holder_name"] == "陈若溪"
    assert options(zhao, act)["allowance"]["emergency_left"] == 19
    for _ in range(19):
        zhao.post(path, body)
    assert zhao.problem("POST", path, body) == (409, "quota_spent"), "an emergency has an end, too"
    access = next(item for item in song.get("/supervision/break-glass") if item["officer"] == "赵文博")
    assert (access["look_ups"], access["is_late"], access["reason"]) == (20, False, wish["reason"])
    assert alarms(song, "break_glass_opened")
    review = f"/supervision/break-glass/{access['id']}/review"
    assert song.problem("POST", review, {"accepted": False, "note": " "}) == (422, "reason_required")
    assert zhao.problem("POST", review, {"accepted": True, "note": "自己复核"}) == (403, "not_your_role")
    song.post(review, {"accepted": False, "note": "没有事故"})
    assert song.problem("POST", review, {"accepted": True, "note": "改主意"}) == (409, "break_glass_reviewed")
    assert zhao.problem("POST", emergency, wish) == (409, "break_glass_rejected")


USED_UP = "UPDATE mandates_lookupcount SET used = 50 WHERE officer = (SELECT id FROM people_user WHERE username = 'sun')"
AN_HOUR_LATER = """UPDATE mandates_breakglass SET opened_at = opened_at - interval '61 minutes',
  expires_at = expires_at - interval '61 minutes'"""


def test_an_access_ends_by_itself_and_one_that_nobody_reviewed_alarms(city: City, song: Phone) -> None:
    act = open_guide_act(city, "sun", "zhao", "赵文博")
    sun = city.phone("sun")
    body = by_person("陈若溪", CODES["chen"], wanted=requirement(sun, act, "person"))
    sun.post(f"/acts/{act}/look-ups", body)
    sun.post(f"/acts/{act}/break-glass", {"reason": "大型活动安全保障，短时间内核对多人", "minutes": 60})
    with psycopg.connect(EmbeddedPostgres(city.folder).conninfo("postgres"), autocommit=True) as database:
        database.execute(USED_UP)
        sun.post(f"/acts/{act}/look-ups", body)
        database.execute(AN_HOUR_LATER)
        assert sun.problem("POST", f"/acts/{act}/look-ups", body) == (409, "quota_spent"), "after its hour it is over"
        watch(city)
        assert late(song) == []
        database.execute("UPDATE mandates_breakglass SET review_due = now() - interval '1 minute'")
    watch(city)
    watch(city)
    assert len(late(song)) == 1, "raised once"
    assert next(item for item in song.get("/supervision/break-glass") if item["officer"] == "孙晓彤")["is_late"]


def late(song: Phone) -> list[Json]:
    found: list[Json] = song.get("/supervision/alarms?kind=break_glass_unreviewed")
    return found
