"""代为出示 from beginning to end: a firm lets 刘明远 show its licence, he does so without signal, and the firm takes it back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Locator, expect

from tests.journeys.browser import Screen
from tests.journeys.conftest import City
from tests.journeys.phones import Json
from tests.journeys.test_delegation import own
from tests.journeys.test_offline_browser import STANDING_LINE, Shift, age_packs, ready

PURPOSE = "9月12日烟台至青岛包车"
FIRM = "海云"


@dataclass(frozen=True, slots=True)
class Street:
    """An officer's shift, and the phones of the firm and its driver."""

    shift: Shift
    firm: Screen
    liu: Screen
    licence: Json


def test_a_firm_gives_a_driver_shows_an_officer_sees_the_firm_takes_back(city: City, browser: Browser, film: Path) -> None:
    shift = ready(city, browser, film)
    firm = Screen(browser, city.address).sign_in("haiyun")
    licence = own(city.phone("haiyun"))[0]
    give(firm, licence)
    street = Street(shift, firm, Screen(browser, city.address).sign_in("liu"), licence)
    show_without_signal(street)
    take_back(street, city)


def give(firm: Screen, licence: Json) -> None:
    firm.tap("to-delegations")
    firm.tap("delegation-give")
    firm.tap("give-submit")
    expect(firm.page.get_by_text("请填写对方账号")).to_be_visible()
    choice = firm.see("give-licence").locator("option", has_text=licence["type_label"]).first.text_content()
    firm.see("give-licence").select_option(choice)
    firm.see("give-person").fill("liu")
    firm.see("give-purpose").fill(PURPOSE)
    firm.tap("give-submit")
    expect(live(firm)).to_contain_text("刘**")


def live(firm: Screen) -> Locator:
    """What the firm has given and not taken back."""
    found: Locator = firm.see("delegations-given").locator("[data-state=live]", has_text=PURPOSE)
    return found


def show_without_signal(street: Street) -> None:
    shift, liu = street.shift, street.liu
    expect(liu.see(STANDING_LINE)).to_have_attribute("data-reached", "true")
    liu.page.wait_for_timeout(1500)
    liu.page.goto("/holder/delegations")
    expect(liu.see("delegations-received")).to_contain_text(PURPOSE)
    assert liu.page.get_by_test_id("delegation-give").count() == 0, "a person passes nothing on"
    liu.context.set_offline(True)
    liu.page.goto("/holder")
    liu.tap(f"licence-{street.licence['id']}")
    expect(liu.see("on-behalf")).to_contain_text(FIRM)
    expect(liu.see("on-behalf")).to_contain_text(PURPOSE)
    shift.lose_signal()
    assert shift.scan(liu.text("code-text")) == ("valid_offline", "离线有效")
    expect(shift.wang.see("on-behalf")).to_contain_text("代为出示")
    expect(shift.wang.see("on-behalf")).to_contain_text(FIRM)
    expect(shift.wang.see("on-behalf")).to_contain_text(PURPOSE)


def take_back(street: Street, city: City) -> None:
    shift, firm, liu = street.shift, street.firm, street.liu
    live(firm).get_by_test_id(re.compile("^delegation-end-")).click()
    expect(firm.page.get_by_text("从执法人员的下一个数据包起失效")).to_be_visible()
    firm.tap("delegation-end-confirm")
    expect(firm.see("delegations-given").locator("[data-state=revoked]", has_text=PURPOSE)).to_be_visible()
    liu.page.reload()
    assert shift.scan(liu.text("code-text"))[0] == "valid_offline", "control: this morning's pack cannot know"
    shift.find_signal()
    age_packs(city.folder)
    shift.wang.page.goto("/officer/queue")
    shift.wang.tap("update-now")
    expect(shift.wang.see("update-now")).not_to_have_attribute("aria-busy", "true")
    shift.lose_signal()
    liu.page.reload()
    standing, word = shift.scan(liu.text("code-text"))
    assert (standing, word) == ("invalid", "授权已收回")
    shift.find_signal()

    liu.context.set_offline(False)
    liu.page.goto("/holder")
    expect(liu.see(STANDING_LINE)).to_have_attribute("data-reached", "true")
    expect(liu.page.get_by_test_id(f"licence-{street.licence['id']}")).to_have_count(0)
