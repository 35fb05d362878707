"""No signal on the coast road: 王建国's phone judges by its field pack, writes down what it saw, and hands it in later."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Browser, expect

from liangzheng.codes.offline_code import Proof, make_proof, write_offline_code
from liangzheng.crypto.p256 import P256PrivateKey
from liangzheng.server.postgres import EmbeddedPostgres
from tests.journeys.browser import Screen, show_to_camera
from tests.journeys.conftest import City
from tests.journeys.phones import open_coach_act, show_and_open
from tests.journeys.showing import Showing

DRIVER = "道路运输从业人员从业资格证"
STANDING_LINE = "line-state"


@dataclass(slots=True)
class Shift:
    """Wang on the road: his browser, an act whose gate is open, and what his camera sees."""

    wang: Screen
    act: str
    film: Path

    def scan(self, text: str) -> tuple[str, str]:
        """Scan a text; give the standing and the big word."""
        show_to_camera(self.film, text)
        self.wang.page.goto(f"/officer/acts/{self.act}/scan")
        self.wang.page.wait_for_url(re.compile(r"/(seen|scans)/"))
        verdict = self.wang.see("verdict")
        verdict.wait_for()
        return str(verdict.get_attribute("data-standing")), self.wang.text("verdict-word")

    def lose_signal(self) -> None:
        """Drive into the valley."""
        self.wang.context.set_offline(True)

    def find_signal(self) -> None:
        """Drive out again."""
        self.wang.context.set_offline(False)


def ready(city: City, browser: Browser, film: Path, **options: object) -> Shift:
    """Sign in, wait for the field pack and the worker, open an act and let the party check both officers."""
    wang = Screen(browser, city.address, **options).sign_in("wang")
    first, li = city.phone("wang"), city.phone("li")
    act = str(open_coach_act(first)["id"])
    show_and_open(city.address, act, first, li)
    wang.page.goto("/officer")
    expect(wang.see(STANDING_LINE)).to_have_attribute("data-pack", "fresh")
    wang.page.wait_for_function("navigator.serviceWorker.controller !== null || navigator.serviceWorker.ready.then(() => true)")
    wang.page.goto(f"/officer/acts/{act}")
    expect(wang.see("go-scan")).to_be_enabled()
    return Shift(wang, act, film)


@pytest.fixture(scope="module")
def shift(city: City, browser: Browser, film: Path) -> Shift:
    return ready(city, browser, film)


@pytest.fixture(scope="module")
def zhang(city: City) -> Showing:
    """The driver's phone as the server knows it: the codes are the very ones its browser would show."""
    return Showing.of(city.phone("zhang"))


def test_the_shift_without_signal_and_what_comes_of_it(shift: Shift, zhang: Showing, city: City) -> None:
    on_line = city.phone("zhang").code_for(DRIVER)["text"]
    licence = zhang.licence(DRIVER)
    shift.lose_signal()
    shift.wang.page.goto("/officer")
    expect(shift.wang.see(STANDING_LINE)).to_have_attribute("data-reached", "false")
    good = zhang.text(licence)
    assert shift.scan(good) == ("valid_offline", "离线有效")
    assert shift.wang.see("verdict").get_attribute("data-tone") == "warn", "amber, never green"
    assert shift.scan(good) == ("invalid", "出示码已失效"), "a screenshot of it is a second showing"
    assert shift.scan(zhang.text(licence, ago=400))[0] == "invalid"
    assert shift.scan(forged(zhang, licence)) == ("invalid", "不是本人手机出示的")
    assert shift.scan(on_line)[0] == "cannot_confirm", "only a server can judge it"
    shift.wang.page.goto("/officer/queue")
    expect(shift.wang.see("queue-waiting")).to_contain_text("5")
    shift.find_signal()
    shift.wang.tap("update-now")
    expect(shift.wang.see(STANDING_LINE)).to_have_attribute("data-waiting", "0")
    scans = city.phone("wang").get(f"/acts/{shift.act}")["scans"]
    assert [scan["standing"] for scan in scans] == ["valid_offline", "invalid", "invalid", "invalid", "cannot_confirm"]
    assert scans[0]["server_standing"] == "valid"
    assert shift.wang.errors == []


def forged(zhang: Showing, licence: str) -> str:
    """His credential, shown by a phone that has not got his key."""
    credential = zhang.credentials[licence]
    proof = make_proof(Proof(issued_at=int(time.time()), counter=1, lifetime=60), credential, P256PrivateKey.generate())
    return write_offline_code(credential, proof)


def test_a_lost_phone_is_known_from_the_next_pack_on(shift: Shift, city: City) -> None:
    lost = Showing.of(city.phone("zhang"))
    licence = lost.licence(DRIVER)
    city.phone("zhang").post(f"/devices/{lost.device}/revoke", {"reason": "遗失"})
    shift.lose_signal()
    assert shift.scan(lost.text(licence))[0] == "valid_offline", "control: the pack of this morning cannot know"
    shift.find_signal()
    age_packs(city.folder)
    shift.wang.page.goto("/officer/queue")
    shift.wang.tap("update-now")
    expect(shift.wang.see("update-now")).not_to_have_attribute("aria-busy", "true")
    shift.lose_signal()
    assert shift.scan(lost.text(licence)) == ("invalid", "已挂失")
    shift.find_signal()


@pytest.mark.parametrize(
    ("offset", "expected"),
    [(timedelta(hours=13), "离线数据包已过期"), (timedelta(minutes=-10), "本机时间不准")],
    ids=["stale pack", "wrong clock"],
)
def test_what_the_phone_cannot_know_it_does_not_say(
    city: City, browser: Browser, film: Path, offset: timedelta, expected: str
) -> None:
    shift = ready(city, browser, film)
    zhang = Showing.of(city.phone("zhang"))
    milliseconds = int(offset.total_seconds() * 1000)
    shift.wang.context.add_init_script(f"const now = Date.now; Date.now = () => now() + {milliseconds}")
    shift.lose_signal()
    standing, _ = shift.scan(zhang.text(zhang.licence(DRIVER), ago=int(-offset.total_seconds()) if offset > timedelta(0) else 0))
    assert standing == "cannot_confirm"
    expect(shift.wang.page.get_by_text(expected).first).to_be_visible()


def age_packs(folder: Path) -> None:
    """Let the newest pack be ten minutes old, so that the next request makes a new one."""
    with psycopg.connect(EmbeddedPostgres(folder).conninfo("postgres"), autocommit=True) as connection:
        connection.execute("UPDATE verification_packissue SET issued_at = issued_at - interval '10 minutes'")


def test_the_driver_shows_and_checks_without_signal(browser: Browser, city: City, film: Path, shift: Shift) -> None:
    driver = Screen(browser, city.address).sign_in("zhang")
    expect(driver.see(STANDING_LINE)).to_have_attribute("data-reached", "true")
    driver.page.wait_for_timeout(1500)
    driver.context.set_offline(True)
    driver.page.goto("/holder")
    driver.page.locator("[data-testid^=licence-]", has_text=DRIVER).first.click()
    text = driver.text("code-text")
    assert text.startswith("LZ2:")
    expect(driver.see("code-offline")).to_be_visible()
    assert shift.scan(text)[1] in {"有效", "离线有效"}
    shift.lose_signal()
    shift.wang.page.goto(f"/officer/acts/{shift.act}/badge")
    badge = shift.wang.text("badge-url")
    assert badge.startswith("LZ2:")
    shift.find_signal()
    show_to_camera(film, badge)
    driver.page.goto("/holder/check")
    expect(driver.see("verdict")).to_have_attribute("data-standing", "valid_offline")
    assert driver.text("officer-name") == "王建国"
    assert driver.text("check-match") == shift.wang.text("badge-match")
    show_to_camera(film, f"{city.address}.example/b/forged")
    driver.page.goto("/holder/check")
    expect(driver.see("check-other")).to_be_visible()
    assert driver.page.url.startswith(city.address), "nobody is led elsewhere"
