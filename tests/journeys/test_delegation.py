"""代为出示: one licence, for a purpose and a time; taken back at once; never passed on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from tests.journeys.conftest import City
from tests.journeys.phones import Json, Phone, open_coach_act, show_and_open


def own(phone: Phone) -> list[Json]:
    """The account's own licences."""
    return [item for item in phone.get("/my/licences") if item["on_behalf_of"] is None]


def wish(licence: str, **other: Json) -> Json:
    """A delegation as it is entered."""
    until = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    return {"licence": licence, "to_user": "liu", "purpose": "9月12日烟台至青岛包车", "until": until, **other}


def delegated(phone: Phone) -> set[str]:
    """Ids of licences that are others'."""
    return {item["id"] for item in phone.get("/my/licences") if item["on_behalf_of"]}


def test_a_firm_lets_a_driver_show_one_licence_until_it_takes_that_back(city: City) -> None:
    firm, liu, wang = city.phone("haiyun"), city.phone("liu"), city.phone("wang")
    licence, other = own(firm)[0]["id"], own(firm)[1]["id"]
    before = delegated(liu)
    assert licence not in before, "control"
    given = firm.post("/my/delegations", wish(licence))
    assert (given["given"], given["person"], given["purpose"]) == (True, "刘**", "9月12日烟台至青岛包车")
    assert delegated(liu) == before | {licence}, "this licence, and no other of the firm"
    assert liu.problem("POST", f"/my/licences/{other}/code") == (404, "licence_not_found")
    received = next(item for item in liu.get("/my/delegations") if item["id"] == given["id"])
    assert (received["given"], "海云" in received["organisation"]) == (False, True)
    act = open_coach_act(wang)["id"]
    show_and_open(city.address, act, wang, city.phone("li"))
    assert wang.scan(act, liu.post(f"/my/licences/{licence}/code")["text"])["verdict"]["standing"] == "valid"
    assert liu.problem("DELETE", f"/my/delegations/{given['id']}") == (404, "delegation_not_found")
    for _ in range(2):
        firm.send("DELETE", f"/my/delegations/{given['id']}").raise_for_status()
    assert delegated(liu) == before
    assert liu.problem("POST", f"/my/licences/{licence}/code") == (404, "licence_not_found")
    ended = next(item for item in liu.get("/my/delegations") if item["id"] == given["id"])
    assert ended["revoked_at"] is not None
    assert "海云" in ended["organisation"]


def test_who_may_delegate_is_said_with_each_licence(city: City) -> None:
    assert all(item["may_delegate"] for item in own(city.phone("haiyun")))
    assert not any(item["may_delegate"] for item in city.phone("zhang").get("/my/licences"))


def test_what_may_not_be_delegated(city: City) -> None:
    firm, liu = city.phone("haiyun"), city.phone("liu")
    licence = own(firm)[0]["id"]
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    for body, expected in (
        (wish(licence, purpose=" "), (422, "reason_required")),
        (wish(licence, until=(tomorrow - timedelta(days=2)).isoformat()), (422, "invalid_input")),
        (wish(licence, until=(tomorrow + timedelta(days=400)).isoformat()), (422, "invalid_input")),
        (wish(licence, until=tomorrow.replace(tzinfo=None).isoformat()), (422, "invalid_input")),
        (wish(licence, to_user="nobody"), (409, "delegation_not_allowed")),
        (wish(licence, to_user="wang"), (409, "delegation_not_allowed")),
        (wish(licence, to_user="haiyun"), (409, "delegation_not_allowed")),
        (wish(str(uuid4())), (404, "licence_not_found")),
        (wish(own(city.phone("shunda"))[0]["id"]), (404, "licence_not_found")),
    ):
        assert firm.problem("POST", "/my/delegations", body) == expected, body
    assert liu.problem("POST", "/my/delegations", wish(own(liu)[0]["id"], to_user="zhang")) == (409, "delegation_not_allowed")
    zhang = city.phone("zhang")
    entrusted = next(iter(delegated(zhang)))
    assert zhang.problem("POST", "/my/delegations", wish(entrusted)) == (404, "licence_not_found"), "no passing on"
