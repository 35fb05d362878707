"""王建国 scans codes of other systems: their gateways answer over real HTTP, well, badly, or not at all."""

from __future__ import annotations

import json
import re
import threading
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from liangzheng.codes.foreign import Asking, ForeignAnswer, ForeignGateway, code_number
from liangzheng.connectors import bounded_http
from liangzheng.connectors.business_licence.gateway import BusinessLicenceGateway
from liangzheng.connectors.one_code.gateway import OneCodeGateway
from liangzheng.connectors.sandbox.holders import CODE_SECONDS, Codes, Front, SandboxHolder
from liangzheng.connectors.sandbox.server import FAULTS, serve

ZHANG = SandboxHolder("zhang", "person", "张三丰", "379906199001010011", ("1.2.156.3005.2.DEMO",))
HAIYUN = SandboxHolder("haiyun", "organisation", "烟台海云客运有限公司（演示）", "91379906MADEM0212K", ())
ASKING = Asking("烟台市交通运输综合行政执法支队（演示）", "37060010001", "YT-2026-000001", "行政检查")
PATIENCE = 6.0  # seconds after which a question counts as stuck


@dataclass
class Sandbox:
    codes: Codes
    url: str
    clock: list[float]

    def break_down(self, kind: str) -> None:
        body = json.dumps({"kind": kind}).encode()
        with urllib.request.urlopen(urllib.request.Request(f"{self.url}/sandbox/fault", body), timeout=5) as answer:  # noqa: S310
            assert answer.status == 200

    def one_code(self, acceptor: str = "LZ-DEMO") -> OneCodeGateway:
        pattern = re.compile(r"[RE]C-SBX-[0-9A-Z]{26}")
        urls = (f"{self.url}/ymt/verify", f"{self.url}/ymt/message")
        return OneCodeGateway("居民码", pattern, *urls, acceptor, "370600", "demo", "demo")

    def business_licence(self) -> BusinessLicenceGateway:
        pattern = re.compile(r"BL-SBX-[0-9A-Z]{26}")
        return BusinessLicenceGateway("电子营业执照", pattern, f"{self.url}/authenticationService/httpserver.do", "d", "d", "d")


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    clock = [1_000.0]
    codes = Codes({holder.key: holder for holder in (ZHANG, HAIYUN)}, now=lambda: clock[0])
    with serve(codes, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield Sandbox(codes, f"http://127.0.0.1:{server.server_address[1]}", clock)
        server.shutdown()
        thread.join()


def test_a_resident_code_names_its_holder_and_the_holder_is_told(sandbox: Sandbox) -> None:
    gateway = sandbox.one_code()
    text = sandbox.codes.show("zhang", "resident")
    assert gateway.recognises(text)
    answer = gateway.resolve(text, ASKING)
    assert answer.outcome == "resolved"
    assert answer.holder is not None
    assert (answer.holder.name, answer.holder.code, answer.holder.code_type) == ("张三丰", ZHANG.code, "111")
    assert answer.holder.licences == ZHANG.licences
    assert gateway.tell_holder(answer.reference, ASKING)
    [message] = sandbox.codes.told
    assert message["reference"] == answer.reference
    assert (message["acceptor_name"], message["operator"]) == (ASKING.agency, ASKING.certificate_number)
    assert "pintoken" not in message


def test_a_firm_shows_its_enterprise_code_or_its_business_licence(sandbox: Sandbox) -> None:
    cases: list[tuple[ForeignGateway, Front]] = [
        (sandbox.one_code(), "enterprise"),
        (sandbox.business_licence(), "business_licence"),
    ]
    for gateway, front in cases:
        answer = gateway.resolve(sandbox.codes.show("haiyun", front), ASKING)
        assert answer.outcome == "resolved"
        assert answer.holder is not None
        assert (answer.holder.name, answer.holder.code, answer.holder.code_type) == (HAIYUN.name, HAIYUN.code, "001")


def test_a_code_dies_after_its_minute_and_an_invented_one_never_lived(sandbox: Sandbox) -> None:
    for gateway, front in ((sandbox.one_code(), "resident"), (sandbox.business_licence(), "business_licence")):
        text = sandbox.codes.show("zhang", front)  # type: ignore[arg-type]
        sandbox.clock[0] += CODE_SECONDS + 1
        assert gateway.resolve(text, ASKING).outcome == "expired"
        assert gateway.resolve(text[:-1] + ("A" if text[-1] != "A" else "B"), ASKING).outcome == "unknown"


def test_a_unit_the_gateway_does_not_serve_is_told_so(sandbox: Sandbox) -> None:
    assert sandbox.one_code("SOMEBODY").resolve(sandbox.codes.show("zhang", "resident"), ASKING).outcome == "refused"


def patiently(gateway: ForeignGateway, text: str) -> ForeignAnswer | None:
    """Ask; None when the question is stuck."""
    answers: list[ForeignAnswer] = []
    asking = threading.Thread(target=lambda: answers.append(gateway.resolve(text, ASKING)), daemon=True)
    asking.start()
    asking.join(PATIENCE)
    return answers[0] if answers else None


@pytest.mark.parametrize("fault", FAULTS)
def test_whatever_the_gateway_does_the_officer_has_an_honest_answer_in_time(sandbox: Sandbox, fault: str) -> None:
    texts = (sandbox.codes.show("zhang", "resident"), sandbox.codes.show("haiyun", "business_licence"))
    sandbox.break_down(fault)
    gateways: tuple[ForeignGateway, ...] = (sandbox.one_code(), sandbox.business_licence())
    for gateway, text in zip(gateways, texts, strict=True):
        answer = patiently(gateway, text)
        assert answer is not None
        assert answer.outcome in {"unavailable", "unreadable"}
        assert answer.holder is None


def test_without_its_limit_a_dripping_gateway_would_hold_the_officer(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: with the limit taken away, the same drip is still going on after the officer's patience has ended."""
    monkeypatch.setattr(bounded_http, "LIMIT", 60.0)
    text = sandbox.codes.show("zhang", "resident")
    sandbox.break_down("drip")
    assert patiently(sandbox.one_code(), text) is None
    sandbox.break_down("")


def test_a_gateway_that_is_down(sandbox: Sandbox) -> None:
    gateway = OneCodeGateway("居民码", re.compile(".*"), "http://127.0.0.1:1/", "http://127.0.0.1:1/", "a", "b", "c", "d")
    assert gateway.resolve(sandbox.codes.show("zhang", "resident"), ASKING).outcome == "unavailable"
    assert not gateway.tell_holder("x", ASKING)


def test_the_number_of_a_code_does_not_give_it_away() -> None:
    one, other = code_number("RC-SBX-1"), code_number("RC-SBX-2")
    assert len(one) == 16
    assert one != other
    assert code_number("RC-SBX-1") == one


def test_the_pages_show_codes_a_camera_reads_and_say_that_nobody_is_real(sandbox: Sandbox) -> None:
    page = ""
    for path in ("/", "/resident/zhang", "/enterprise/haiyun", "/business-licence/haiyun"):
        with urllib.request.urlopen(f"{sandbox.url}{path}", timeout=5) as answer:  # noqa: S310 - our own address
            page = answer.read().decode()
        assert "沙箱（演示）" in page
    [text] = re.findall(r"BL-SBX-[0-9A-Z]{26}", page)
    assert sandbox.business_licence().resolve(text, ASKING).outcome == "resolved"
