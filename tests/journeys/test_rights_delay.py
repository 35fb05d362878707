"""延迟显示: a supervisor lets an act keep its looks from a party for a time; the time ends, and nothing can make it endless."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import psycopg
import pytest

from liangzheng.server.database import APP_ROLE
from liangzheng.server.postgres import EmbeddedPostgres
from tests.journeys.conftest import City
from tests.journeys.phones import Json, open_coach_act, show_and_open

DRIVER = "道路运输从业人员从业资格证"
Connection = psycopg.Connection[tuple[object, ...]]
REASON = "线索核查期间告知会使证据灭失（演示）"
BACK = "UPDATE rights_displaydelay SET decided_at = decided_at - %s::interval, ends_at = ends_at - %s::interval WHERE id = %s"
OVER_NOW = "UPDATE rights_displaydelay SET ends_at = now(), decided_at = now() - interval '1 day' WHERE id = %s"
RENEW = "UPDATE rights_displaydelay SET decided_at = now(), ends_at = now() + interval '1 day' WHERE id = %s"
ENDLESS = {
    "a far end": (
        (
            "UPDATE rights_displaydelay SET decision = 'approved', decided_at = now(), ends_at = now() + interval '10 years'"
            " WHERE id = %s"
        ),
        "check",
    ),
    "no end": ("UPDATE rights_displaydelay SET decision = 'approved', decided_at = now(), ends_at = NULL WHERE id = %s", "check"),
    "a decision of tomorrow": (
        (
            "UPDATE rights_displaydelay SET decision = 'approved', decided_at = now() + interval '1 day',"
            " ends_at = now() + interval '31 days' WHERE id = %s"
        ),
        "row-level security",
    ),
    "more days": ("UPDATE rights_displaydelay SET days = 10000 WHERE id = %s", "permission denied"),
}


@pytest.fixture
def superuser(city: City) -> Iterator[Connection]:
    with psycopg.connect(EmbeddedPostgres(city.folder).conninfo("postgres"), autocommit=True) as connection:
        yield connection


@pytest.fixture
def app(city: City) -> Iterator[Connection]:
    """The app role with raw SQL, in the area of every supervisor."""
    with psycopg.connect(EmbeddedPostgres(city.folder).conninfo(APP_ROLE)) as connection:
        connection.execute("SELECT set_config('app.supervised', '37', true)")
        yield connection


@pytest.fixture
def act(city: City) -> Json:
    wang = city.phone("wang")
    act = open_coach_act(wang)
    show_and_open(city.address, act["id"], wang, city.phone("li"))
    return {**act, "scan": wang.scan(act["id"], city.phone("zhang").code_for(DRIVER)["text"])}


def ask(city: City, act: Json, days: int = 30) -> Json:
    wish = {"scan": act["scan"]["id"], "days": days, "basis": "hinders_duty", "reason": REASON}
    return city.phone("wang").post(f"/acts/{act['id']}/display-delays", wish)


def looked(city: City, act: Json) -> list[str]:
    return [str(use["action"]) for use in city.phone("zhang").get(f"/my/uses?act_code={act['act_code']}")]


def test_what_is_looked_up_after_the_decision_is_shown_when_the_term_is_over(
    city: City, act: Json, superuser: Connection
) -> None:
    wang, zhang = city.phone("wang"), city.phone("zhang")
    asked = ask(city, act)
    wang.get(f"/acts/{act['id']}/scans/{act['scan']['id']}")
    assert "read_scan" in looked(city, act), "asking alone delays nothing"
    song = city.phone("song")
    assert asked["id"] in [one["id"] for one in song.get("/display-delays")]
    assert wang.problem("POST", f"/display-delays/{asked['id']}/decision", {"approve": True}) == (403, "not_your_role")
    decided = song.post(f"/display-delays/{asked['id']}/decision", {"approve": True})
    term = datetime.fromisoformat(decided["ends_at"]) - datetime.fromisoformat(decided["decided_at"])
    assert term == timedelta(days=30)
    before = looked(city, act)
    wang.post(f"/acts/{act['id']}/scans/{act['scan']['id']}/reveal", {"field": "holder_code", "reason": "核对"})
    assert looked(city, act) == before, "hidden while the term runs"
    assert "delay_approved" not in before, "neither does the decision give it away"
    entry = superuser.execute("SELECT id FROM auditlog_logentry WHERE act = %s AND action = 'reveal'", [act["id"]]).fetchone()
    assert entry is not None
    assert zhang.problem("POST", f"/my/uses/{entry[0]}/signed-receipt") == (404, "use_not_found")
    superuser.execute(BACK, ["30 days", "30 days", asked["id"]])
    uses = zhang.get(f"/my/uses?act_code={act['act_code']}")
    assert {"reveal", "delay_approved"} <= {use["action"] for use in uses}, "shown by itself"
    logged = superuser.execute("SELECT action FROM auditlog_logentry WHERE subject = %s ORDER BY id", [asked["id"]]).fetchall()
    assert [row[0] for row in logged] == ["delay_requested", "delay_approved"]


def test_a_late_look_tells_why_it_was_late(city: City, act: Json, superuser: Connection) -> None:
    asked = ask(city, act, days=1)
    city.phone("song").post(f"/display-delays/{asked['id']}/decision", {"approve": True})
    city.phone("wang").get(f"/acts/{act['id']}/scans/{act['scan']['id']}")
    assert "read_scan" not in looked(city, act)
    # The clock of a test cannot be moved, so the decision and what was seen under it are.
    superuser.execute(BACK, ["1 day", "1 day", asked["id"]])
    read = next(use for use in city.phone("zhang").get(f"/my/uses?act_code={act['act_code']}") if use["action"] == "read_scan")
    assert read["delayed"] is None, "what came after the term was never late"
    superuser.execute(
        "UPDATE rights_displaydelay SET ends_at = now(), decided_at = now() - interval '1 day' WHERE id = %s", [asked["id"]]
    )
    read = next(use for use in city.phone("zhang").get(f"/my/uses?act_code={act['act_code']}") if use["action"] == "read_scan")
    assert read["delayed"]["reason"] == REASON
    assert "第三十五条" in read["delayed"]["legal_basis"]


def test_a_refused_delay_delays_nothing_and_is_decided_once(city: City, act: Json) -> None:
    asked = ask(city, act)
    song = city.phone("song")
    assert song.post(f"/display-delays/{asked['id']}/decision", {"approve": False})["ends_at"] is None
    assert song.problem("POST", f"/display-delays/{asked['id']}/decision", {"approve": True}) == (404, "delay_not_found")
    city.phone("wang").get(f"/acts/{act['id']}/scans/{act['scan']['id']}")
    assert "read_scan" in looked(city, act)


@pytest.mark.parametrize("days", [0, -1, 91, 10_000])
def test_no_term_beyond_the_longest_is_asked_for(city: City, act: Json, days: int) -> None:
    wish = {"scan": act["scan"]["id"], "days": days, "basis": "hinders_duty", "reason": REASON}
    assert city.phone("wang").problem("POST", f"/acts/{act['id']}/display-delays", wish) == (422, "delay_unreadable")


def test_a_second_term_does_not_exist(city: City, act: Json) -> None:
    asked = ask(city, act, days=90)
    wish = {"scan": act["scan"]["id"], "days": 90, "basis": "secrecy", "reason": REASON}
    assert city.phone("wang").problem("POST", f"/acts/{act['id']}/display-delays", wish) == (409, "delay_once")
    city.phone("song").post(f"/display-delays/{asked['id']}/decision", {"approve": True})
    assert city.phone("wang").problem("POST", f"/acts/{act['id']}/display-delays", wish) == (409, "delay_once")


@pytest.mark.parametrize("name", ENDLESS)
def test_not_even_raw_sql_of_the_app_role_makes_it_endless(city: City, act: Json, app: Connection, name: str) -> None:
    asked, (change, cause) = ask(city, act), ENDLESS[name]
    with pytest.raises(psycopg.Error, match=cause):
        app.execute(change, [asked["id"]])


def test_a_decided_delay_is_never_changed_and_never_deleted(city: City, act: Json, app: Connection) -> None:
    asked = ask(city, act, days=1)
    city.phone("song").post(f"/display-delays/{asked['id']}/decision", {"approve": True})
    assert app.execute(RENEW, [asked["id"]]).rowcount == 0
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute("DELETE FROM rights_displaydelay WHERE id = %s", [asked["id"]])


def test_negative_control_without_the_policy_a_decided_delay_is_renewed(
    city: City, act: Json, app: Connection, superuser: Connection
) -> None:
    asked = ask(city, act, days=1)
    city.phone("song").post(f"/display-delays/{asked['id']}/decision", {"approve": True})
    superuser.execute("ALTER TABLE rights_displaydelay DISABLE ROW LEVEL SECURITY")
    try:
        assert app.execute(RENEW, [asked["id"]]).rowcount == 1
        app.rollback()
    finally:
        superuser.execute("ALTER TABLE rights_displaydelay ENABLE ROW LEVEL SECURITY")
