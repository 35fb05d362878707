"""Off-line codes at the server: scanned with signal, or without and uploaded later; what became known meanwhile is said."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from liangzheng.codes.offline_code import Proof, make_credential, make_proof, read_credential, write_offline_code
from liangzheng.crypto.p256 import P256PrivateKey
from liangzheng.crypto.sm2 import SM2PrivateKey
from liangzheng.server.postgres import EmbeddedPostgres
from liangzheng.verification.verdict import Result
from tests.journeys.conftest import City
from tests.journeys.devices import Queue, enrol, seen_verdict
from tests.journeys.phones import Json, Phone, open_coach_act, show_and_open
from tests.journeys.showing import Showing, read_base64url

DRIVER = "道路运输从业人员从业资格证"
VALID = seen_verdict(Result.PASS, "")


@pytest.fixture(scope="module")
def wang(city: City) -> Phone:
    """An officer."""
    return city.phone("wang")


@pytest.fixture
def act(city: City, wang: Phone) -> Json:
    """An act with the gate open."""
    act = open_coach_act(wang)
    show_and_open(city.address, act["id"], wang, city.phone("li"))
    return act


@pytest.fixture
def superuser(city: City, city_folder: Path) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """Plays a licence source that learns something new."""
    del city
    with psycopg.connect(EmbeddedPostgres(city_folder).conninfo("postgres"), autocommit=True) as connection:
        yield connection


def outcome(verdict: Json) -> tuple[str, list[str]]:
    """Standing and reasons."""
    return verdict["standing"], verdict["reasons"]


def server_verdict(wang: Phone, act: Json, queue: Queue) -> tuple[str, list[str]]:
    """Upload and give the server's verdict on the last scan."""
    result = queue.upload()["results"][-1]
    return outcome(wang.get(f"/acts/{act['id']}/scans/{result['scan_id']}")["server_verdict"])


def test_with_signal_an_off_line_code_is_judged_like_any_other_and_used_up(city: City, wang: Phone, act: Json) -> None:
    zhang = Showing.of(city.phone("zhang"))
    text = zhang.text(zhang.licence(DRIVER))
    scan = wang.scan(act["id"], text)
    assert outcome(scan["verdict"]) == ("valid", [])
    assert scan["fills"]
    assert outcome(wang.scan(act["id"], text)["verdict"]) == ("invalid", ["code_used"])
    assert outcome(wang.scan(act["id"], zhang.text(zhang.licence(DRIVER), ago=300))["verdict"]) == ("invalid", ["code_expired"])


def test_scanned_without_signal_ten_minutes_ago_it_counts_as_of_then(city: City, wang: Phone, act: Json) -> None:
    zhang, queue = Showing.of(city.phone("zhang")), Queue.of(city.phone("wang"))
    queue.scan(act["id"], zhang.text(zhang.licence(DRIVER), ago=600), VALID, ago=590)
    result = queue.upload()["results"][0]
    assert (result["state"], result["finding"]) == ("applied", None)
    scan = wang.get(f"/acts/{act['id']}/scans/{result['scan_id']}")
    assert (scan["verdict"]["standing"], scan["server_verdict"]["standing"]) == ("valid_offline", "valid")
    assert scan["fills"]
    queue.scan(act["id"], zhang.text(zhang.licence(DRIVER), ago=600), VALID)
    assert server_verdict(wang, act, queue) == ("invalid", ["code_expired"]), "control: shown ten minutes before it was scanned"


def test_what_was_revoked_meanwhile_is_a_task_and_a_notice(
    city: City, wang: Phone, act: Json, superuser: psycopg.Connection[tuple[object, ...]]
) -> None:
    zhang, queue = Showing.of(city.phone("zhang")), Queue.of(city.phone("wang"))
    licence = zhang.licence(DRIVER)
    queue.scan(act["id"], zhang.text(licence), VALID)
    superuser.execute("UPDATE licences_licence SET status = 'suspended' WHERE id = %s", [licence])
    try:
        result = queue.upload()["results"][0]
        assert result["finding"] == {"kind": "standing_differs", "server_standing": "invalid"}
        assert wang.get(f"/acts/{act['id']}/scans/{result['scan_id']}")["fills"] == []
        assert any(use["action"] == "offline_finding" for use in zhang.phone.get("/my/uses"))
    finally:
        superuser.execute("UPDATE licences_licence SET status = 'valid' WHERE id = %s", [licence])


def test_a_replay_a_relay_a_lost_phone_and_a_forgery_open_nothing(city: City, wang: Phone, act: Json) -> None:
    zhang, queue = Showing.of(city.phone("zhang")), Queue.of(city.phone("wang"))
    licence = zhang.licence(DRIVER)
    text = zhang.text(licence, audience=act["act_code"])
    queue.scan(act["id"], text, VALID)
    assert server_verdict(wang, act, queue) == ("valid", []), "control: shown for this act"
    queue.scan(act["id"], text, VALID)
    assert server_verdict(wang, act, queue) == ("invalid", ["code_used"])
    queue.scan(act["id"], zhang.text(licence, audience="370600-20260101-XXXXXX"), VALID)
    assert server_verdict(wang, act, queue) == ("cannot_confirm", ["code_unknown"])
    credential = read_credential(zhang.credentials[licence])[0]
    forged = make_credential(credential, SM2PrivateKey.generate())
    queue.scan(act["id"], zhang.text(licence, credential=forged), VALID)
    assert server_verdict(wang, act, queue) == ("invalid", ["code_forged"])
    stolen = replace(zhang, key=P256PrivateKey.generate())
    queue.scan(act["id"], stolen.text(licence), VALID)
    assert server_verdict(wang, act, queue) == ("invalid", ["code_forged"])
    city.phone("zhang").post(f"/devices/{zhang.device}/revoke", {"reason": "遗失"})
    queue.scan(act["id"], zhang.text(licence), VALID)
    assert server_verdict(wang, act, queue) == ("cannot_confirm", ["code_unknown"])


def test_one_showing_in_two_acts_is_a_task(city: City, wang: Phone, act: Json) -> None:
    zhang, li = Showing.of(city.phone("zhang")), city.phone("li")
    elsewhere = open_coach_act(li, "王建国")
    show_and_open(city.address, elsewhere["id"], wang, li)
    text = zhang.text(zhang.licence(DRIVER))
    first, second, third = Queue.of(city.phone("wang")), Queue.of(li), Queue.of(city.phone("li"))
    first.scan(act["id"], text, VALID)
    assert first.upload()["results"][0]["finding"] is None
    third.scan(act["id"], zhang.text(zhang.licence(DRIVER)), VALID)
    assert third.upload()["results"][0]["finding"] is None, "control: the second officer of the act scans another showing"
    second.scan(elsewhere["id"], text, VALID)
    assert second.upload()["results"][0]["finding"] == {"kind": "code_reused", "server_standing": "valid"}


def test_a_delegated_licence_counts_while_the_delegation_stands(city: City, wang: Phone, act: Json) -> None:
    firm, queue = city.phone("haiyun"), Queue.of(city.phone("wang"))
    licence = next(item["id"] for item in firm.get("/my/licences") if not item["reason"])
    until = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 86_400))
    wish = {"licence": licence, "to_user": "liu", "purpose": "包车", "until": until}
    given = firm.post("/my/delegations", wish)["id"]
    liu = Showing.of(city.phone("liu"))
    queue.scan(act["id"], liu.text(licence), VALID)
    assert server_verdict(wang, act, queue) == ("valid", [])
    firm.send("DELETE", f"/my/delegations/{given}").raise_for_status()
    queue.scan(act["id"], liu.text(licence), VALID)
    assert server_verdict(wang, act, queue) == ("cannot_confirm", ["code_unknown"])


def test_an_officers_certificate_is_no_holders_code(city: City, wang: Phone, act: Json) -> None:
    li = city.phone("li")
    key = P256PrivateKey.generate()
    (item,) = li.post(f"/devices/{enrol(li, key)}/credentials")["credentials"]
    credential = read_base64url(item["credential"])
    proof = make_proof(Proof(issued_at=int(time.time()), counter=1, lifetime=60), credential, key)
    assert outcome(wang.scan(act["id"], write_offline_code(credential, proof))["verdict"]) == ("invalid", ["wrong_code_kind"])
    assert outcome(wang.scan(act["id"], "LZ2:ABC")["verdict"]) == ("invalid", ["code_unreadable"])
