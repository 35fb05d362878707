"""Codes that must not get through: forged, altered, expired, replayed, of the wrong kind, unreadable; and bad licences.

Each gives a stored verdict with its reason, and nothing is lost or done twice.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from uuid_utils.compat import uuid7

from liangzheng.codes.signed import make_code, read_holder_text
from liangzheng.crypto.sm2 import SM2PrivateKey
from tests.journeys.conftest import City
from tests.journeys.phones import Json, Phone, open_coach_act, show_and_open

DRIVER = "道路运输从业人员从业资格证"


@pytest.fixture(scope="module")
def wang(city: City) -> Phone:
    """An officer who is ready to scan."""
    return city.phone("wang")


@pytest.fixture(scope="module")
def act(city: City, wang: Phone) -> str:
    """An act with the gate open."""
    act = str(open_coach_act(wang)["id"])
    show_and_open(city.address, act, wang, city.phone("li"))
    return act


def outcome(scan: Json) -> tuple[str, list[str]]:
    """Standing and reasons."""
    return scan["verdict"]["standing"], scan["verdict"]["reasons"]


def test_the_same_code_twice_is_used_up_for_this_officer_but_not_for_the_second(city: City, wang: Phone, act: str) -> None:
    text = city.phone("zhang").code_for(DRIVER)["text"]
    assert outcome(wang.scan(act, text)) == ("valid", [])
    replay = wang.scan(act, text)
    assert outcome(replay) == ("invalid", ["code_used"])
    assert replay["licence"] is None, "a replayed code opens nothing"
    assert outcome(city.phone("li").scan(act, text)) == ("valid", [])
    stored = wang.get(f"/acts/{act}/scans/{replay['id']}")
    assert outcome(stored) == ("invalid", ["code_used"]), "a refused scan is kept like a good one"


def test_a_double_tap_is_one_scan_and_a_race_for_one_code_has_one_winner(city: City, wang: Phone, act: str) -> None:
    zhang, key = city.phone("zhang"), str(uuid4())
    text = zhang.code_for(DRIVER)["text"]
    with ThreadPoolExecutor(4) as pool:
        twice = list(pool.map(lambda _: wang.scan(act, text, key=key), range(4)))
    assert len({scan["id"] for scan in twice}) == 1
    assert outcome(twice[0]) == ("valid", [])
    text = zhang.code_for(DRIVER)["text"]
    phones = [city.phone("wang") for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        results = [outcome(scan) for scan in pool.map(lambda phone: phone.scan(act, text), phones)]
    assert sorted(results) == [("invalid", ["code_used"])] * 3 + [("valid", [])]


def test_altered_forged_expired_and_unknown_codes(city: City, wang: Phone, act: str) -> None:
    now = datetime.now(UTC)
    good = city.phone("zhang").code_for(DRIVER)["text"]
    altered = good[:40] + ("A" if good[40] != "A" else "B") + good[41:]
    ours = SM2PrivateKey.from_pem((city.folder / "keys" / "platform-sm2.pem").read_bytes())
    theirs = SM2PrivateKey.generate()
    expired = make_code("holder", uuid7(), now - timedelta(seconds=61), 60, ours).holder_text()
    unknown = make_code("holder", uuid7(), now, 60, ours).holder_text()
    forged = make_code("holder", read_holder_text(good).code_id, now, 60, theirs).holder_text()
    for text, expected in (
        (altered, ("invalid", ["code_forged"])),
        (forged, ("invalid", ["code_forged"])),
        (expired, ("invalid", ["code_expired"])),
        (unknown, ("cannot_confirm", ["code_unknown"])),
        ("x" * 5000, ("invalid", ["code_unreadable"])),
        (" \t ", ("invalid", ["code_unreadable"])),
    ):
        scan = wang.scan(act, text)
        assert outcome(scan) == expected, text[:20]
        assert scan["licence"] is None


def test_a_badge_is_no_holder_code_and_a_foreign_code_is_not_called_false(wang: Phone, act: str) -> None:
    badge = wang.post(f"/acts/{act}/badge")["url"]
    assert outcome(wang.scan(act, badge)) == ("invalid", ["wrong_code_kind"])
    standing, reasons = outcome(wang.scan(act, "https://ymt.example.cn/resident/9f8e7d6c5b4a"))
    assert (standing, reasons) == ("cannot_confirm", ["foreign_code"])


def test_a_typed_short_code_does_the_same_as_a_scan(city: City, wang: Phone, act: str) -> None:
    shown = city.phone("zhang").code_for(DRIVER)
    typed = wang.scan(act, shown["short_code"].lower(), method="typed")
    assert outcome(typed) == ("valid", [])
    assert outcome(wang.scan(act, shown["text"])) == ("invalid", ["code_used"]), "both forms are one code"
    assert outcome(wang.scan(act, "ZZZZ-ZZZZ", method="typed")) == ("cannot_confirm", ["code_unknown"])


def test_a_revoked_qualification_is_named_with_its_day_and_fills_nothing(city: City, wang: Phone, act: str) -> None:
    scan = wang.scan(act, city.phone("ma").code_for(DRIVER)["text"])
    assert outcome(scan) == ("invalid", ["revoked"])
    status = next(check for check in scan["verdict"]["checks"] if check["id"] == "status")
    assert status["detail"] == scan["licence"]["status_on"]
    assert scan["fills"] == []
    driver = next(tick for tick in wang.get(f"/acts/{act}")["checklist"] if tick["requirement"]["id"] == "driver_qualification")
    assert driver["state"] == "met", "another driver's good licence has ticked the line and still does"
    exhibit = wang.post(f"/acts/{act}/scans/{scan['id']}/exhibit")
    assert (exhibit["standing"], exhibit["reasons"][0]) == ("invalid", "revoked"), "kept as what it is"


def test_bad_requests_have_stable_codes(wang: Phone, act: str) -> None:
    assert wang.problem("POST", f"/acts/{act}/scans", {"code": "x", "method": "guess"}) == (422, "invalid_input")
    assert wang.problem("POST", f"/acts/{act}/scans", {}) == (422, "invalid_input")
    assert wang.problem("GET", f"/acts/{uuid4()}") == (404, "act_not_found")
    assert wang.problem("GET", f"/acts/{act}/scans/{uuid4()}") == (404, "scan_not_found")
    without_key = wang.http.post(
        f"/api/v1/acts/{act}/scans", json={"code": "x"}, headers={"X-CSRFToken": wang.http.cookies["csrftoken"]}
    )
    assert without_key.status_code == 422


def test_a_code_shows_only_licences_of_who_makes_it(city: City) -> None:
    zhang, ma = city.phone("zhang"), city.phone("ma")
    own = next(licence for licence in zhang.get("/my/licences") if licence["type_label"] == DRIVER)
    assert ma.problem("POST", f"/my/licences/{own['id']}/code") == (404, "licence_not_found")
    assert "张三丰" not in str(ma.get("/my/licences"))
