"""冯立新 secures his account in a real browser: passkey, time code, recovery code; and he comes in by way of a provider outside.

The passkeys are Chromium's own: an authenticator that is not ours makes and uses them.
"""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser

from liangzheng.connectors.sandbox.holders import Codes
from liangzheng.connectors.sandbox.identity import IdentityProvider, read_people
from liangzheng.connectors.sandbox.server import serve
from liangzheng.crypto.totp import code_at, step_at
from tests.journeys.browser import DESK, PASSWORD, Screen
from tests.journeys.conftest import City
from tests.journeys.test_screens import look

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def named(city: City) -> str:
    """The same server under a name: a passkey is bound to one, never to a number."""
    return f"http://localhost:{urlsplit(city.address).port}"


def start(screen: Screen, username: str = "feng") -> None:
    screen.page.goto("/")
    screen.see("login-username").fill(username)
    screen.see("login-password").fill(PASSWORD)
    screen.tap("login-submit")


def again(screen: Screen) -> None:
    screen.see("again-password").fill(PASSWORD)
    screen.tap("again-submit")


def home(screen: Screen) -> None:
    screen.page.wait_for_url("**/officer")


@pytest.fixture
def phone(browser: Browser, city: City) -> Iterator[Screen]:
    screen = Screen(browser, named(city))
    devtools = screen.context.new_cdp_session(screen.page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    yield screen
    assert screen.errors == []
    screen.context.close()


def test_a_passkey_then_signs_in_alone_and_as_the_second_step(phone: Screen) -> None:
    start(phone)
    home(phone)
    phone.page.goto("/security")
    phone.tap("passkey-add")
    again(phone)
    codes = phone.page.get_by_test_id("recovery-code")
    codes.first.wait_for()
    assert codes.count() == 8
    phone.tap("codes-kept")
    phone.see("passkey").wait_for(state="visible")
    sign_out(phone)
    phone.tap("passkey-sign-in")
    home(phone)
    sign_out(phone)
    start(phone)
    phone.see("second-step").wait_for(state="visible")
    phone.tap("second-submit")
    home(phone)
    phone.page.goto("/security")
    phone.see("passkey").get_by_role("button").click()
    again(phone)
    phone.see("login-username").wait_for(state="visible")
    start(phone)
    home(phone)  # no second step is left
    sign_out(phone)


def sign_out(phone: Screen) -> None:
    phone.page.evaluate(
        "async () => fetch('/api/v1/session', {method: 'DELETE',"
        " headers: {'X-CSRFToken': document.cookie.match(/csrftoken=([^;]+)/)[1]}})"
    )
    phone.page.goto("/")


def test_a_time_code_from_his_app_and_a_recovery_code_once(phone: Screen) -> None:
    start(phone)
    home(phone)
    phone.page.goto("/security")
    phone.tap("totp-add")
    again(phone)
    secret = base64.b32decode(phone.text("totp-secret"))
    phone.see("totp-code").fill("000000")
    phone.tap("totp-confirm")
    assert phone.see("problem").get_attribute("data-code") == "second_factor_wrong"
    phone.see("totp-code").fill(code_at(secret, step_at(time.time()) - 1))
    phone.tap("totp-confirm")
    code = phone.text("recovery-code")
    phone.tap("codes-kept")
    sign_out(phone)
    start(phone)
    phone.see("second-code").fill(code_at(secret, step_at(time.time())))
    phone.tap("second-submit")
    home(phone)
    sign_out(phone)
    for is_good in (True, False):
        start(phone)
        phone.tap("second-recovery")
        phone.see("second-code").fill(code)
        phone.tap("second-submit")
        if is_good:
            home(phone)
            sign_out(phone)
        else:
            assert phone.see("problem").get_attribute("data-code") == "second_factor_wrong"
    phone.tap("second-cancel")
    start(phone)
    phone.see("second-code").fill(code_at(secret, step_at(time.time()) + 1))
    phone.tap("second-submit")
    home(phone)
    phone.page.goto("/security")
    phone.tap("totp-drop")
    again(phone)
    phone.see("login-username").wait_for(state="visible")


@pytest.fixture
def outside(city: City) -> Iterator[IdentityProvider]:
    """The sandbox's provider, where the city's server looks for it."""
    port = int(city.environment["LIANGZHENG_SANDBOX_PORT"])
    identity = IdentityProvider(read_people(city.folder / "sandbox" / "people.json"), f"http://127.0.0.1:{port}")
    with serve(Codes({}), "127.0.0.1", port, identity) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield identity
        server.shutdown()
        thread.join()


@pytest.mark.usefixtures("outside")
def test_he_comes_in_by_way_of_the_provider_and_a_stranger_does_not(browser: Browser, city: City) -> None:
    screen = Screen(browser, city.address)
    screen.page.goto("/")
    screen.tap("outside-sandbox")
    screen.page.locator("#SBX-stranger-0001").click()
    assert screen.see("problem").get_attribute("data-code") == "identity_not_linked"
    screen.tap("outside-sandbox")
    screen.page.locator("#SBX-feng-0001").click()
    home(screen)
    screen.page.goto("/devices")
    screen.page.locator("[data-here=true]").wait_for()  # this browser was bound to the session
    assert screen.errors == []
    screen.context.close()


def test_a_session_of_this_device_goes_on_because_the_device_signs_again(browser: Browser, city: City) -> None:
    """After the ten minutes of a proof, the page signs by itself; a copied cookie has nothing to sign with."""
    screen = Screen(browser, city.address)
    start(screen)
    home(screen)
    screen.page.goto("/devices")
    screen.page.locator("[data-here=true]").wait_for()
    age_proofs(city)
    screen.page.goto("/devices")
    screen.page.locator("[data-here=true]").wait_for()
    age_proofs(city)
    thief = Screen(browser, city.address)
    thief.context.add_cookies([{"name": "sessionid", "url": city.address, "value": cookie(screen, "sessionid")}])
    thief.page.goto("/devices")
    assert thief.see("error").get_attribute("data-code") == "device_proof"
    screen.context.close()
    thief.context.close()


def cookie(screen: Screen, name: str) -> str:
    return next(one["value"] for one in screen.context.cookies() if one["name"] == name)


def age_proofs(city: City) -> None:
    """Let ten minutes go by for every device's proof."""
    import subprocess

    from tests.journeys.conftest import CLI

    script = (
        "from datetime import timedelta; from django.db.models import F; from liangzheng.people.models import SignIn;"
        "SignIn.objects.exclude(proved_at=None).update(proved_at=F('proved_at') - timedelta(minutes=11))"
    )
    subprocess.run([*CLI, "manage", "shell", "--no-imports", "-c", script], env=city.environment, check=True)


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("size", [None, DESK])
def test_the_screens_are_accessible(browser: Browser, city: City, colours: str, size: dict[str, int] | None) -> None:
    screen = Screen(browser, named(city), color_scheme=colours, reduced_motion="reduce", **({"viewport": size} if size else {}))
    manner = f"{'desk' if size else 'phone'}-{colours}"
    start(screen)
    home(screen)
    screen.page.goto("/security")
    found = look(screen.page, "security", manner)
    screen.tap("totp-add")
    found += look(screen.page, "security-again", manner)
    again(screen)
    screen.see("totp-secret").wait_for(state="visible")
    found += look(screen.page, "security-code", manner)
    assert found == []
    assert screen.errors == []
    screen.context.close()
