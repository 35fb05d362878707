"""The device registry: no enrolment without the key, one account for good, a revoked device is refused at its next request."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest

from liangzheng.crypto.p256 import P256PrivateKey
from liangzheng.crypto.sm2 import SM2PrivateKey
from liangzheng.people.devices import ENROL
from liangzheng.server.postgres import EmbeddedPostgres
from tests.journeys.conftest import City
from tests.journeys.devices import DeviceKey, enrol, proof_of
from tests.journeys.phones import Phone


@pytest.mark.parametrize("key", [P256PrivateKey.generate(), SM2PrivateKey.generate()], ids=["ES256", "SM2"])
def test_a_phone_enrols_its_key_once_and_is_recognised_later(city: City, key: DeviceKey) -> None:
    wang = city.phone("wang")
    device = enrol(wang, key)
    mine = {item["id"]: item for item in wang.get("/devices")}
    assert (mine[device]["label"], mine[device]["revoked_at"]) == ("演示手机", None)
    assert enrol(city.phone("wang"), key) == device, "the same key is the same device"
    assert device not in {item["id"] for item in city.phone("li").get("/devices")}


def test_without_possession_there_is_no_enrolment(city: City) -> None:
    wang, key, other = city.phone("wang"), P256PrivateKey.generate(), P256PrivateKey.generate()
    me = UUID(wang.get("/session")["me"]["id"])
    before = len(wang.get("/devices"))
    for wrong in (
        {"public_key": other.public_key.point},  # somebody else's key
        {"signature": bytes(64)},
        {"challenge": bytes(32)},  # a challenge of one's own
        {"signed": ENROL + bytes(32) + me.bytes},
        {"signed": me.bytes},
    ):
        assert wang.problem("POST", "/devices", proof_of(wang, key, **wrong)) == (403, "device_challenge")
    for malformed in ({"public_key": key.public_key.point[:-1]}, {"public_key": b"\x04" + bytes(64)}):
        assert wang.problem("POST", "/devices", proof_of(wang, key, **malformed)) == (422, "invalid_input")
    good = proof_of(wang, key)
    assert wang.problem("POST", "/devices", {**good, "signature": "*"}) == (422, "invalid_input")
    assert wang.problem("POST", "/devices", {**good, "algorithm": "none"}) == (422, "invalid_input")
    assert wang.problem("POST", "/devices", {**good, "algorithm": "SM2"})[0] == 422, "a point of the other curve"
    assert len(wang.get("/devices")) == before
    assert wang.post("/devices", good), "control: the same request unaltered"
    assert wang.problem("POST", "/devices", good) == (403, "device_challenge"), "a challenge is good once"


def test_a_proof_for_one_account_is_none_for_another_and_a_key_has_one_owner(city: City) -> None:
    wang, li, key = city.phone("wang"), city.phone("li"), P256PrivateKey.generate()
    assert li.problem("POST", "/devices", proof_of(wang, key)) == (403, "device_challenge")
    enrol(wang, key)
    assert li.problem("POST", "/devices", proof_of(li, key)) == (409, "device_taken")
    stranger = Phone(city.address)
    assert stranger.problem("POST", "/devices/challenge") == (403, "not_signed_in")


def test_a_revoked_device_is_refused_at_its_next_request(city: City) -> None:
    lost, desk, key = city.phone("wang"), city.phone("wang"), P256PrivateKey.generate()
    device = enrol(lost, key)
    assert lost.get("/acts") is not None, "control: it worked until now"
    assert desk.problem("POST", f"/devices/{device}/revoke", {"reason": " "}) == (422, "reason_required")
    assert city.phone("li").problem("POST", f"/devices/{device}/revoke", {"reason": "别人的"}) == (404, "device_unknown")
    revoked = desk.post(f"/devices/{device}/revoke", {"reason": "手机遗失"})
    assert revoked["revoked_reason"] == "手机遗失"
    for method, path in (("GET", "/acts"), ("GET", "/session"), ("GET", "/colleagues"), ("POST", "/devices/challenge")):
        assert lost.problem(method, path) == (401, "device_revoked")
    assert desk.get("/acts") is not None, "control: another session of the same officer goes on"
    again = desk.post(f"/devices/{device}/revoke", {"reason": "第二次"})
    assert again["revoked_reason"] == "手机遗失", "what was written stays"


def test_a_revoked_key_is_not_enrolled_again(city: City) -> None:
    wang, key = city.phone("wang"), P256PrivateKey.generate()
    device = enrol(wang, key)
    wang.post(f"/devices/{device}/revoke", {"reason": "更换手机"})
    fresh = city.phone("wang")
    assert fresh.problem("POST", "/devices", proof_of(fresh, key)) == (401, "device_revoked")
    assert fresh.problem("GET", "/acts") == (401, "device_revoked"), "the session has said which device it is"
    fresh.send("DELETE", "/session")
    assert fresh.get("/session")["me"] is None


@pytest.fixture
def administrator(city: City, city_folder: Path) -> Phone:
    """An administrator of the transport agency, made behind the application: the demo city has none."""
    name = f"admin-{uuid4().hex[:8]}"
    make = """INSERT INTO people_user SELECT (jsonb_populate_record(u, jsonb_build_object('id', gen_random_uuid(),
      'username', %s::text, 'role', 'administrator', 'name', '\\x'))).* FROM people_user u WHERE username = 'wang'"""
    with psycopg.connect(EmbeddedPostgres(city_folder).conninfo("postgres"), autocommit=True) as connection:
        connection.execute(make, [name])
    return city.phone(name)


def test_an_administrator_revokes_devices_of_his_agency_only(city: City, administrator: Phone) -> None:
    wang, zhao = city.phone("wang"), city.phone("zhao")
    own, foreign = enrol(wang, P256PrivateKey.generate()), enrol(zhao, P256PrivateKey.generate())
    listed = {item["id"] for item in administrator.get("/devices")}
    assert own in listed
    assert foreign not in listed
    assert administrator.problem("POST", f"/devices/{foreign}/revoke", {"reason": "x"}) == (404, "device_unknown")
    administrator.post(f"/devices/{own}/revoke", {"reason": "离职"})
    assert wang.problem("GET", "/acts") == (401, "device_revoked")
    assert zhao.get("/acts") is not None


def test_a_phone_may_be_named_anew(city: City) -> None:
    wang, key = city.phone("wang"), P256PrivateKey.generate()
    device = enrol(wang, key)
    for label, expected in (("执法一号机", "执法一号机"), (" ", "执法一号机")):
        wang.post("/devices", proof_of(wang, key) | {"label": label})
        assert next(item["label"] for item in wang.get("/devices") if item["id"] == device) == expected
