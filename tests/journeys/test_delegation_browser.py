"""代为出示 from beginning to end: a firm lets 刘明远 show its licence, he does so without signal, and the firm takes it back."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.journeys.browser import Screen
from tests.journeys.conftest import City
from tests.journeys.test_delegation import own
from tests.journeys.test_offline_browser import STANDING_LINE, age_packs, ready

PURPOSE = "9月12日烟台至青岛包车"
FIRM = "海云"


def test_a_firm_gives_a_driver_shows_an_officer_sees_the_firm_takes_back(city: City, browser: Browser, film: Path) -> None:
    shift = ready(city, browser, film)
    licence = own(city.phone("haiyun"))[0]
    firm = Screen(browser, city.address).sign_in("haiyun")
    firm.tap("to-delegations")
    firm.tap("delegation-give")
    firm.tap("give-submit")
    expect(firm.page.get_by_text("请填写对方账号")).to_be_visible()
    choice = firm.see("give-licence").locator("option", has_text=licence["type_label"]).first.text_content()
    firm.see("give-licence").select_option(choice)
    firm.see("give-person").fill("liu")
    firm.see("give-purpose").fill(PURPOSE)
    firm.tap("give-submit")
    given = firm.see("delegations-given").locator("[data-state=live]", has_text=PURPOSE)
    expect(given).to_contain_text("刘**")

    liu = Screen(browser, city.address).sign_in("liu")
    expect(liu.see(STANDING_LINE)).to_have_attribute("data-reached", "true")
    liu.page.wait_for_timeout(1500)
    liu.page.goto("/holder/delegations")
    expect(liu.see("delegations-received")).to_contain_text(PURPOSE)
    assert liu.page.get_by_test_id("delegation-give").count() == 0, "a person passes nothing on"
    liu.context.set_offline(True)
    liu.page.goto("/holder")
    liu.tap(f"licence-{licence['id']}")
    expect(liu.see("on-behalf")).to_contain_text(FIRM)
    expect(liu.see("on-behalf")).to_contain_text(PURPOSE)
    shift.lose_signal()
    assert shift.scan(liu.text("code-text")) == ("valid_offline", "离线有效")
    expect(shift.wang.see("on-behalf")).to_contain_text("代为出示")
    expect(shift.wang.see("on-behalf")).to_contain_text(FIRM)
    expect(shift.wang.see("on-behalf")).to_contain_text(PURPOSE)

    given.get_by_test_id(re.compile("^delegation-end-")).click()
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
    expect(liu.page.get_by_test_id(f"licence-{licence['id']}")).to_have_count(0)
