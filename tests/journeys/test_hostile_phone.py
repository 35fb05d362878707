"""What a stranger holds to the camera, and what a stranger on the line sends in the place of the field pack: in a real browser.

No text of a code leads anybody off the platform's own address, and no pack but a newer one of the pinned key is taken in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from PIL import Image
from playwright.sync_api import Browser, Dialog, Page, Route, expect

from liangzheng.server.postgres import EmbeddedPostgres
from tests.journeys.browser import FRAME, Screen, picture_of
from tests.journeys.conftest import City
from tests.journeys.packs import age
from tests.journeys.phones import open_coach_act, show_and_open
from tests.journeys.showing import Showing

DRIVER = "道路运输从业人员从业资格证"


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The camera sees a wall."""
    film = tmp_path_factory.mktemp("camera") / "film.y4m"
    one = b"FRAME\n" + Image.new("L", FRAME, 150).tobytes() + bytes([128]) * (FRAME[0] * FRAME[1] // 2)
    film.write_bytes(f"YUV4MPEG2 W{FRAME[0]} H{FRAME[1]} F10:1 Ip A1:1 C420jpeg\n".encode() + one * 10)
    return film


def hostile(address: str) -> dict[str, str]:
    """Texts that want to lead somewhere, run something, or look like ours."""
    host = urlsplit(address).netloc
    token = "AQF" + "A" * 118
    return {
        "javascript": "javascript:document.body.innerHTML='<h1>证件有效</h1>'",
        "data": "data:text/html,<h1>证件有效</h1><script>alert(1)</script>",
        "another host": f"http://evil.example/b/{token}",
        "our name inside another": f"{address}.evil.example/b/{token}",
        "our address as a user name": f"{address}@evil.example/b/{token}",
        "our address as a path": f"http://evil.example/{host}/b/{token}",
        "out of the badge": f"{address}/b/../api/v1/session",
        "out of the badge, coded": f"{address}/b/..%2f..%2fapi%2fv1%2fsession",
        "another page of ours": f"{address}/check?act=370600-20261125-ZZZZZZ",
        "badge with a tail": f"{address}/b/{token}?next=//evil.example",
        "badge with a fragment": f"{address}/b/{token}#//evil.example",
        "a line break before": f"\n{address}/b/{token}",
        "full width": f"{address.replace(':', '：').replace('/', '／')}／b／{token}",
        "look-alike letters": f"http://127.0.0.1\u2024{host.rsplit(':', 1)[1]}/b/{token}",
        "turned around": f"\u202e{token}/b/elpmaxe.live//:ptth",
        "zero width": f"{address}/b/\u200b{token}",
        "backslashes": f"{address.replace('//', chr(92) * 2)}\\b\\{token}",
        "no scheme": f"//evil.example/b/{token}",
        "an app": "intent://evil.example/#Intent;scheme=http;end",
        "a call": "tel:110",
        "a network": "WIFI:T:WPA;S:演示;P:12345678;;",
        "markup": "<img src=x onerror=alert(1)><h1>证件有效</h1>",
        "huge": "LZ2:" + "A" * 2_800,
        "nearly ours": "LZ2:" + "%*" * 200,
        "a template": "{{7*7}}${7*7}{% load x %}",
    }


TEXTS = sorted(hostile("http://127.0.0.1:1"))


class Watch:
    """Everything a page asks for or opens, and where it is."""

    def __init__(self, screen: Screen, address: str) -> None:
        self.page: Page = screen.page
        self.own = urlsplit(address).netloc
        self.asked: list[str] = []
        self.opened: list[str] = []
        screen.context.on("request", lambda request: self.asked.append(request.url))
        screen.context.on("page", lambda page: self.opened.append(page.url))
        self.page.on("dialog", self._dialog)

    def _dialog(self, dialog: Dialog) -> None:
        self.opened.append(dialog.message)
        dialog.dismiss()

    def is_clean(self) -> bool:
        strange = [url for url in self.asked if url.startswith("http") and urlsplit(url).netloc != self.own]
        return not strange and not self.opened and urlsplit(self.page.url).netloc == self.own


def show_picture(screen: Screen, button: str, text: str, folder: Path) -> None:
    """Choose a photo of the code, which the app reads as it reads the camera's frames."""
    picture = folder / "code.png"
    whole = Image.new("L", (900, 900), 255)
    whole.paste(picture_of(text, 800), (50, 50))
    whole.save(picture)
    screen.page.locator(f"[data-testid={button}] input[type=file], input[type=file][data-testid={button}]").set_input_files(
        picture
    )


@pytest.fixture(scope="module")
def party(city: City, browser: Browser) -> Screen:
    return Screen(browser, city.address).sign_in("zhang")


@pytest.fixture(scope="module")
def officer(city: City, browser: Browser) -> tuple[Screen, str]:
    screen = Screen(browser, city.address).sign_in("wang")
    wang = city.phone("wang")
    act = str(open_coach_act(wang)["id"])
    show_and_open(city.address, act, wang, city.phone("li"))
    return screen, act


@pytest.mark.parametrize("name", TEXTS)
def test_the_party_is_led_nowhere(name: str, party: Screen, city: City, tmp_path: Path) -> None:
    party.page.goto("/holder/check")
    watch = Watch(party, city.address)
    show_picture(party, "check-photo", hostile(city.address)[name], tmp_path)
    told = party.page.locator("[data-testid=check-other], [data-testid=verdict]").first
    told.wait_for()
    assert told.get_attribute("data-standing") in {None, "invalid", "cannot_confirm"}
    assert party.page.url == f"{city.address}/holder/check"
    assert watch.is_clean()
    assert party.page.get_by_text("证件有效").count() == 0


def test_our_own_badge_is_opened(party: Screen, city: City, tmp_path: Path) -> None:
    """The control: the platform's own code, on its own address, does lead to its page."""
    wang = city.phone("wang")
    url = wang.post(f"/acts/{open_coach_act(wang)['id']}/badge")["url"]
    party.page.goto("/holder/check")
    watch = Watch(party, city.address)
    show_picture(party, "check-photo", f"{city.address}/b/{url.rsplit('/b/', 1)[1]}", tmp_path)
    party.page.wait_for_url("**/b/**")
    expect(party.see("badge-state")).to_have_text("证件有效")
    assert watch.is_clean()


@pytest.mark.parametrize("name", TEXTS)
def test_the_officer_is_led_nowhere(name: str, officer: tuple[Screen, str], city: City, tmp_path: Path) -> None:
    screen, act = officer
    screen.page.goto(f"/officer/acts/{act}/scan")
    watch = Watch(screen, city.address)
    show_picture(screen, "scan-photo", hostile(city.address)[name], tmp_path)
    screen.page.wait_for_url("**/scans/*")
    assert screen.see("verdict").get_attribute("data-standing") in {"invalid", "cannot_confirm"}
    assert watch.is_clean()
    assert screen.page.get_by_text("证件有效").count() == 0
    assert screen.errors == []


# --- the line --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def source(city: City, city_folder: Path) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    del city
    with psycopg.connect(EmbeddedPostgres(city_folder).conninfo("postgres"), autocommit=True) as connection:
        yield connection


def update(screen: Screen) -> None:
    screen.page.goto("/officer/queue")
    screen.tap("update-now")
    expect(screen.see("update-now")).not_to_have_attribute("aria-busy", "true")


def standing(screen: Screen, act: str, text: str, folder: Path) -> str:
    """Scan without signal."""
    screen.context.set_offline(True)
    screen.page.goto(f"/officer/acts/{act}/scan")
    show_picture(screen, "scan-photo", text, folder)
    screen.page.wait_for_url("**/seen/*")
    found = str(screen.see("verdict").get_attribute("data-standing"))
    screen.context.set_offline(False)
    return found


def test_a_rolled_back_a_forged_and_a_spoilt_pack_are_refused(
    city: City, browser: Browser, source: psycopg.Connection[tuple[object, ...]], tmp_path: Path
) -> None:
    screen = Screen(browser, city.address).sign_in("wang")
    screen.page.goto("/officer")
    expect(screen.see("line-state")).to_have_attribute("data-pack", "fresh")
    wang = city.phone("wang")
    act = str(open_coach_act(wang)["id"])
    show_and_open(city.address, act, wang, city.phone("li"))
    screen.page.goto(f"/officer/acts/{act}")
    expect(screen.see("go-scan")).to_be_enabled()
    lost = Showing.of(city.phone("zhang"))
    licence = lost.licence(DRIVER)
    age(source)
    update(screen)
    old = wang.send("GET", "/pack").content
    assert standing(screen, act, lost.text(licence), tmp_path) == "valid_offline", "control"
    city.phone("zhang").post(f"/devices/{lost.device}/revoke", {"reason": "遗失"})
    age(source)
    update(screen)
    new = wang.send("GET", "/pack").content
    assert standing(screen, act, lost.text(licence), tmp_path) == "invalid", "the new pack knows"
    spoilt = new[:40] + bytes((new[40] ^ 1,)) + new[41:]
    for body in (old, spoilt, new[:-1], b"", b"<html>", bytes(100)):
        with served(screen.page, "**/api/v1/pack", body):
            update(screen)
        expect(screen.see("offline-trouble")).to_contain_text("已拒绝")
        assert standing(screen, act, lost.text(licence), tmp_path) == "invalid", "the newer pack stays"
    age(source)
    lifted = Showing.of(city.phone("zhang"))
    with served(screen.page, "**/api/v1/pack/parts/**", b"\x78\x9c spoilt"):
        update(screen)
    expect(screen.see("offline-trouble")).to_contain_text("已拒绝")
    assert standing(screen, act, lost.text(licence), tmp_path) == "invalid"
    update(screen)
    expect(screen.page.get_by_test_id("offline-trouble")).to_have_count(0)
    assert standing(screen, act, lifted.text(licence), tmp_path) == "valid_offline", "control: a good pack is taken in again"


class served:  # noqa: N801 - used like a function
    """Let somebody on the line answer in the server's place."""

    def __init__(self, page: Page, path: str, body: bytes) -> None:
        self.page, self.path = page, path
        headers = {"Content-Type": "application/cose", "X-Pack-Encoding": "zlib"}
        self.answer: Callable[[Route], None] = lambda route: route.fulfill(status=200, body=body, headers=headers)

    def __enter__(self) -> None:
        self.page.context.route(self.path, self.answer)

    def __exit__(self, *_: object) -> None:
        self.page.context.unroute(self.path, self.answer)
