"""What is written by hand needs a reason, what is personal is masked until asked for, and the person sees every look."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.journeys.conftest import City
from tests.journeys.phones import Json, Phone, open_coach_act, show_and_open
from tests.verification.signed_pdf import found_pdf_authority, licence

DRIVER = "道路运输从业人员从业资格证"


@pytest.fixture(scope="module")
def wang(city: City) -> Phone:
    """The officer of these stories."""
    return city.phone("wang")


@pytest.fixture(scope="module")
def act(city: City, wang: Phone) -> Json:
    """An act in which the driver's licence has been scanned."""
    act = open_coach_act(wang)
    show_and_open(city.address, act["id"], wang, city.phone("li"))
    scan = wang.scan(act["id"], city.phone("zhang").code_for(DRIVER)["text"])
    return {**act, "scan": scan}


def value(act: Json, field: str) -> Json:
    """One field of the record."""
    return next(value for value in act["values"] if value["field"] == field)


def test_an_edit_needs_a_reason_and_keeps_what_was_there(wang: Phone, act: Json) -> None:
    path = f"/acts/{act['id']}/values/qualification_vehicle_class"
    assert wang.problem("PUT", path, {"value": "A1"}) == (422, "reason_required")
    after = value(wang.put(path, {"value": "A1", "reason": "与实体证照核对后更正"}), "qualification_vehicle_class")
    assert (after["value"], after["kind"], after["previous"], after["reason"]) == ("A1", "edited", "A1A2", "与实体证照核对后更正")


def test_what_only_the_party_can_say_is_asked_and_fixed_fields_stay(wang: Phone, act: Json) -> None:
    after = wang.put(f"/acts/{act['id']}/values/person_phone", {"value": "138 0000 0000"})
    assert value(after, "person_phone")["kind"] == "asked"
    for field in ("act_code", "no_such_field"):
        assert wang.problem("PUT", f"/acts/{act['id']}/values/{field}", {"value": "x"}) == (422, "value_unknown_field")
    long = {"value": "长" * 4001}
    assert wang.problem("PUT", f"/acts/{act['id']}/values/findings", long) == (422, "invalid_input")


def test_identifiers_are_masked_until_revealed_with_a_reason_and_the_driver_sees_that(city: City, wang: Phone, act: Json) -> None:
    scan = act["scan"]
    field = next(field for field in scan["licence"]["fields"] if field["masked"])
    path = f"/acts/{act['id']}/scans/{scan['id']}/reveal"
    assert "*" in field["value"]
    assert wang.problem("POST", path, {"field": field["name"], "reason": " "}) == (422, "reason_required")
    assert wang.problem("POST", path, {"field": "identifier", "reason": "核对"}) == (404, "value_unknown_field")
    full = wang.post(path, {"field": field["name"], "reason": "与驾驶证核对"})["value"]
    assert "*" not in full
    assert field["value"][:3] == full[:3]
    uses = city.phone("zhang").get("/my/uses")
    assert any(use["action"] == "reveal" and use["act_code"] == act["act_code"] for use in uses)


def test_the_polled_act_is_masked_and_reading_the_whole_record_is_seen_by_the_driver(city: City, wang: Phone, act: Json) -> None:
    zhang = city.phone("zhang")

    def looks() -> int:
        return sum(use["action"] == "read_record" and use["act_code"] == act["act_code"] for use in zhang.get("/my/uses"))

    before = looks()
    assert "张三丰" not in json.dumps(wang.get(f"/acts/{act['id']}"), ensure_ascii=False)
    assert looks() == before
    assert "张三丰" in json.dumps(wang.get(f"/acts/{act['id']}?full=true"), ensure_ascii=False)
    assert looks() == before + 1


def test_nobody_else_sees_who_looked_at_the_driver(city: City, act: Json) -> None:
    for other in ("ma", "liu", "haiyun"):
        assert all(use["act_code"] != act["act_code"] for use in city.phone(other).get("/my/uses"))


def test_a_foreign_sealed_file_is_kept_with_its_honest_verdict(wang: Phone, act: Json, corpora: Path) -> None:
    data = (corpora / "ofd-ofdrw" / "ofdrw-reader" / "SESV4SignDoc.ofd").read_bytes()
    exhibit = wang.upload(f"/acts/{act['id']}/files", "外地证照.ofd", data).json()
    assert exhibit["standing"] == "cannot_confirm"
    assert "untrusted_root" in exhibit["reasons"]
    results = {check["id"]: check["result"] for check in exhibit["checks"]}
    assert (results["file_digests"], results["seal_signature"], results["issuer_trusted"]) == ("pass", "pass", "unknown")
    assert wang.http.get(exhibit["file_url"]).content == data


def test_a_licence_as_pdf_is_kept_with_its_honest_verdict(wang: Phone, act: Json) -> None:
    data = licence(found_pdf_authority("SM2"))
    exhibit = wang.upload(f"/acts/{act['id']}/files", "外地证照.pdf", data).json()
    assert exhibit["standing"] == "cannot_confirm"
    assert "untrusted_root" in exhibit["reasons"]
    assert exhibit["is_demo"]
    results = {check["id"]: check["result"] for check in exhibit["checks"]}
    assert (results["seal_signature"], results["coverage"], results["issuer_trusted"]) == ("pass", "pass", "unknown")
    kept = wang.http.get(exhibit["file_url"])
    assert (kept.content, kept.headers["content-type"]) == (data, "application/pdf")
    tampered = data.replace(b"DEMO LICENCE", b"DEMO LICENSE")
    assert wang.upload(f"/acts/{act['id']}/files", "改过.pdf", tampered).json()["standing"] == "invalid"


@pytest.mark.parametrize(
    ("name", "data", "status", "code"),
    [
        ("a.pdf", b"%PDF-1.7 no more", 422, "file_unreadable"),
        ("a.ofd", b"no zip at all", 422, "file_unreadable"),
        ("a.ofd", b"", 422, "file_unreadable"),
        ("big.ofd", b"PK" + bytes(20 * 1024 * 1024), 422, "file_too_large"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_a_clear_code(
    wang: Phone, act: Json, name: str, data: bytes, status: int, code: str
) -> None:
    answer = wang.upload(f"/acts/{act['id']}/files", name, data)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
