"""张三丰 sees who looked, takes the receipt to a machine that never signed in, objects and reads the answer: in real browsers."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.browser import DESK, Screen, looks
from tests.journeys.conftest import City
from tests.journeys.phones import Json, open_coach_act, show_and_open
from tests.journeys.test_public_log import seal
from tests.journeys.test_screens import look as look_at

DRIVER = "道路运输从业人员从业资格证"
WORKER = "navigator.serviceWorker.controller !== null || navigator.serviceWorker.ready.then(() => true)"


@dataclass(frozen=True, slots=True)
class Looked:
    """An inspection in which the driver's licence was scanned, and the look as he sees it."""

    act: Json
    scan: str
    use: str


@pytest.fixture(scope="module")
def looked(city: City) -> Looked:
    wang, zhang = city.phone("wang"), city.phone("zhang")
    act = open_coach_act(wang)
    show_and_open(city.address, act["id"], wang, city.phone("li"))
    scan = wang.scan(act["id"], zhang.code_for(DRIVER)["text"])["id"]
    seal(city)
    return Looked(act, scan, zhang.get(f"/my/uses?act_code={act['act_code']}&action=scan")[0]["id"])


@pytest.fixture(scope="module")
def saved(city: City, browser: Browser, looked: Looked, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The driver finds the look in his list, opens it, and saves the receipt."""
    zhang = Screen(browser, city.address, accept_downloads=True).sign_in("zhang")
    zhang.page.goto("/holder/uses")
    zhang.page.locator(f'a[href="/holder/uses/{looked.use}"]').click()
    expect(zhang.see("use-facts")).to_contain_text(looked.act["act_code"])
    zhang.tap("receipt-get")
    expect(zhang.see("receipt-logged")).to_have_attribute("data-logged", "true")
    with zhang.page.expect_download() as download:
        zhang.tap("receipt-save")
    file = tmp_path_factory.mktemp("stick") / download.value.suggested_filename
    download.value.save_as(file)
    assert zhang.errors == []
    return file


def test_the_receipt_is_checked_without_signal_on_a_machine_that_never_signed_in(
    city: City, browser: Browser, saved: Path, looked: Looked, tmp_path: Path
) -> None:
    other = Screen(browser, city.address, viewport=DESK)
    other.page.goto("/receipt")
    other.see("check-keys").wait_for()
    other.page.wait_for_function(WORKER)
    other.context.set_offline(True)
    other.page.reload()
    other.see("check-keys").wait_for()
    asked: list[str] = []
    other.page.on("request", lambda request: asked.append(request.method) if request.method != "GET" else None)
    other.see("check-file").set_input_files(saved)
    expect(other.see("check-verdict")).to_have_attribute("data-standing", "good")
    expect(other.see("check-facts")).to_contain_text(looked.act["act_code"])
    assert asked == [], "nothing is uploaded"
    told = json.loads(saved.read_text(encoding="utf-8"))
    cases = {
        "signed": {key: value for key, value in told.items() if key != "log_proof"},
        "bad": told | {"signatures": [{**one, "signature": "A" * 86} for one in told["signatures"]]},
        "unreadable": told | {"payload": told["payload"][:-4]},
    }
    for standing, case in cases.items():
        file = tmp_path / "receipt.json"
        file.write_text(json.dumps(case, ensure_ascii=False, indent=1), encoding="utf-8")
        other.see("check-file").set_input_files(file)
        expect(other.see("check-verdict")).to_have_attribute("data-standing", standing)
    cookies = [cookie["name"] for cookie in other.context.cookies()]
    assert "sessionid" not in cookies
    assert other.errors == []


def test_negative_control_with_the_keys_of_another_platform_the_same_receipt_is_bad(
    city: City, browser: Browser, saved: Path
) -> None:
    vectors = json.loads((Path(__file__).parent.parent / "vectors" / "receipts.json").read_text(encoding="utf-8"))
    other = Screen(browser, city.address)
    other.page.goto("/receipt")
    other.see("check-own-keys").fill("\n".join(vectors["keys"]))
    other.see("check-file").set_input_files(saved)
    expect(other.see("check-verdict")).to_have_attribute("data-standing", "bad")


def test_an_objection_is_filed_answered_and_read_in_the_browser(city: City, browser: Browser, looked: Looked) -> None:
    zhang, zhou = Screen(browser, city.address).sign_in("zhang"), Screen(browser, city.address)
    zhang.page.goto(f"/holder/uses/{looked.use}")
    zhang.tap("petition-open")
    zhang.tap("petition-send")
    expect(zhang.page.get_by_role("alert").first).to_be_visible()
    zhang.see("petition-text").fill("请说明为何查看（浏览器演示）。")
    zhang.tap("petition-send")
    expect(zhang.page.get_by_text(re.compile("已受理，编号 YY-")).first).to_be_visible()
    zhou.page.goto("/")
    zhou.see("login-username").fill("zhou")
    zhou.see("login-password").fill("liangzheng-demo")
    zhou.tap("login-submit")
    zhou.page.wait_for_url("**/officer")
    zhou.tap("to-petitions")
    card = zhou.page.locator('[data-testid^="petition-YY-"]').first
    card.get_by_test_id("petition-read").click()
    expect(card).to_contain_text("请说明为何查看（浏览器演示）。")
    card.get_by_test_id("petition-answer-open").click()
    zhou.see("answer-text").fill("查看在检查范围内，已附法律依据（演示）。")
    zhou.tap("answer-send")
    zhang.page.goto("/holder/petitions")
    expect(zhang.see("petition-answer")).to_have_text("查看在检查范围内，已附法律依据（演示）。")
    assert zhang.errors + zhou.errors == []


def test_an_officer_hands_over_a_receipt_and_the_party_uses_it_without_javascript(
    city: City, browser: Browser, looked: Looked
) -> None:
    wang = Screen(browser, city.address).sign_in("wang")
    wang.page.goto(f"/officer/acts/{looked.act['id']}/scans/{looked.scan}")
    wang.tap("hand-over")
    code = wang.text("handover-code").replace("-", "")
    party = Screen(browser, city.address, java_script_enabled=False)
    party.page.goto(f"/r/{code}")
    expect(party.see("receipt-word")).to_have_text("回执真实")
    party.see("petition-text").fill("检查时没有说明理由（演示）。")
    party.see("petition-kind").select_option("complaint")
    party.tap("petition-submit")
    expect(party.see("petition-filed")).to_contain_text("TS-")
    party.tap("receipt-print")
    assert party.page.locator("img").evaluate("picture => picture.complete && picture.naturalWidth > 0")
    assert looked.act["act_code"] in party.page.content()
    assert wang.errors + party.errors == []


def test_a_rating_is_sent_without_a_cookie(city: City, browser: Browser, looked: Looked) -> None:
    zhang = Screen(browser, city.address).sign_in("zhang")
    zhang.page.goto(f"/holder/uses/{looked.use}")
    zhang.tap("rating-open")
    zhang.tap("rating-start")
    zhang.tap("score-5")
    with zhang.page.expect_request("**/api/v1/ratings") as sent:
        zhang.tap("rating-send")
    zhang.see("rated").wait_for()
    assert "cookie" not in sent.value.all_headers()
    assert set(json.loads(sent.value.post_data or "{}")) == {"token", "score"}


@pytest.mark.parametrize(("size", "look"), [*looks(), ("phone", "elder")])
def test_every_screen_of_rights_is_accessible(city: City, browser: Browser, looked: Looked, look: str, size: str) -> None:
    options: dict[str, object] = {"color_scheme": "dark" if look == "dark" else "light", "reduced_motion": "reduce"}
    if size == "desk":
        options["viewport"] = DESK
    code = city.phone("zhang").post(f"/my/uses/{looked.use}/signed-receipt")["code"].replace("-", "")
    version = city.phone("zhang").get("/notice")["version"]
    pages = {
        "": {
            "receipt": f"/r/{code}",
            "receipt-print": f"/r/{code}/print",
            "receipt-unknown": "/r/none",
            "receipt-check": "/receipt",
            "notice": f"/notice/{version}",
            "paper-form": "/forms/petition",
        },
        "zhang": {"use": f"/holder/uses/{looked.use}", "uses": "/holder/uses", "petitions": "/holder/petitions"},
        "wang": {"inbox": "/officer/petitions"},
    }
    violations: list[str] = []
    for who, screens in pages.items():
        screen = Screen(browser, city.address, **options)
        if who:
            screen.sign_in(who)
        if look == "elder":
            screen.page.goto("/receipt")
            screen.page.evaluate("() => localStorage.setItem('liangzheng.size', 'elder')")
        for name, address in screens.items():
            screen.page.goto(address)
            violations += look_at(screen.page, f"rights-{name}", f"{size}-{look}", is_large=look == "elder")
        assert screen.errors == []
        screen.context.close()
    assert violations == []
