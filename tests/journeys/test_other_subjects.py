"""Freight vehicle, guide and entertainment venue; exemptions, open questions, physical licences: none of them is a violation."""

from __future__ import annotations

from uuid import uuid4

import pypdfium2

from tests.journeys.conftest import City
from tests.journeys.phones import Json, Phone, show_and_open


def open_act(city: City, first: str, second: str, second_name: str, subject: str, asks: dict[str, str]) -> tuple[Phone, str]:
    """Open an act of any subject, with the gate open."""
    phone = city.phone(first)
    form = {"subject": subject, "place": "烟台市演示区", "second_officer": phone.colleague(second_name), "asks": asks}
    act = str(phone.post("/acts", form)["id"])
    show_and_open(city.address, act, phone, city.phone(second))
    return phone, act


def states(act: Json) -> dict[str, str]:
    """The checklist by requirement."""
    return {tick["requirement"]["id"]: tick["state"] for tick in act["checklist"]}


def test_a_light_van_needs_no_permit_and_that_is_neutral(city: City) -> None:
    wang, act = open_act(
        city, "wang", "li", "李海霞", "freight_vehicle", {"plate": "鲁F0D202", "total_mass_kg": "4495", "cargo": "普通货物"}
    )
    light = wang.get(f"/acts/{act}")
    assert set(states(light).values()) == {"exempt"}
    assert all("4500" in tick["basis"] for tick in light["checklist"])
    assert {check["result"] for check in light["cross_checks"]} <= {"not_applicable"}
    heavy_form = {"plate": "鲁F0D202", "total_mass_kg": "4501", "cargo": "普通货物"}
    wang, act = open_act(city, "wang", "li", "李海霞", "freight_vehicle", heavy_form)
    assert set(states(wang.get(f"/acts/{act}")).values()) == {"missing"}


def test_a_truck_with_its_papers_and_a_plate_that_is_another_one(city: City) -> None:
    wang, act = open_act(
        city, "wang", "li", "李海霞", "freight_vehicle", {"plate": "鲁F9X999", "total_mass_kg": "18000", "cargo": "普通货物"}
    )
    liu, shunda = city.phone("liu"), city.phone("shunda")
    for phone, kind in ((shunda, "道路运输经营许可证"), (shunda, "道路运输证"), (liu, "道路运输从业人员从业资格证")):
        assert wang.scan(act, phone.code_for(kind)["text"])["verdict"]["standing"] == "valid"
    seen = wang.get(f"/acts/{act}")
    assert set(states(seen).values()) == {"met"}
    failed = [check["id"] for check in seen["cross_checks"] if check["result"] == "fail"]
    assert failed == ["vehicle_plate"], "each licence is good, the vehicle is another one"


def test_a_guide_of_a_travel_agency(city: City) -> None:
    zhao, act = open_act(city, "zhao", "sun", "孙晓彤", "guide", {"agency_name": "烟台旅途旅行社"})
    chen, lvtu = city.phone("chen"), city.phone("lvtu")
    assert zhao.scan(act, chen.code_for("导游证")["text"])["verdict"]["standing"] == "valid"
    assert zhao.scan(act, lvtu.code_for("营业执照")["text"])["verdict"]["standing"] == "valid"
    seen = zhao.get(f"/acts/{act}?full=true")
    assert set(states(seen).values()) == {"met"}
    assert {check["result"] for check in seen["cross_checks"]} == {"pass"}
    values = {value["field"]: value["value"] for value in seen["values"]}
    assert values["person_name"] == "陈若溪"


def test_a_venue_whose_paper_question_is_open_shows_the_paper_and_is_not_at_fault(city: City) -> None:
    zhao, act = open_act(city, "zhao", "sun", "孙晓彤", "entertainment_venue", {"premises_name": "星澜歌舞厅"})
    xinglan = city.phone("xinglan")
    scan = zhao.scan(act, xinglan.code_for("娱乐经营许可证")["text"])
    assert (scan["verdict"]["standing"], scan["verdict"]["reasons"]) == ("cannot_confirm", ["physical_unconfirmed"])
    assert scan["fills"] == [], "what is not confirmed fills nothing"
    requirement = next(
        tick["requirement"]["id"] for tick in zhao.get(f"/acts/{act}")["checklist"] if tick["state"] == "cannot_confirm"
    )
    body = {
        "requirement": requirement,
        "holder_name": "星澜歌舞厅（演示）",
        "number": "演娱字1号",
        "valid_to": "2027-01-01",
        "note": "查看原件",
    }
    key = str(uuid4())
    first, second = (zhao.post(f"/acts/{act}/physical", body, key=key) for _ in range(2))
    assert first["id"] == second["id"]
    assert zhao.problem("POST", f"/acts/{act}/physical", {**body, "requirement": "no_such"}) == (422, "invalid_input")


def test_nobody_has_a_phone_and_the_act_goes_on_by_hand(city: City) -> None:
    wang, act = open_act(city, "wang", "li", "李海霞", "coach", {"plate": "鲁F0D101"})
    for requirement in states(wang.get(f"/acts/{act}")):
        body = {"requirement": requirement, "holder_name": "当事人出示原件", "number": "见原件", "note": "当事人没有手机"}
        wang.post(f"/acts/{act}/physical", body)
    assert set(states(wang.get(f"/acts/{act}")).values()) == {"physical"}
    document = wang.post(f"/acts/{act}/record")["documents"][-1]
    pages = pypdfium2.PdfDocument(wang.http.get(document["url"]).content)
    text = "".join("".join(page.get_textpage().get_text_bounded().split()) for page in pages)
    assert "未经电子核验" in text
    assert "当事人没有手机" in text


def test_a_photo_that_does_not_match_counts_for_nothing(city: City) -> None:
    wang, act = open_act(city, "wang", "li", "李海霞", "coach", {"plate": "鲁F0D101"})
    scan = wang.scan(act, city.phone("zhang").code_for("道路运输从业人员从业资格证")["text"])
    assert states(wang.get(f"/acts/{act}"))["driver_qualification"] == "met"
    assert "A1A2" in str(wang.get(f"/acts/{act}")["values"])
    assert wang.http.get(scan["licence"]["photo_url"]).headers["content-type"] == "image/png"
    assert wang.post(f"/acts/{act}/scans/{scan['id']}/photo-match", {"match": False})["photo_match"] is False
    tick = next(tick for tick in wang.get(f"/acts/{act}")["checklist"] if tick["requirement"]["id"] == "driver_qualification")
    assert (tick["state"], tick["reason"]) == ("cannot_confirm", "holder_differs")
    assert "A1A2" not in str(wang.get(f"/acts/{act}")["values"]), "and fills nothing any more"
    assert wang.get(f"/acts/{act}/scans/{scan['id']}")["verdict"]["standing"] == "valid", "the licence's own verdict stands"
