"""The four scenarios of the notice on real input, as one story: a coach is stopped near Yantai."""

from __future__ import annotations

import hashlib

import pypdfium2

from liangzheng.crypto.digests import sm3
from tests.journeys.conftest import City
from tests.journeys.phones import Json, Phone, open_coach_act, show_and_open

KINDS = ("道路运输经营许可证", "道路运输证", "道路运输从业人员从业资格证")


def value_of(act: Json, field: str) -> Json:
    """Find a field of the record."""
    return next(value for value in act["values"] if value["field"] == field)


def test_wang_and_li_inspect_a_coach_and_nobody_types_a_name(city: City) -> None:
    wang, li, zhang = city.phone("wang"), city.phone("li"), city.phone("zhang")
    act = open_coach_act(wang)
    assert not act["gate"]["open"]
    show_and_open(city.address, act["id"], wang, li)
    assert wang.get(f"/acts/{act['id']}")["gate"]["open"]

    scans = [wang.scan(act["id"], zhang.code_for(kind)["text"]) for kind in KINDS]
    assert [scan["verdict"]["standing"] for scan in scans] == ["valid"] * 3, [scan["verdict"] for scan in scans]
    assert scans[2]["licence"]["holder_name"] == "张三丰"
    assert "19900101001" not in str(scans[2]["licence"]), "the citizen number is masked"

    act = wang.get(f"/acts/{act['id']}")
    assert [tick["state"] for tick in act["checklist"]] == ["met"] * 3
    assert {check["result"] for check in act["cross_checks"]} <= {"pass", "not_applicable"}

    record = wang.get(f"/acts/{act['id']}?full=true")
    assert value_of(record, "operator_name")["value"] == "烟台海云客运有限公司（演示）"
    name = value_of(record, "person_name")
    assert (name["value"], name["kind"]) == ("张三丰", "filled")
    assert name["source"] == {**name["source"], "standing": "valid", "scan_id": scans[2]["id"]}
    assert value_of(record, "person_phone")["value"] == "", "a telephone number is never taken from a licence"

    keep_and_check_exhibits(wang, act["id"], [scan["id"] for scan in scans])
    write_and_read_the_record(wang, act["id"])
    the_holder_sees_who_looked(zhang, act["act_code"])


def keep_and_check_exhibits(wang: Phone, act: str, scans: list[str]) -> None:
    """One tap keeps each original; its bytes have the digests that were noted."""
    for number, scan in enumerate(scans, start=1):
        exhibit = wang.post(f"/acts/{act}/scans/{scan}/exhibit")
        again = wang.post(f"/acts/{act}/scans/{scan}/exhibit")
        assert (exhibit["number"], exhibit["standing"], again["id"]) == (number, "valid", exhibit["id"])
        data = wang.http.get(exhibit["file_url"]).content
        assert data[:2] == b"PK"
        assert hashlib.sha256(data).hexdigest() == exhibit["sha256"]
        assert sm3(data).hex() == exhibit["sm3"]


def write_and_read_the_record(wang: Phone, act: str) -> None:
    """The record is a PDF that says what was read, and where from."""
    document = wang.post(f"/acts/{act}/record")["documents"][-1]
    pdf = wang.http.get(document["url"])
    assert pdf.headers["content-type"] == "application/pdf"
    assert hashlib.sha256(pdf.content).hexdigest() == document["sha256"]
    pages = pypdfium2.PdfDocument(pdf.content)
    text = "".join("".join(page.get_textpage().get_text_bounded().split()) for page in pages)
    for expected in ("现场检查笔录", "张三丰", "烟台海云客运有限公司（演示）", "鲁F0D101", "演示"):
        assert expected in text, expected


def the_holder_sees_who_looked(zhang: Phone, act_code: str) -> None:
    """Every look at the driver's own licence stands in his list, with officer, act and purpose."""
    uses = [use for use in zhang.get("/my/uses") if use["act_code"] == act_code]
    assert {"scan", "prefill", "keep_exhibit", "read_record", "write_record"} <= {use["action"] for use in uses}
    scan = next(use for use in uses if use["action"] == "scan")
    assert scan["agency"] == "烟台市交通运输综合行政执法支队（演示）"
    assert scan["officer_certificate_number"]
    assert scan["purpose"] == "行政检查"
    assert scan["result_label"] == "有效"
    assert "姓名" in scan["fields"] or "持证主体" in scan["fields"]
