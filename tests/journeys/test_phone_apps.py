"""More of the phones in a real browser: a hardware scanner, practice, taking back, entering late, large codes, a lost phone."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, expect

from liangzheng.server.postgres import EmbeddedPostgres
from tests.journeys.browser import Screen, show_to_camera
from tests.journeys.conftest import City
from tests.journeys.phones import Json, Phone
from tests.journeys.showing import Showing
from tests.journeys.test_offline_browser import DRIVER, STANDING_LINE, Shift, ready

SAMPLES = {
    "valid": "有效",
    "offline": "离线有效",
    "expired": "已过期",
    "revoked": "已吊销",
    "forged": "不是本人手机出示的",
    "used": "出示码已失效",
}
PURPLE = "rgb(91, 42, 134)"


@pytest.fixture(scope="module")
def whole_shift(city: City, browser: Browser, film: Path) -> Shift:
    return ready(city, browser, film)


@pytest.fixture
def shift(whole_shift: Shift) -> Iterator[Shift]:
    """With signal before and after, so that one story that fails spoils no other."""
    yield whole_shift
    whole_shift.find_signal()


def wedge(shift: Shift, text: str, *, end: str = "Enter") -> None:
    """A scanner in the hand: every key at once, then its end."""
    shift.wang.page.keyboard.type(text)
    shift.wang.page.keyboard.press(end)


def scans_of(city: City, shift: Shift) -> list[Json]:
    """The act's scans as the server has them, with their details."""
    wang = city.phone("wang")
    return [wang.get(f"/acts/{shift.act}/scans/{line['id']}") for line in wang.get(f"/acts/{shift.act}")["scans"]]


def open_scan(shift: Shift) -> None:
    """The scan page with a camera that sees nothing."""
    show_to_camera(shift.film, "")
    shift.wang.page.goto(f"/officer/acts/{shift.act}/scan")
    expect(shift.wang.see("camera")).to_have_attribute("data-state", "live")


def code(city: City, kind: str = DRIVER) -> str:
    """A fresh on-line code of the driver's."""
    return str(city.phone("zhang").code_for(kind)["text"])


def test_a_hardware_scanner_types_and_no_hand_is_taken_for_one(shift: Shift, city: City) -> None:
    page = shift.wang.page
    open_scan(shift)
    page.keyboard.type(code(city)[:30], delay=90)
    page.keyboard.press("Enter")
    assert page.url.endswith("/scan"), "a hand: nothing was sent"
    wedge(shift, code(city))
    page.wait_for_url(re.compile("/scans/"))
    assert shift.wang.text("verdict-word") == "有效"
    open_scan(shift)
    shift.wang.see("scan-typed").focus()
    wedge(shift, code(city), end="Tab")
    page.wait_for_url(re.compile("/scans/"))
    assert shift.wang.text("verdict-word") == "有效", "the text field takes it, too, as a scanner's"
    assert [scan["method"] for scan in scans_of(city, shift)] == ["wedge", "wedge"]


PROCESS = """(text) => {
  for (const letter of text) {
    const isLetter = /[a-z]/i.test(letter), isDigit = /[0-9]/.test(letter)
    const marks = { ':': 'Semicolon', '-': 'Minus', '.': 'Period', ' ': 'Space', '/': 'Slash', '+': 'Equal',
      '$': 'Digit4', '%': 'Digit5', '*': 'Digit8' }
    const mark = marks[letter]
    const code = isLetter ? 'Key' + letter.toUpperCase() : isDigit ? 'Digit' + letter : mark
    const shiftKey = (isLetter && letter === letter.toUpperCase()) || ':$%*+'.includes(letter)
    document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'Process', code, shiftKey, bubbles: true }))
  }
  document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', code: 'Enter', bubbles: true }))
}"""


def test_an_input_method_does_not_spoil_what_a_scanner_reads(shift: Shift, city: City) -> None:
    open_scan(shift)
    shift.wang.page.evaluate(PROCESS, code(city))
    shift.wang.page.wait_for_url(re.compile("/scans/"))
    assert shift.wang.text("verdict-word") == "有效"


def test_a_hardware_scanner_works_without_signal(shift: Shift, city: City) -> None:
    zhang = Showing.of(city.phone("zhang"))
    shift.lose_signal()
    open_scan(shift)
    wedge(shift, zhang.text(zhang.licence(DRIVER)))
    shift.wang.page.wait_for_url(re.compile("/seen/"))
    assert shift.wang.text("verdict-word") == "离线有效"
    shift.find_signal()
    hand_in(shift)
    assert scans_of(city, shift)[-1]["method"] == "wedge"


def hand_in(shift: Shift) -> None:
    """The queue goes to the server."""
    shift.wang.page.goto("/officer/queue")
    shift.wang.tap("update-now")
    expect(shift.wang.see(STANDING_LINE)).to_have_attribute("data-waiting", "0")


def test_practice_leaves_one_line_in_the_queue_and_nothing_else(shift: Shift, city: City) -> None:
    wang, before = shift.wang, scans_of(city, shift)
    sent: list[str] = []
    wang.page.goto("/officer")
    wang.tap("to-training")
    wang.page.on("request", lambda request: sent.append(request.url) if request.method != "GET" else None)
    for sample, word in SAMPLES.items():
        wang.tap(f"practise-{sample}")
        expect(wang.see("practice-result")).to_have_attribute("data-sample", sample)
        assert wang.text("practice-word") == word
        expect(wang.see("practice-band")).to_be_in_viewport()
        colours = wang.see("practice-result").evaluate("(part) => getComputedStyle(part).backgroundImage")
        assert PURPLE in colours, "no verdict's colour"
        assert wang.page.get_by_test_id("verdict").count() == 0
    wang.tap("practice-show-expired")
    shown = drawn(wang, "practice-qr")
    show_to_camera(shift.film, shown)
    wang.tap("practice-scan")
    expect(wang.see("practice-result")).to_have_attribute("data-sample", "expired")
    wedge(shift, code(city))
    expect(wang.see("practice-real")).to_be_visible()
    assert wang.page.get_by_test_id("practice-result").count() == 0, "a real code is not judged here"
    assert sent == []
    wang.tap("practice-end")
    hand_in(shift)
    for _ in range(60):
        if last_kind(city) == "training_end":
            break
        wang.page.wait_for_timeout(250)
    assert last_kind(city) == "training_end"
    assert scans_of(city, shift) == before


def last_kind(city: City) -> str:
    """The newest event of any phone, by the database."""
    with psycopg.connect(EmbeddedPostgres(city.folder).conninfo("postgres")) as connection:
        row = connection.execute("SELECT kind FROM onsite_deviceevent ORDER BY id DESC LIMIT 1").fetchone()
    assert row is not None
    return str(row[0])


def test_a_practice_code_is_worth_nothing_in_an_inspection(shift: Shift, city: City) -> None:
    wang = city.phone("wang")
    for text in ("LZ-PRACTICE:VALID", "LZ-PRACTICE:OFFLINE", "lz-practice:valid "):
        assert wang.scan(shift.act, text)["verdict"]["standing"] in {"invalid", "cannot_confirm"}, "by the server, too"
    before = len(scans_of(city, shift))
    open_scan(shift)
    wedge(shift, "LZ-PRACTICE:VALID")
    expect(shift.wang.see("scan-notice")).to_have_attribute("data-trouble", "practice")
    shift.wang.tap("camera-retry")
    assert len(scans_of(city, shift)) == before
    wedge(shift, code(city))
    shift.wang.page.wait_for_url(re.compile("/scans/"))


def test_a_scan_made_with_signal_is_taken_back_with_a_reason(shift: Shift, city: City) -> None:
    wang = shift.wang
    open_scan(shift)
    wedge(shift, code(city))
    wang.page.wait_for_url(re.compile("/scans/"))
    scan = wang.page.url.rsplit("/", 1)[1]
    wang.tap("undo-scan")
    wang.tap("undo-submit")
    expect(wang.page.get_by_text("请填写撤回理由")).to_be_visible()
    wang.see("undo-reason").fill("扫错了人")
    wang.tap("undo-submit")
    expect(wang.see("undone")).to_contain_text("已填入笔录的内容随之移除")
    assert city.phone("wang").get(f"/acts/{shift.act}/scans/{scan}")["undone"]
    assert wang.page.get_by_test_id("undo-scan").count() == 0
    wang.page.goto(f"/officer/acts/{shift.act}")
    expect(wang.see(f"scan-{scan}")).to_contain_text("已撤回")


def test_a_late_entry_is_written_without_signal_and_counts_later_as_unverified(shift: Shift, city: City) -> None:
    wang = shift.wang
    wang.page.goto(f"/officer/acts/{shift.act}")
    expect(wang.see("go-scan")).to_be_enabled()
    shift.lose_signal()
    wang.tap("late-entry")
    expect(wang.see("late-until")).to_contain_text("补录截至")
    wang.see("late-requirement").select_option("道路运输证（车辆）")
    wang.tap("late-submit")
    expect(wang.page.get_by_text("请选择证照，并填写理由")).to_be_visible()
    for name, text in (("reason", "当时手机没电"), ("holder", "烟台海云客运有限公司（演示）"), ("number", "鲁交运管烟字0001号")):
        wang.see(f"late-{name}").fill(text)
    wang.tap("late-submit")
    expect(wang.page.get_by_text("已写入队列，联网后计入检查")).to_be_visible()
    shift.find_signal()
    hand_in(shift)
    ticks = city.phone("wang").get(f"/acts/{shift.act}")["checklist"]
    assert next(tick["state"] for tick in ticks if tick["requirement"]["label"] == "道路运输证（车辆）") == "physical"


def drawn(screen: Screen, name: str) -> str:
    """What a scanner reads from a picture of this part of the screen."""
    picture = Image.open(io.BytesIO(screen.see(name).screenshot()))
    found = zxingcpp.read_barcodes(picture)
    return found[0].text if found else ""


def test_codes_without_signal_are_read_from_a_picture_of_the_screen(shift: Shift, browser: Browser, city: City) -> None:
    driver = Screen(browser, city.address).sign_in("zhang")
    expect(driver.see(STANDING_LINE)).to_have_attribute("data-reached", "true")
    driver.page.wait_for_timeout(1500)
    driver.page.locator("[data-testid^=licence-]", has_text=DRIVER).first.click()
    driver.tap("code-change")
    expect(driver.see("code-offline")).to_be_visible()
    shift.lose_signal()
    shift.wang.page.goto(f"/officer/acts/{shift.act}/badge")
    expect(shift.wang.see("badge-offline")).to_be_visible()
    codes = ((driver, "code-qr", "code-text", "code-zoom"), (shift.wang, "badge-qr", "badge-url", "badge-enlarge"))
    for screen, qr, text, button in codes:
        box = screen.see(qr).bounding_box()
        assert box is not None
        assert box["width"] >= 326
        assert drawn(screen, qr) == screen.text(text)
        screen.tap(button)
        full = screen.page.locator(".full .qr")
        box = full.bounding_box()
        assert box is not None
        assert box["width"] == 390, "as wide as the screen"
        picture = Image.open(io.BytesIO(screen.page.screenshot()))
        assert zxingcpp.read_barcodes(picture)[0].text.startswith("LZ2:")
    shift.find_signal()


def devices(phone: Phone) -> list[Json]:
    """Devices that are not revoked."""
    return [device for device in phone.get("/devices") if device["revoked_at"] is None]


KEPT = """async () => {
  const answer = (asked) => new Promise((resolve) => { asked.onsuccess = () => resolve(asked.result) })
  const vault = await answer(indexedDB.open('liangzheng'))
  const count = (store) => answer(vault.transaction(store).objectStore(store).count())
  const found = [await count('keys'), await count('facts'), await count('parts')]
  vault.close()
  return found
}"""


def test_a_phone_revoked_elsewhere_says_so_and_wipes_itself(browser: Browser, city: City) -> None:
    before = {device["id"] for device in city.phone("li").get("/devices")}
    phone = Screen(browser, city.address).sign_in("li")
    expect(phone.see(STANDING_LINE)).to_have_attribute("data-pack", "fresh")
    phone.page.goto("/devices")
    own = phone.page.locator("[data-here=true]")
    expect(own).to_contain_text("Chrome")
    phone.tap("device-name")
    phone.see("device-label").fill("执法二号机")
    phone.tap("device-name-submit")
    expect(own).to_contain_text("执法二号机")
    device = next(one for one in devices(city.phone("li")) if one["id"] not in before)
    assert device["label"] == "执法二号机"
    assert all(count > 0 for count in phone.page.evaluate(KEPT)), "control"
    other = Screen(browser, city.address).sign_in("li")
    other.page.goto("/devices")
    other.tap(f"device-revoke-{device['id']}")
    other.tap("device-revoke-submit")
    expect(other.page.get_by_text("请填写停用理由")).to_be_visible()
    other.see("device-reason").fill("手机遗失")
    other.tap("device-revoke-submit")
    expect(other.see(f"device-{device['id']}")).to_contain_text("已停用")
    phone.page.goto("/officer")
    expect(phone.see("revoked")).to_have_attribute("data-wiped", "true")
    assert phone.page.evaluate(KEPT)[1:] == [0, 0]
    phone.tap("revoked-leave")
    phone.see("login-username").wait_for()
    phone.sign_in("li")
    expect(phone.see(STANDING_LINE)).to_have_attribute("data-pack", "fresh")
    assert device["id"] not in {UUID(one["id"]) for one in devices(city.phone("li"))}, "a new key, a new device"
