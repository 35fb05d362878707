"""Pages of the supervisor, the head and the auditor, and the officer's form of a look-up, in a real browser; axe is content."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.journeys.browser import DESK, PASSWORD, PHONE, Screen, looks
from tests.journeys.conftest import City
from tests.journeys.looking_up import CODES, by_person, open_act, requirement, watch
from tests.journeys.phones import Phone
from tests.journeys.test_screens import look


def sign_in(screen: Screen, username: str, home: str) -> Screen:
    screen.page.goto("/")
    screen.see("login-username").fill(username)
    screen.see("login-password").fill(PASSWORD)
    screen.tap("login-submit")
    screen.page.wait_for_url(f"**{home}")
    return screen


@pytest.fixture(scope="module")
def act(city: City) -> str:
    """An act with a look-up, an emergency access, an inquiry, and alarms."""
    wang, li, song = city.phone("wang"), city.phone("li"), city.phone("song")
    act = open_act(city, wang, li)
    wang.post(f"/acts/{act}/look-ups", by_person("张三丰", CODES["zhang"], wanted=requirement(wang, act, "person")))
    wang.post(f"/acts/{act}/break-glass", {"reason": "检查站核对车辆较多（演示）", "minutes": 30})
    agency = next(line["agency_id"] for line in song.get("/supervision/acts") if line["id"] == act)
    song.post("/supervision/inquiries", {"agency": agency, "question": "请说明检查安排（演示）", "days": 3, "act": act})
    watch(city)
    return act


@pytest.mark.parametrize(("size", "colours"), [*looks(), ("elder", "light")])
def test_every_page_of_supervision_is_accessible(browser: Browser, city: City, act: str, size: str, colours: str) -> None:
    wrong: list[str] = []
    pages = [
        ("song", "/supervise", ["/supervise", f"/supervise/acts/{act}"]),
        ("yu", "/officer", ["/agency"]),
        ("he", "/audit", ["/audit"]),
        ("wang", "/officer", [f"/officer/acts/{act}/look-up"]),
    ]
    for who, home, addresses in pages:
        viewport = DESK if size == "desk" else PHONE
        screen = Screen(browser, city.address, color_scheme=colours, viewport=viewport, reduced_motion="reduce")
        if size == "elder":
            screen.context.add_init_script("localStorage.setItem('liangzheng.size', 'elder')")
        sign_in(screen, who, home)
        for name in walk(screen, who, addresses):
            wrong += look(screen.page, name, f"{size}-{colours}", is_large=size == "elder")
        wrong += screen.errors
        screen.context.close()
    assert not wrong, "\n".join(wrong)


def walk(screen: Screen, who: str, addresses: list[str]) -> Iterator[str]:
    """Open one page after the other, of the supervisor's home every part."""
    for address in addresses:
        screen.page.goto(address)
        yield f"{who}{address.replace('/', '-')[:20]}"
    if who == "song":
        screen.page.goto("/supervise")
        for tab in ("acts", "accesses", "inquiries"):
            screen.tap(f"choice-{tab}")
            yield f"song-{tab}"


def test_the_supervisor_reviews_asks_and_closes_and_the_head_answers(browser: Browser, city: City, act: str) -> None:
    song = sign_in(Screen(browser, city.address, viewport=DESK), "song", "/supervise")
    assert "演示" in song.text("alarm-break_glass_opened")
    song.tap("choice-accesses")
    song.tap("access-review")
    song.see("review-note").fill("核实属实（演示）")
    song.tap("review-accept")
    song.page.get_by_text("已认可").first.wait_for()
    song.tap("choice-alarms")
    song.see("alarm-break_glass_opened").get_by_test_id("alarm-close").click()
    song.see("close-note").fill("已复核")
    song.tap("close-submit")
    song.page.get_by_test_id("alarm-break_glass_opened").wait_for(state="detached")
    song.tap("choice-acts")
    song.page.locator(f'a[href="/supervise/acts/{act}"]').click()
    song.page.get_by_text("张**").first.wait_for()
    assert "张三丰" not in song.page.content()
    head = sign_in(Screen(browser, city.address, viewport=DESK), "yu", "/officer")
    head.tap("to-agency")
    head.tap("answer-open")
    head.see("answer-text").fill("按年度计划安排（演示）")
    head.tap("answer-submit")
    head.page.get_by_text("按年度计划安排（演示）").first.wait_for()
    song.page.goto("/supervise")
    song.tap("choice-inquiries")
    song.page.get_by_text("按年度计划安排（演示）").first.wait_for()
    song.tap("inquiry-close")
    song.page.get_by_text("已办结").first.wait_for()


def test_the_officer_looks_up_on_the_phone_and_the_auditor_finds_it(browser: Browser, city: City) -> None:
    wang, li = city.phone("wang"), city.phone("li")
    act = open_act(city, wang, li)
    officer = Screen(browser, city.address).sign_in("wang")
    officer.page.goto(f"/officer/acts/{act}")
    officer.tap("go-look-up")
    officer.tap("look-up-submit")
    officer.page.get_by_text("请填写完整，并选择理由").wait_for()
    officer.tap("choice-vehicle_certificate")
    officer.tap("choice-plate")
    officer.see("look-up-plate").fill("鲁F0D101")
    officer.see("look-up-colour").select_option("黄")
    officer.tap("choice-nobody_present")
    officer.page.get_by_text("个人信息保护法第三十四条").first.wait_for()
    officer.tap("look-up-submit")
    officer.page.wait_for_url(f"**/officer/acts/{act}/scans/**")
    officer.page.get_by_text("不是本人出示").first.wait_for()
    code = Phone.of(city.address, "wang").get(f"/acts/{act}")["act_code"]
    auditor = sign_in(Screen(browser, city.address, viewport=DESK), "he", "/audit")
    auditor.see("audit-act").fill(code)
    auditor.see("audit-action").fill("look_up")
    auditor.tap("audit-find")
    found = auditor.page.locator('[data-testid="audit-entry"]')
    auditor.page.wait_for_function("() => document.querySelectorAll('[data-testid=audit-entry]').length === 1")
    assert found.get_attribute("data-action") == "look_up"
    assert code in str(found.text_content())
