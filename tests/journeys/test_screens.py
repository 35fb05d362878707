"""Every screen, with signal and without: no accessibility violation (axe, WCAG 2.2 AA), nothing outside the policy.

No scrolling sideways. Light and dark, phone and desktop, and the large size (长辈版), in which no letter is smaller than 18 px
and no target than 60. With LIANGZHENG_PICTURES=folder each screen is also saved as a picture.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, expect

from tests.journeys.browser import DESK, PHONE, Screen, looks, show_to_camera
from tests.journeys.conftest import City
from tests.journeys.phones import Phone, open_coach_act, show_and_open
from tests.journeys.showing import Showing

AXE = "async () => (await axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})).violations"
DRIVER = "道路运输从业人员从业资格证"
SIZES = {"phone": PHONE, "desk": DESK}
SIDEWAYS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
BURST = """(text) => [...text, 'Enter'].forEach((key, place) => {
  const event = new KeyboardEvent('keydown', { key, code: key, bubbles: true })
  Object.defineProperty(event, 'timeStamp', { value: 5 * place })
  document.body.dispatchEvent(event)
})"""
"""A hardware scanner's keys, all in one moment however busy the machine is."""
TOO_SMALL = """() => {
  const found = []
  const said = (part) => part.outerHTML.slice(0, 160)
  const isHidden = (part) => part.closest('.unseen, [aria-hidden=true]') !== null
  const isSeen = (part) => part.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && !isHidden(part)
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (texts.nextNode()) {
    const part = texts.currentNode.parentElement
    if (texts.currentNode.data.trim() === '' || !isSeen(part) || part.closest('script, style, noscript, option')) continue
    const size = parseFloat(getComputedStyle(part).fontSize)
    if (size < 18) found.push(`${size} px: ${said(part)}`)
  }
  const targets = 'button, a[href], input:not([type=hidden]), select, textarea, summary, [role=button]'
  for (const part of document.querySelectorAll(targets)) {
    const { width, height } = part.getBoundingClientRect()
    const isBox = part.type === 'checkbox' || part.type === 'radio'
    const around = isBox ? (part.closest('label') ?? part).getBoundingClientRect() : { width, height }
    const isInText = part.matches('a') && getComputedStyle(part).display === 'inline'
    if (isSeen(part) && width > 1 && !isInText && Math.min(around.width, around.height) < 60)
      found.push(`${Math.round(around.width)} x ${Math.round(around.height)}: ${said(part)}`)
  }
  return [...new Set(found)]
}"""


@dataclass(frozen=True, slots=True)
class Story:
    """What the screens show: addresses by screen name, and who looks at them."""

    officer: dict[str, str]
    holder: dict[str, str]
    firm: dict[str, str]
    wang: Phone
    act: str
    open_act: str
    number: str
    driver: Showing
    own: str

    def anybody(self) -> dict[str, str]:
        """Screens without log-in; the badge code is made now, because it lives a minute."""
        badge = self.wang.post(f"/acts/{self.act}/badge")["url"].rsplit("/b/", 1)[1]
        return {
            "sign-in": "/",
            "not-found": "/no/such/page",
            "party-badge": f"/b/{badge}",
            "party-badge-forged": "/b/forged",
            "party-check": "/check",
            "party-check-found": f"/check?act={self.number}",
            "party-check-unknown": "/check?act=370600-20200101-AAAAAA",
        }


@pytest.fixture(scope="module")
def story(city: City, film: Path) -> Story:
    """An act in the middle of its work, and one that has just been opened; the cameras see a wall."""
    show_to_camera(film, "")
    wang, li, zhang, ma = (city.phone(name) for name in ("wang", "li", "zhang", "ma"))
    blocked, act = open_coach_act(wang)["id"], open_coach_act(wang)["id"]
    show_and_open(city.address, act, wang, li)
    good = [wang.scan(act, zhang.code_for(kind)["text"]) for kind in ("道路运输经营许可证", "道路运输证", DRIVER)]
    replay = zhang.code_for(DRIVER)["text"]
    wang.scan(act, replay)
    bad = wang.scan(act, ma.code_for(DRIVER)["text"])["id"]
    used = wang.scan(act, replay)["id"]
    unknown = wang.scan(act, "https://ymt.example.cn/resident/9f8e7d6c5b4a")["id"]
    wang.post(f"/acts/{act}/scans/{good[2]['id']}/exhibit")
    wang.post(f"/acts/{act}/record")
    own = next(licence["id"] for licence in zhang.get("/my/licences") if licence["type_label"] == DRIVER)
    firm = city.phone("haiyun")
    given = next(licence["id"] for licence in firm.get("/my/licences") if licence["may_delegate"])
    until = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    firm.post("/my/delegations", {"licence": given, "to_user": "liu", "purpose": "烟台至青岛包车", "until": until})
    shift = open_coach_act(wang)
    show_and_open(city.address, str(shift["id"]), wang, li)
    scans = {"valid": good[2]["id"], "revoked": bad, "used": used, "unknown": unknown}
    return Story(
        officer=officer_screens(str(act), str(blocked), scans),
        holder=holder_screens(own),
        firm={"firm-licences": "/holder", "firm-delegations": "/holder/delegations"},
        wang=wang,
        act=act,
        open_act=str(shift["id"]),
        number=str(shift["act_code"]),
        driver=Showing.of(zhang),
        own=own,
    )


def officer_screens(act: str, blocked: str, scans: Mapping[str, str]) -> dict[str, str]:
    """Addresses of what an officer sees."""
    at = f"/officer/acts/{act}"
    return {
        "officer-home": "/officer",
        "officer-new": "/officer/acts/new",
        "officer-act-blocked": f"/officer/acts/{blocked}",
        "officer-act": at,
        "officer-badge": f"{at}/badge",
        "officer-scan": f"{at}/scan",
        **{f"officer-result-{name}": f"{at}/scans/{scan}" for name, scan in scans.items()},
        "officer-record": f"{at}/record",
        "officer-queue": "/officer/queue",
        "officer-training": "/officer/training",
        "officer-devices": "/devices",
        "security": "/security",
    }


def holder_screens(own: str) -> dict[str, str]:
    """Addresses of what a licence holder sees."""
    return {
        "holder-licences": "/holder",
        "holder-code": f"/holder/licences/{own}",
        "holder-uses": "/holder/uses",
        "holder-check": "/holder/check",
    }


def without_signal(screen: Screen, story: Story, who: str) -> Iterator[str]:
    """Lead a phone through what it shows without signal; give the name of each screen when it stands there."""
    page = screen.page
    page.goto("/officer" if who == "wang" else "/holder")
    if who == "zhang":
        page.wait_for_load_state("networkidle")
        screen.context.set_offline(offline=True)
        page.goto(f"/holder/licences/{story.own}")
        screen.see("code-offline")
        yield "holder-code-offline"
    else:
        expect(screen.see("line-state")).to_have_attribute("data-pack", "fresh")
        at = f"/officer/acts/{story.open_act}"
        page.goto(at)
        expect(screen.see("go-scan")).to_be_enabled()
        screen.context.set_offline(offline=True)
        for name, text in (("valid", story.driver.text(story.driver.licence(DRIVER))), ("unreadable", "LZ2:6BF0X")):
            page.goto(f"{at}/scan")
            expect(screen.see("camera")).to_have_attribute("data-state", "live")
            page.evaluate(BURST, text)
            expect(screen.see("verdict")).to_have_attribute("data-standing", "valid_offline" if name == "valid" else "invalid")
            yield f"officer-seen-{name}"
        page.goto(f"{at}/badge")
        screen.see("badge-offline")
        yield "officer-badge-offline"
        page.goto("/officer/queue")
        yield "officer-queue-waiting"
    screen.context.set_offline(offline=False)


def violations(page: Page) -> list[str]:
    """What axe finds, a line for each element."""
    return [f"{one['id']}: {node['html'][:160]}" for one in page.evaluate(AXE) for node in one["nodes"]]


def look(page: Page, name: str, manner: str, *, is_large: bool = False) -> list[str]:
    """Look at one screen: what is wrong, in words; a picture where one is wanted."""
    page.wait_for_load_state("networkidle") if "scan" not in name else page.wait_for_timeout(150)
    folder = os.environ.get("LIANGZHENG_PICTURES")
    if folder:
        page.wait_for_timeout(200)
        page.screenshot(path=Path(folder) / f"{name}-{manner}.png")
    page.evaluate((settings.PROJECT / "web" / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8"))
    found = violations(page)
    if any(fault.startswith("target-size") for fault in found):
        # Half hidden by the bar at the bottom, a target counts as small: only what is small wherever one scrolls is.
        page.evaluate("() => window.scrollTo(0, document.body.scrollHeight)")
        found = [fault for fault in found if fault in violations(page)]
    found += [f"sideways: {pixels} px" for pixels in (page.evaluate(SIDEWAYS),) if pixels > 0]
    found += page.evaluate(TOO_SMALL) if is_large else []
    return [f"{name} {manner}: {fault}" for fault in found]


def walk(open_screen: Callable[[], Screen], story: Story, manner: str, *, is_large: bool = False) -> tuple[list[str], list[str]]:
    """See every screen as everybody; give what is wrong with the screens, and what the browser complained about."""
    wrong: list[str] = []
    outside: list[str] = []
    for who, screens in (("", story.anybody()), ("wang", story.officer), ("zhang", story.holder), ("haiyun", story.firm)):
        screen = open_screen()
        if who:
            screen.sign_in(who)
        for name, address in screens.items():
            screen.page.goto(address)
            wrong += look(screen.page, name, manner, is_large=is_large)
        if who in {"wang", "zhang"}:
            for name in without_signal(screen, story, who):
                wrong += look(screen.page, name, manner, is_large=is_large)
        outside += screen.errors
        screen.context.close()
    return wrong, outside


@pytest.mark.parametrize(("size", "colours"), looks())
def test_every_screen_is_accessible(browser: Browser, city: City, story: Story, size: str, colours: str) -> None:
    def open_screen() -> Screen:
        return Screen(browser, city.address, color_scheme=colours, viewport=SIZES[size], reduced_motion="reduce")

    wrong, outside = walk(open_screen, story, f"{size}-{colours}")
    assert wrong == []
    assert outside == []


def test_everything_is_large_in_the_large_size(browser: Browser, city: City, story: Story) -> None:
    def open_screen() -> Screen:
        screen = Screen(browser, city.address, reduced_motion="reduce")
        screen.context.add_init_script("localStorage.setItem('liangzheng.size', 'elder')")
        return screen

    wrong, _ = walk(open_screen, story, "phone-elder", is_large=True)
    assert not wrong, "\n".join(wrong)


def test_negative_control_what_is_wrong_is_found(browser: Browser, city: City) -> None:
    screen = Screen(browser, city.address)
    screen.page.goto("/")
    screen.page.evaluate("() => document.body.append(new Image())")
    assert look(screen.page, "spoilt", "control")
    assert any(" px: " in fault for fault in look(screen.page, "small", "control", is_large=True)), (
        "the usual size is not the large one"
    )
    screen.page.evaluate("() => { document.body.style.width = '120vw' }")
    assert any("sideways" in fault for fault in look(screen.page, "wide", "control"))
