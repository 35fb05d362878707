"""The act goes on only after two different valid officers have shown their certificates (R01, R02, R03)."""

from __future__ import annotations

from uuid import uuid4

import httpx
import pytest

from tests.journeys.conftest import City
from tests.journeys.phones import Phone, open_coach_act, show_and_open

TEXT = "LZ1:" + "0" * 137


def opening(second: str) -> dict[str, object]:
    """The form of a coach inspection."""
    return {"subject": "coach", "place": "演示路段", "second_officer": second, "asks": {"plate": "鲁F0D101"}}


def test_an_act_needs_a_second_officer_who_is_somebody_else_with_a_valid_certificate(city: City) -> None:
    wang = city.phone("wang")
    me = wang.get("/session")["me"]["id"]
    for second, code in (
        (me, "same_officer_twice"),
        (wang.colleague("周广平"), "certificate_expired"),
        (wang.colleague("钱小军"), "auxiliary_not_counted"),
        (str(uuid4()), "second_officer_missing"),
    ):
        assert wang.problem("POST", "/acts", opening(second)) == (409, code)
    reasons = {one["name"]: one["reason"] for one in wang.get("/colleagues")}
    assert reasons == {"李海霞": "", "周广平": "certificate_expired", "钱小军": "auxiliary_not_counted"}


def test_an_auxiliary_and_an_expired_officer_cannot_open_an_act_themselves(city: City) -> None:
    for username, code in (("qian", "auxiliary_not_counted"), ("zhou", "certificate_expired")):
        phone = city.phone(username)
        assert phone.problem("POST", "/acts", opening(phone.colleague("李海霞"))) == (409, code)


def test_scanning_waits_for_both_certificates_and_for_the_party_and_names_the_article(city: City) -> None:
    wang, li = city.phone("wang"), city.phone("li")
    act = open_coach_act(wang)["id"]

    def gate() -> list[str]:
        return [hit["rule"] for hit in wang.get(f"/acts/{act}")["gate"]["blocked"]]

    def scan() -> tuple[int, str]:
        return wang.problem("POST", f"/acts/{act}/scans", {"code": TEXT})

    assert scan() == (409, "officers_not_shown")
    hit = wang.get(f"/acts/{act}")["gate"]["blocked"][0]
    assert "第" in hit["article"]
    assert hit["text_as_of"]
    show_and_open(city.address, act, wang)
    assert (gate(), scan()) == (["R02"], (409, "officers_not_shown"))
    li.post(f"/acts/{act}/badge")  # shown, but the party has not looked
    assert (gate(), scan()) == (["R02"], (409, "officers_not_shown"))
    li_id = li.get("/session")["me"]["id"]
    after = wang.post(f"/acts/{act}/officers/{li_id}/declined", {"note": "当事人表示不用看"})
    assert after["gate"] == {"open": True, "blocked": []}
    assert wang.scan(act, TEXT)["verdict"]["reasons"] == ["code_unreadable"]


def test_declining_counts_only_after_the_officer_has_shown_in_his_own_session(city: City) -> None:
    wang, li = city.phone("wang"), city.phone("li")
    act = open_coach_act(wang)["id"]
    li_id = li.get("/session")["me"]["id"]
    assert wang.problem("POST", f"/acts/{act}/officers/{li_id}/declined", {"note": ""}) == (409, "officers_not_shown")


def test_one_officer_cannot_show_for_the_other_and_strangers_see_no_act(city: City) -> None:
    wang, zhao, zhang = city.phone("wang"), city.phone("zhao"), city.phone("zhang")
    act = open_coach_act(wang)["id"]
    assert zhao.problem("GET", f"/acts/{act}") == (404, "act_not_found")
    assert zhao.problem("POST", f"/acts/{act}/badge") == (404, "act_not_found")
    assert zhang.problem("GET", f"/acts/{act}") == (403, "not_your_role")
    assert Phone(city.address).send("GET", f"/acts/{act}").status_code in {401, 403}


def test_the_party_reads_the_badge_without_log_in_or_script_and_a_forged_one_is_named(city: City) -> None:
    wang = city.phone("wang")
    act = open_coach_act(wang)
    badge = wang.post(f"/acts/{act['id']}/badge")
    token = badge["url"].rsplit("/b/", 1)[1]
    page = httpx.get(f"{city.address}/b/{token}")
    for expected in ("王建国", badge["certificate"]["number"], act["act_code"], badge["match_number"], "拒绝"):
        assert expected in page.text, expected
    assert "<script" not in page.text
    assert page.headers["content-security-policy"].startswith("default-src 'self'")
    assert httpx.get(f"{city.address}/b/{token}/photo").headers["content-type"] == "image/png"
    turned = token[:60] + ("A" if token[60] != "A" else "B") + token[61:]
    assert httpx.get(f"{city.address}/b/{turned}").status_code == 404
    assert "王建国" not in httpx.get(f"{city.address}/b/{turned}").text
    fresh = wang.get(f"/acts/{act['id']}")["officers"]
    assert [bool(row["acknowledged_at"]) for row in fresh] == [True, False]


@pytest.mark.parametrize("path", ["/acts", "/colleagues", "/my/licences", "/my/uses", "/subjects"])
def test_nothing_is_shown_to_who_is_not_signed_in(city: City, path: str) -> None:
    answer = Phone(city.address).send("GET", path)
    assert answer.status_code in {401, 403}
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_wrong_password_and_a_missing_csrf_token_are_refused(city: City) -> None:
    stranger = Phone(city.address)
    assert stranger.problem("POST", "/session", {"username": "wang", "password": "wrong"}) == (403, "login_failed")
    assert stranger.problem("POST", "/session", {"username": "nobody", "password": "wrong"}) == (403, "login_failed")
    bare = httpx.post(f"{city.address}/api/v1/session", json={"username": "wang", "password": "liangzheng-demo"})
    assert bare.status_code == 403
