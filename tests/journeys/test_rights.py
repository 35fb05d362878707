"""The party’s rights over HTTP: who looked, a receipt anyone checks, petitions with answers, a rating nobody is behind."""

from __future__ import annotations

import json
import re
import subprocess
from datetime import date
from pathlib import Path

import httpx
import pytest

from liangzheng.auditlog.note import read_key
from liangzheng.rights.receipt_file import check, read_key_word, read_signed
from tests.journeys.conftest import CLI, City
from tests.journeys.phones import OPEN, Json, Phone, open_coach_act, show_and_open
from tests.journeys.test_public_log import seal

DRIVER = "道路运输从业人员从业资格证"


@pytest.fixture(scope="module")
def wang(city: City) -> Phone:
    return city.phone("wang")


@pytest.fixture(scope="module")
def zhang(city: City) -> Phone:
    return city.phone("zhang")


@pytest.fixture(scope="module")
def act(city: City, wang: Phone, zhang: Phone) -> Json:
    act = open_coach_act(wang)
    show_and_open(city.address, act["id"], wang, city.phone("li"))
    return {**act, "scan": wang.scan(act["id"], zhang.code_for(DRIVER)["text"])}


@pytest.fixture(scope="module")
def use(zhang: Phone, act: Json) -> Json:
    return next(use for use in zhang.get(f"/my/uses?act_code={act['act_code']}") if use["action"] == "scan")


def handed_over(wang: Phone, act: Json) -> str:
    """The officer hands the party the receipt of the scan; give its bare code."""
    return str(wang.post(f"/acts/{act['id']}/scans/{act['scan']['id']}/receipt")["code"]).replace("-", "")


class Browser:
    """A browser that never signed in, as the bearer of a receipt uses it."""

    def __init__(self, city: City) -> None:
        self.http = httpx.Client(base_url=city.address, timeout=20)
        OPEN.append(self.http)

    def send(self, path: str, page: str, **form: str) -> httpx.Response:
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        key = re.search(r'name="key" value="([^"]+)"', page)
        assert token is not None
        hidden = {"csrfmiddlewaretoken": token[1], **({"key": key[1]} if key else {})}
        return self.http.post(path, data=hidden | form, headers={"Referer": str(self.http.base_url)})


# --- who looked ------------------------------------------------------------------------------------------------------------


def test_a_look_is_shown_at_once_with_everything_the_law_wants_told(use: Json, act: Json) -> None:
    assert use["act_code"] == act["act_code"]
    assert "演示" in use["agency"]
    assert use["officer_certificate_number"]
    assert (use["purpose"], use["result_label"]) == ("行政检查", "有效")
    assert "待法制机构确认" in use["legal_basis"]
    assert "证照编号" in use["fields"]
    assert use["delayed"] is None


def test_uses_are_filtered_and_paged_to_the_end(wang: Phone, zhang: Phone, act: Json) -> None:
    for _ in range(55):
        wang.get(f"/acts/{act['id']}/scans/{act['scan']['id']}")
    pages, last = [], ""
    while page := zhang.get(f"/my/uses{f'?before={last}' if last else ''}"):
        assert len(page) <= 50
        pages.append(page)
        last = page[-1]["id"]
    seen = [one["id"] for page in pages for one in page]
    assert len(pages) >= 2
    assert len(seen) == len(set(seen))
    assert seen == sorted(seen, reverse=True)
    assert sum(one["action"] == "read_scan" for page in pages for one in page) >= 55
    today = date.today().isoformat()  # noqa: DTZ011 - the machine's day is the test's
    assert zhang.get("/my/uses?action=reveal&act_code=none") == []
    assert zhang.get("/my/uses?since=2099-01-01") == []
    assert zhang.get("/my/uses?until=2020-01-01") == []
    assert len(zhang.get(f"/my/uses?until={today}&action=scan&act_code={act['act_code']}")) == 1


# --- the receipt -----------------------------------------------------------------------------------------------------------


def test_the_receipt_proves_the_look_without_the_platform(city: City, zhang: Phone, use: Json, tmp_path: Path) -> None:
    seal(city)
    told = zhang.post(f"/my/uses/{use['id']}/signed-receipt")
    assert told["is_logged"]
    receipt = read_signed(told["file"].encode())
    assert "张" not in json.dumps(receipt.content, ensure_ascii=False)
    keys = httpx.get(f"{city.address}/api/v1/receipt-keys").json()
    words, log = [read_key_word(word) for word in keys["keys"]], [read_key(vkey) for vkey in keys["log"]]
    report = check(receipt, words, log)
    assert (report.signature, report.log) == ("good", "good")
    file = tmp_path / "receipt.json"
    file.write_text(told["file"], encoding="utf-8")
    named = [part for key in (*keys["keys"], *keys["log"]) for part in ("--key", key)]
    command = [*CLI, "receipt", "verify", str(file)]
    done = subprocess.run([*command, *named], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    assert use["act_code"] in done.stdout
    assert subprocess.run(command, capture_output=True, check=False, timeout=60).returncode == 2
    file.write_text(told["file"].replace(receipt.encoded().decode()[20:40], "A" * 20), encoding="utf-8")
    assert subprocess.run([*command, *named], capture_output=True, check=False, timeout=60).returncode in {1, 3}


def test_the_same_look_has_one_receipt_whoever_asks(wang: Phone, zhang: Phone, act: Json, use: Json) -> None:
    mine = zhang.post(f"/my/uses/{use['id']}/signed-receipt")
    assert handed_over(wang, act) == mine["code"].replace("-", "")
    assert mine["number"].startswith("HZ-")


def test_whoever_has_the_code_opens_the_receipt_and_nobody_else(city: City, wang: Phone, act: Json) -> None:
    code = handed_over(wang, act)
    page = httpx.get(f"{city.address}/r/{code}")
    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-store"
    assert act["act_code"] in page.text
    assert "张三丰" not in page.text
    assert "张" not in re.sub(r"纸张|[^>]*纸质[^<]*", "", page.text)
    assert httpx.get(f"{city.address}/r/{code.lower()[:4]}-{code[4:]}").status_code == 200
    for path in ("print", "file", "qr.svg"):
        assert httpx.get(f"{city.address}/r/{code}/{path}").status_code == 200, path
    other = code[:-1] + ("2" if code[-1] != "2" else "3")
    for wrong in (other, code[:-1], "x" * 400, "' OR 1=1--"):
        for path in ("", "/print", "/file", "/qr.svg"):
            assert httpx.get(f"{city.address}/r/{wrong}{path}").status_code == 404, wrong


def test_receipts_are_for_the_party_and_the_officers_of_the_act(city: City, wang: Phone, act: Json, use: Json) -> None:
    scan = f"/acts/{act['id']}/scans/{act['scan']['id']}/receipt"
    assert city.phone("zhao").problem("POST", scan) == (404, "act_not_found")
    assert city.phone("ma").problem("POST", f"/my/uses/{use['id']}/signed-receipt") == (404, "use_not_found")
    assert wang.send("POST", f"/my/uses/{use['id']}/signed-receipt", {}).status_code == 403
    assert httpx.post(f"{city.address}/api/v1{scan}", json={}).status_code in {401, 403}


# --- petitions -------------------------------------------------------------------------------------------------------------


def test_an_objection_goes_from_the_driver_to_the_answer(city: City, wang: Phone, zhang: Phone, use: Json) -> None:
    wish = {"use": use["id"], "kind": "objection", "text": "当天车辆停驶，请说明为何查看。"}
    key = "0198a000-0000-7000-8000-000000000001"
    filed = zhang.post("/my/petitions", wish, key=key)
    assert zhang.post("/my/petitions", wish, key=key)["id"] == filed["id"]
    assert (filed["state"], filed["number"][:3]) == ("received", "YY-")
    assert date.fromisoformat(filed["due_on"]) > date.today()  # noqa: DTZ011
    zhou = city.phone("zhou")
    listed = next(one for one in zhou.get("/petitions") if one["id"] == filed["id"])
    assert listed["text"] == "", "a list tells no words"
    assert zhou.get(f"/petitions/{filed['id']}")["text"] == wish["text"]
    answer = {"outcome": "rejected", "answer": "经核查，当日有检查记录，查看在检查范围内。"}
    assert wang.problem("POST", f"/petitions/{filed['id']}/answer", answer) == (409, "petition_own_act")
    assert city.phone("zhao").problem("POST", f"/petitions/{filed['id']}/answer", answer) == (404, "petition_not_found")
    assert city.phone("qian").problem("POST", f"/petitions/{filed['id']}/answer", answer)[1] == "auxiliary_not_counted"
    zhou.post(f"/petitions/{filed['id']}/answer", answer)
    mine = next(one for one in zhang.get("/my/petitions") if one["id"] == filed["id"])
    assert (mine["state"], mine["outcome"], mine["answer"]) == ("answered", "rejected", answer["answer"])
    assert zhou.problem("POST", f"/petitions/{filed['id']}/answer", answer) == (409, "petition_closed")
    actions = [one["action"] for one in zhang.get("/my/uses")]
    assert {"petition_read", "petition_answered"} <= set(actions)
    assert city.phone("ma").get("/my/petitions") == []


def test_an_error_report_is_forwarded_to_the_issuing_authority(city: City, zhang: Phone, use: Json) -> None:
    wish = {"use": use["id"], "kind": "correction", "field": "准驾车型", "text": "准驾车型登记有误。"}
    filed = zhang.post("/my/petitions", wish)
    assert filed["addressed_to"] == "烟台市交通运输局（演示）"
    letter = {"to": filed["addressed_to"], "reference": "烟交执转2026第1号（演示）"}
    assert city.phone("zhou").post(f"/petitions/{filed['id']}/forward", letter)["state"] == "forwarded"
    mine = next(one for one in zhang.get("/my/petitions") if one["id"] == filed["id"])
    assert (mine["state"], mine["forward_reference"]) == ("forwarded", letter["reference"])
    assert zhang.post(f"/my/petitions/{filed['id']}/withdraw")["state"] == "withdrawn"


def test_without_a_phone_on_paper_and_with_the_receipt_alone(city: City, wang: Phone, zhang: Phone, act: Json) -> None:
    code = handed_over(wang, act)
    assert "回执号" in httpx.get(f"{city.address}/forms/petition").text
    paper = {"kind": "complaint", "text": "检查时间过长。", "name": "张先生（演示）", "contact": "窗口领取", "receipt": code}
    entered = wang.post("/petitions", paper)
    assert (entered["channel"], entered["act_code"]) == ("paper", act["act_code"])
    assert any(one["action"] == "petition_entered" for one in zhang.get("/my/uses")), "logged as entered by an officer"
    assert any(one["id"] == entered["id"] for one in zhang.get("/my/petitions"))
    assert city.phone("zhao").problem("POST", "/petitions", paper) == (404, "receipt_not_found")
    assert wang.problem("POST", "/petitions", paper | {"name": " "}) == (422, "petition_unreadable")
    assert wang.post("/petitions", paper | {"receipt": ""})["act_code"] == ""
    browser = Browser(city)
    page = browser.http.get(f"/r/{code}").text
    filed = browser.send(f"/r/{code}/petition", page, kind="complaint", text="态度生硬。", name="", contact="")
    assert filed.status_code == 200
    number = re.search(r"受理编号 (TS-[0-9]{8}-[0-9A-Z]{6})", filed.text)
    assert number is not None
    again = browser.send(f"/r/{code}/petition", page, kind="complaint", text="态度生硬。", name="", contact="")
    assert number[1] in again.text, "the same form twice is one petition"
    assert "态度生硬" not in browser.http.get(f"/r/{code}").text, "the page tells number and state only"
    third = browser.http.get(f"/r/{code}").text
    browser.send(f"/r/{code}/petition", third, kind="complaint", text="三。", name="", contact="")
    fourth = browser.send(
        f"/r/{code}/petition", browser.http.get(f"/r/{code}").text, kind="complaint", text="四。", name="", contact=""
    )
    assert (fourth.status_code, "尚未答复" in fourth.text) == (409, True)


@pytest.mark.parametrize("text", ["", " ", "长" * 2001, "藏\u202e字", "空\x00字"])
def test_a_petition_that_cannot_be_read_is_refused(zhang: Phone, use: Json, text: str) -> None:
    assert zhang.problem("POST", "/my/petitions", {"use": use["id"], "kind": "complaint", "text": text})[0] == 422


# --- rating ----------------------------------------------------------------------------------------------------------------


def test_an_inspection_is_rated_once_by_a_token_and_without_a_session(city: City, wang: Phone, zhang: Phone, act: Json) -> None:
    use = zhang.get(f"/my/uses?act_code={act['act_code']}&action=scan")[0]
    code = handed_over(wang, act)
    browser = Browser(city)
    refused = browser.send(f"/r/{code}/rating", browser.http.get(f"/r/{code}").text)
    assert (refused.status_code, "本人登录" in refused.text) == (409, True), "the officer cannot take the driver's token first"
    token = zhang.post(f"/my/uses/{use['id']}/rating-token")["token"]
    assert zhang.problem("POST", f"/my/uses/{use['id']}/rating-token") == (409, "rating_taken")
    rate = f"{city.address}/api/v1/ratings"
    assert httpx.post(rate, json={"token": token[:-2] + "AA", "score": 5}).json()["code"] == "rating_unreadable"
    assert httpx.post(rate, json={"token": token, "score": 6}).status_code == 422
    assert httpx.post(rate, json={"token": token, "score": 4}).status_code == 204
    assert httpx.post(rate, json={"token": token, "score": 4}).json()["code"] == "rating_spent"


# --- the notice ------------------------------------------------------------------------------------------------------------


def test_the_notice_is_public_and_its_version_stands_in_receipt_and_log(city: City, zhang: Phone, use: Json) -> None:
    notice = httpx.get(f"{city.address}/api/v1/notice").json()
    page = httpx.get(f"{city.address}/notice/{notice['version']}").text
    assert all(part["heading"] in page for part in notice["parts"])
    assert "待法制机构确认" in page
    content = read_signed(zhang.post(f"/my/uses/{use['id']}/signed-receipt")["file"].encode()).content
    assert content["notice"] == notice["version"]
    assert httpx.get(f"{city.address}/notice/0000-0").status_code == 404
