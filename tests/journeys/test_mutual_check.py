"""张三丰 checks the officers himself: by the number of the inspection, and without signal by what both phones signed."""

from __future__ import annotations

import re
import time

import httpx
from playwright.sync_api import Browser, expect

from liangzheng.codes.offline_code import Proof, make_proof, write_offline_code
from tests.journeys.browser import Screen
from tests.journeys.conftest import City
from tests.journeys.devices import Queue
from tests.journeys.phones import Json, Phone, open_coach_act
from tests.journeys.showing import Showing


def word(page: str) -> str:
    """Read the one line that counts."""
    found = re.search(r'data-testid="check-word">([^<]+)<', page)
    assert found is not None
    return found[1]


def states(page: str) -> list[str]:
    return re.findall(r'data-testid="check-officer" data-state="([a-z_]+)"', page)


def acknowledged(phone: Phone, act: str) -> list[bool]:
    return [officer["acknowledged_at"] is not None for officer in phone.get(f"/acts/{act}")["officers"]]


def test_the_party_types_the_number_and_both_officers_stand_there(city: City) -> None:
    wang, li = city.phone("wang"), city.phone("li")
    act = open_coach_act(wang)
    with httpx.Client(base_url=city.address, timeout=20) as party:
        nobody = party.get("/check", params={"act": act["act_code"]}).text
        assert (word(nobody), states(nobody)) == ("现在还不能确认", ["not_shown", "not_shown"])
        wang.post(f"/acts/{act['id']}/badge")
        one = party.get("/check", params={"act": act["act_code"]}).text
        assert word(one) == "现在还不能确认", "one officer is not enough (R01)"
        assert "check-confirm" not in one
        li.post(f"/acts/{act['id']}/badge")
        typed = f" {act['act_code'].lower().replace('-', '－')} "
        both = party.get("/check", params={"act": typed}).text
        assert (word(both), states(both)) == ("两名执法人员证件有效", ["valid", "valid"])
        assert "鲁F0D101" not in both, "nothing of the party or the vehicle"
        assert "迎春大街" not in both
        assert acknowledged(wang, act["id"]) == [False, False], "looking is not yet confirming"
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', both)
        assert token is not None
        photo = re.search(r'src="(/check/photo/[^"]+)"', both)
        assert photo is not None
        assert party.get(photo[1].replace("&amp;", "&")).headers["content-type"] == "image/png"
        done = party.post(
            "/check", data={"act": act["act_code"], "csrfmiddlewaretoken": token[1]}, headers={"Referer": city.address}
        )
        assert "check-done" in done.text
    assert acknowledged(wang, act["id"]) == [True, True]


def test_the_party_confirms_in_a_real_browser(city: City, browser: Browser) -> None:
    wang, li = city.phone("wang"), city.phone("li")
    act = open_coach_act(wang)
    for officer in (wang, li):
        officer.post(f"/acts/{act['id']}/badge")
    party = Screen(browser, city.address)
    party.page.goto("/check")
    party.see("check-number").fill(act["act_code"])
    party.tap("check-submit")
    assert party.text("check-word") == "两名执法人员证件有效"
    party.tap("check-confirm")
    expect(party.see("check-done")).to_be_visible()
    assert acknowledged(wang, act["id"]) == [True, True]


def test_an_unknown_old_or_malformed_number_finds_nothing(city: City) -> None:
    for number in ("370602-20261125-ZZZZZZ", "999999-20261125-K7QF29", "' OR 1=1 --", "x" * 5000):
        answer = httpx.get(f"{city.address}/check", params={"act": number}, timeout=20)
        assert (answer.status_code, word(answer.text)) == (404, "没有查到这次检查"), number
    assert httpx.get(f"{city.address}/check", timeout=20).status_code == 200
    assert httpx.post(f"{city.address}/check", data={"act": "x"}, timeout=20).status_code == 403, "without the form's own token"


def countersigned(zhang: Showing, match: int) -> str:
    """张三丰 shows his driving licence with the number he saw on the badge."""
    credential = zhang.credentials[zhang.licence("道路运输从业人员从业资格证")]
    proof = Proof(issued_at=int(time.time()), counter=next(zhang.counter), lifetime=60, match_number=match)
    return write_offline_code(credential, make_proof(proof, credential, zhang.key))


def presence(queue: Queue, act: Json, match: int, party: str) -> Json:
    queue.add("presence", act["id"], {"match": match, "party": party})
    return queue.upload()["results"][-1]


def test_without_signal_both_phones_sign_that_they_met(city: City) -> None:
    wang, zhang = city.phone("wang"), Showing.of(city.phone("zhang"))
    act = open_coach_act(wang)
    mine = next(officer for officer in act["officers"] if officer["is_me"])
    queue, match = Queue.of(wang), int(mine["match_number"])
    assert presence(queue, act, (match + 1) % 10_000, "")["reason"] == "match_number_differs"
    assert presence(queue, act, match, "")["state"] == "applied"
    assert acknowledged(wang, act["id"]) == [False, False], "control: the officer's own word acknowledges nothing"
    assert presence(queue, act, match, countersigned(zhang, (match + 1) % 10_000 or 7))["state"] == "applied"
    assert acknowledged(wang, act["id"]) == [False, False], "control: the party's phone signed another number"
    forged = countersigned(zhang, match)[:-6] + "AAAAAA"
    presence(queue, act, match, forged)
    assert acknowledged(wang, act["id"]) == [False, False], "control: a changed showing"
    assert presence(queue, act, match, countersigned(zhang, match))["state"] == "applied"
    me = [officer["is_me"] for officer in act["officers"]]
    assert acknowledged(wang, act["id"]) == me, "the other officer has still to be checked"
