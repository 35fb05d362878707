"""张三丰 shows his 居民码, 海云客运 its 企业码: the other system says whose it is, this one what he holds."""

from __future__ import annotations

import json
import subprocess
import threading
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import ThreadingHTTPServer

import pytest

from liangzheng.connectors.sandbox.holders import Codes, Front, read_holders
from liangzheng.connectors.sandbox.server import serve
from tests.journeys.conftest import CLI, City
from tests.journeys.phones import Json, Phone, open_coach_act, show_and_open

DRIVER = "道路运输从业人员从业资格证"
OPERATOR = "道路运输经营许可证"


@dataclass
class Other:
    """The other systems, played on this machine; `clock` is theirs."""

    codes: Codes
    server: ThreadingHTTPServer
    clock: list[float]
    port: int

    def show(self, name: str, front: Front) -> str:
        """Let a holder show a code there."""
        return self.codes.show(next(key for key, one in self.codes.holders.items() if name in one.name), front)

    def misbehave(self, kind: str) -> None:
        body = json.dumps({"kind": kind}).encode()
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/sandbox/fault", body, timeout=5) as answer:
            assert answer.status == 200


@pytest.fixture
def other(city: City) -> Iterator[Other]:
    clock, port = [1_000.0], int(city.environment["LIANGZHENG_SANDBOX_PORT"])
    codes = Codes(read_holders(city.folder / "sandbox" / "holders.json"), now=lambda: clock[0])
    with serve(codes, "127.0.0.1", port) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield Other(codes, server, clock, port)
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def wang(city: City) -> Phone:
    return city.phone("wang")


@pytest.fixture
def act(city: City, wang: Phone) -> str:
    """An act with the gate open."""
    act = str(open_coach_act(wang)["id"])
    show_and_open(city.address, act, wang, city.phone("li"))
    return act


def outcome(scan: Json) -> tuple[str, list[str]]:
    return scan["verdict"]["standing"], scan["verdict"]["reasons"]


def met(phone: Phone, act: str) -> set[str]:
    return {item["requirement"]["label"] for item in phone.get(f"/acts/{act}")["checklist"] if item["state"] == "met"}


def test_a_resident_code_verifies_what_its_holder_holds(city: City, wang: Phone, act: str, other: Other) -> None:
    text = other.show("张三丰", "resident")
    scan = wang.scan(act, text)
    assert outcome(scan) == ("valid", [])
    assert scan["licence"]["holder_name"] == "张三丰"
    assert scan["licence"]["type_label"] == DRIVER
    assert outcome(wang.scan(act, text)) == ("invalid", ["code_used"]), "a screenshot of it"
    assert outcome(city.phone("li").scan(act, text)) == ("valid", []), "the second officer may, too"
    assert any(use["officer_certificate_number"] for use in city.phone("zhang").get("/my/uses"))
    run_jobs(city)
    assert other.codes.told, "the other system tells him as well"
    told = json.dumps(other.codes.told, ensure_ascii=False)
    assert "烟台市交通运输综合行政执法支队（演示）" in told
    assert "王建国" not in told, "the unit and the certificate, not the man"


def run_jobs(city: City) -> None:
    """Let the worker do what waits."""
    subprocess.run([*CLI, "work", "--once"], env=city.environment, check=True, timeout=60)


def test_one_enterprise_code_stands_for_several_licences(wang: Phone, act: str, other: Other) -> None:
    first = wang.scan(act, other.show("海云", "enterprise"), key=(key := "7e1c5a52-6d0c-4bb7-9a3e-3f4bb2b7a001"))
    assert outcome(first)[0] == "valid"
    assert first["also"], "the vehicle's certificate was verified along"
    labels = {first["licence"]["type_label"]} | {
        wang.get(f"/acts/{act}/scans/{scan}")["licence"]["type_label"] for scan in first["also"]
    }
    assert {OPERATOR, "道路运输证"} <= labels
    assert len(met(wang, act)) >= 2
    again = wang.scan(act, "anything at all", key=key)
    assert (again["id"], again["also"]) == (first["id"], first["also"]), "the same request is the same scans"


@pytest.mark.parametrize(
    ("fault", "reason"),
    [("error", "gateway_unavailable"), ("stall", "gateway_unavailable"), ("wrong_schema", "gateway_unreadable")],
)
def test_a_gateway_that_misbehaves_confirms_nothing_and_refuses_nobody(
    wang: Phone, act: str, other: Other, fault: str, reason: str
) -> None:
    text = other.show("张三丰", "resident")
    other.misbehave(fault)
    assert outcome(wang.scan(act, text)) == ("cannot_confirm", [reason])
    other.misbehave("")
    assert outcome(wang.scan(act, text)) == ("valid", []), "control: it was not used up"


def test_an_expired_and_an_invented_code(wang: Phone, act: str, other: Other) -> None:
    text = other.show("张三丰", "resident")
    other.clock[0] += 3600
    assert outcome(wang.scan(act, text)) == ("invalid", ["code_expired"])
    assert outcome(wang.scan(act, "RC-SBX-" + "0" * 26)) == ("cannot_confirm", ["code_unknown"])
    assert outcome(wang.scan(act, "SOMEBODY-ELSE-" + "0" * 26)) == ("cannot_confirm", ["foreign_code"]), (
        "no gateway knows its form"
    )


def test_a_holder_without_the_licence_asked_for_is_not_accused(wang: Phone, act: str, other: Other) -> None:
    venue = next(one for one in other.codes.holders.values() if one.kind == "organisation" and "海云" not in one.name)
    scan = wang.scan(act, other.codes.show(venue.key, "business_licence"))
    assert (outcome(scan), scan["licence"]) == (("cannot_confirm", ["holder_has_none"]), None)


def test_nobody_is_asked_for_an_act_that_is_not_the_officers(city: City, act: str, other: Other) -> None:
    asked = len(other.codes.told)
    text = other.show("张三丰", "resident")
    stranger = city.phone("zhao")
    assert stranger.problem("POST", f"/acts/{act}/scans", {"code": text, "method": "camera"})[1] == "act_not_found"
    assert len(other.codes.told) == asked
