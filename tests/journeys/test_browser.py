"""The whole job in a real browser: two officers' phones, the driver's phone, the party's own browser."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, expect

from tests.journeys.browser import Screen, chromium, picture_of, show_to_camera
from tests.journeys.conftest import City

KINDS = ("道路运输经营许可证", "道路运输证", "道路运输从业人员从业资格证")
DRIVER = KINDS[2]


@pytest.fixture(scope="module")
def wang(browser: Browser, city: City) -> Screen:
    """Officer Wang's phone."""
    return Screen(browser, city.address).sign_in("wang")


@pytest.fixture(scope="module")
def li(browser: Browser, city: City) -> Screen:
    """Officer Li's phone."""
    return Screen(browser, city.address).sign_in("li")


@pytest.fixture(scope="module")
def zhang(browser: Browser, city: City) -> Screen:
    """Driver Zhang's phone."""
    return Screen(browser, city.address).sign_in("zhang")


def open_coach(wang: Screen) -> str:
    """Fill in the opening form; gives the address of the act's page."""
    wang.page.goto("/officer")
    wang.tap("new-act")
    wang.tap("subject-coach")
    wang.see("act-place").fill("烟台市莱山区迎春大街演示路段")
    wang.see("ask-plate").fill("鲁F0D101")
    wang.page.locator("label", has_text="李海霞").locator("input").dispatch_event("click")
    wang.tap("act-create")
    wang.page.wait_for_url(re.compile(r"/officer/acts/[0-9a-f-]{36}"))
    return str(re.findall(r"/officer/acts/[0-9a-f-]{36}", wang.page.url)[0])


@pytest.fixture(scope="module")
def act(browser: Browser, city: City, wang: Screen, li: Screen) -> str:
    """Wang opens an inspection with Li; both show; the party opens both codes with any camera. Gives the act's page."""
    page = open_coach(wang)
    party = Screen(browser, city.address, java_script_enabled=False)
    for officer, name in ((wang, "王建国"), (li, "李海霞")):
        officer.page.goto(f"{page}/badge")
        url = officer.text("badge-url")
        assert url.split("/b/")[0] == city.address
        party.page.goto(url.removeprefix(city.address))
        expect(party.page.get_by_text(name).first).to_be_visible()
        expect(party.page.get_by_text(officer.text("badge-match")).first).to_be_visible()
    return page


def show_code(holder: Screen, kind: str) -> str:
    """The holder opens the code of a valid licence of a kind."""
    holder.page.goto("/holder")
    holder.page.locator("[data-testid^=licence-]", has_text=kind).first.click()
    text = holder.text("code-text")
    assert text.startswith("LZ1:")
    return text


def scan(officer: Screen, act: str, film: Path, text: str) -> tuple[str, int]:
    """The officer opens the camera before the code: the verdict's word and the milliseconds from camera to verdict."""
    show_to_camera(film, text)
    officer.page.goto(f"{act}/scan")
    officer.see("verdict").wait_for()
    took = officer.page.locator("[data-scan-ms]").first.get_attribute("data-scan-ms")
    return officer.text("verdict-word"), int(float(took or "0"))


def test_the_act_waits_until_both_have_shown_and_names_the_article(wang: Screen) -> None:
    open_coach(wang)
    expect(wang.see("gate-blocked")).to_contain_text("第五十五条")
    expect(wang.see("go-scan")).to_be_disabled()


def test_camera_scans_of_a_valid_a_revoked_and_a_replayed_code(
    wang: Screen, zhang: Screen, browser: Browser, city: City, act: str, film: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ma = Screen(browser, city.address).sign_in("ma")
    first = show_code(zhang, DRIVER)
    results = [scan(wang, act, film, first), scan(wang, act, film, show_code(ma, DRIVER)), scan(wang, act, film, first)]
    assert [word for word, _ in results] == ["有效", "已吊销", "出示码已失效"]
    assert all(took > 0 for _, took in results)
    with capsys.disabled():
        print(f"\ncamera open → verdict, ms: {[took for _, took in results]}")  # noqa: T201 - a figure to report


def test_the_whole_job(wang: Screen, li: Screen, zhang: Screen, act: str, film: Path) -> None:
    for kind in KINDS:
        word, _ = scan(wang, act, film, show_code(zhang, kind))
        assert word == "有效", kind
        wang.tap("keep-exhibit")
        expect(wang.see("keep-exhibit")).to_have_attribute("data-kept", "true")
    wang.tap("photo-match-yes")
    wang.tap("to-record")
    expect(wang.see("value-person_name")).to_contain_text("张三丰")
    expect(wang.see("value-operator_name")).to_contain_text("烟台海云客运有限公司（演示）")
    wang.tap("make-record")
    expect(wang.see("open-record")).to_be_visible()
    wang.page.goto(act)
    for requirement in ("operator_permit", "vehicle_certificate", "driver_qualification"):
        expect(wang.see(f"checklist-{requirement}")).to_have_attribute("data-state", "met")
    zhang.page.goto("/holder/uses")
    zhang.see("uses-item")
    expect(zhang.page.get_by_text("烟台市交通运输综合行政执法支队（演示）").first).to_be_visible()
    assert (wang.errors, li.errors, zhang.errors) == ([], [], [])


def test_a_photo_of_the_code_and_the_typed_code_work_without_a_camera(
    playwright: Playwright, film: Path, zhang: Screen, city: City, act: str, tmp_path: Path
) -> None:
    with chromium(playwright, film, has_camera=False) as blind:
        wang = Screen(blind, city.address).sign_in("wang")
        wang.page.goto(f"{act}/scan")
        wang.see("scan-notice").wait_for()
        picture = tmp_path / "photo.png"
        picture_of(show_code(zhang, DRIVER)).save(picture)
        wang.page.locator("input[type=file]").first.set_input_files(picture)
        wang.see("verdict").wait_for()
        assert wang.text("verdict-word") == "有效"
        show_code(zhang, DRIVER)
        wang.page.goto(f"{act}/scan")
        wang.see("scan-typed").fill(zhang.text("code-short"))
        wang.tap("scan-typed-submit")
        wang.see("verdict").wait_for()
        assert wang.text("verdict-word") == "有效"


def test_a_refused_camera_is_said_and_leaves_another_way(browser: Browser, city: City, act: str, film: Path) -> None:
    show_to_camera(film, "nothing")
    refused = Screen(browser, city.address, permissions=[]).sign_in("wang")
    refused.page.add_init_script(
        "navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotAllowedError'))"
    )
    refused.page.goto(f"{act}/scan")
    refused.see("scan-notice").wait_for()
    expect(refused.see("scan-typed")).to_be_visible()
