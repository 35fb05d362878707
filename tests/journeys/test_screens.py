"""Every screen, light and dark, phone and desktop: no accessibility violation (axe, WCAG 2.2 AA), nothing outside the policy.

With LIANGZHENG_PICTURES=folder each screen is also saved as a picture.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page

from tests.journeys.browser import DESK, PHONE, Screen
from tests.journeys.conftest import City
from tests.journeys.phones import Phone, open_coach_act, show_and_open

AXE = "async () => (await axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})).violations"
DRIVER = "道路运输从业人员从业资格证"
SIZES = {"phone": PHONE, "desk": DESK}


@dataclass(frozen=True, slots=True)
class Story:
    """What the screens show: addresses by screen name, and who looks at them."""

    officer: dict[str, str]
    holder: dict[str, str]
    wang: Phone
    act: str

    def anybody(self) -> dict[str, str]:
        """Screens without log-in; the badge code is made now, because it lives a minute."""
        badge = self.wang.post(f"/acts/{self.act}/badge")["url"].rsplit("/b/", 1)[1]
        return {"sign-in": "/", "not-found": "/no/such/page", "party-badge": f"/b/{badge}", "party-badge-forged": "/b/forged"}


@pytest.fixture(scope="module")
def story(city: City) -> Story:
    """An act in the middle of its work, and one that has just been opened."""
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
    at = f"/officer/acts/{act}"
    return Story(
        officer={
            "officer-home": "/officer",
            "officer-new": "/officer/acts/new",
            "officer-act-blocked": f"/officer/acts/{blocked}",
            "officer-act": at,
            "officer-badge": f"{at}/badge",
            "officer-scan": f"{at}/scan",
            "officer-result-valid": f"{at}/scans/{good[2]['id']}",
            "officer-result-revoked": f"{at}/scans/{bad}",
            "officer-result-used": f"{at}/scans/{used}",
            "officer-result-unknown": f"{at}/scans/{unknown}",
            "officer-record": f"{at}/record",
        },
        holder={"holder-licences": "/holder", "holder-code": f"/holder/licences/{own}", "holder-uses": "/holder/uses"},
        wang=wang,
        act=act,
    )


def check(page: Page, name: str, look: str) -> list[str]:
    """Look at one screen: violations in words; a picture where one is wanted."""
    page.wait_for_load_state("networkidle") if "scan" not in name else page.wait_for_timeout(150)
    folder = os.environ.get("LIANGZHENG_PICTURES")
    if folder:
        page.wait_for_timeout(200)
        page.screenshot(path=Path(folder) / f"{name}-{look}.png")
    page.evaluate((settings.PROJECT / "web" / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8"))
    return [f"{name} {look}: {found['id']}: {found['nodes'][0]['html'][:160]}" for found in page.evaluate(AXE)]


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("size", ["phone", "desk"])
def test_every_screen_is_accessible(browser: Browser, city: City, story: Story, colours: str, size: str) -> None:
    violations: list[str] = []
    outside: list[str] = []
    for who, screens in (("", story.anybody()), ("wang", story.officer), ("zhang", story.holder)):
        screen = Screen(browser, city.address, color_scheme=colours, viewport=SIZES[size], reduced_motion="reduce")
        if who:
            screen.sign_in(who)
        for name, address in screens.items():
            screen.page.goto(address)
            violations += check(screen.page, name, f"{size}-{colours}")
        outside += screen.errors
        screen.context.close()
    assert violations == []
    assert outside == []


def test_negative_control_axe_does_find_a_picture_without_words(browser: Browser, city: City) -> None:
    screen = Screen(browser, city.address)
    screen.page.goto("/")
    screen.page.evaluate("() => document.body.append(new Image())")
    assert check(screen.page, "spoilt", "control")
