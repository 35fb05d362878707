"""王建国 signs in at a provider outside, over real HTTP; whatever its token has wrong, nobody comes in."""

from __future__ import annotations

import threading
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from django.conf import LazySettings
from django.utils import timezone

from liangzheng.connectors.configured import sandbox_provider
from liangzheng.connectors.identity_provider import client
from liangzheng.connectors.sandbox.holders import Codes
from liangzheng.connectors.sandbox.identity import CODE_SECONDS, TOKEN_FAULTS, IdentityProvider
from liangzheng.connectors.sandbox.server import serve
from liangzheng.errors import Refused
from liangzheng.formats.id_token import IdClaims
from liangzheng.people.models import OutsideIdentity
from liangzheng.people.outside import Provider, link, subject_index
from liangzheng.people.sessions import actor_of
from tests.people.conftest import PASSWORD, Browser, Town
from tests.people.test_second_factor import code_of, enrol

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("linked", "outside")]
SUBJECT, STRANGER = "SBX-wang-0001", "SBX-stranger"
IN = "/?signed=outside"
FOUND: list[Provider] = []


def found() -> tuple[Provider, ...]:
    return tuple(FOUND)


@dataclass
class Outside:
    identity: IdentityProvider
    clock: list[float]

    def choose(self, address: str, subject: str = SUBJECT) -> str:
        """Sign in at the provider: open the page, tap the name; the address to return to."""
        page = httpx.get(address)
        assert "王建国" in page.text
        asked = urlsplit(address).query
        answer = httpx.get(f"{self.identity.origin}/oidc/choose?{asked}&subject={subject}")
        return str(answer.headers["Location"])


@pytest.fixture
def outside(settings: LazySettings) -> Iterator[Outside]:
    settings.SIGN_IN_PROVIDERS = f"{__name__}.found"
    clock = [timezone.now().timestamp()]
    identity = IdentityProvider({SUBJECT: "王建国", STRANGER: "王建国"}, "", now=lambda: clock[0])
    with serve(Codes({}), "127.0.0.1", 0, identity) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        identity.origin = f"http://127.0.0.1:{server.server_address[1]}"
        FOUND[:] = [sandbox_provider(identity.origin)]
        yield Outside(identity, clock)
        server.shutdown()
        thread.join()


@pytest.fixture
def linked(town: Town) -> Town:
    link(actor_of(town.users["li"]), town.users["wang"], "sandbox", SUBJECT, timezone.now())
    return town


def go(browser: Browser) -> str:
    answer = browser.http.get("/api/v1/session/outside/sandbox")
    assert answer.status_code == 302
    return str(answer.headers["Location"])


def back(browser: Browser, address: str) -> str:
    parts = urlsplit(address)
    answer = browser.http.get(f"{parts.path}?{parts.query}")
    assert answer.status_code == 302
    return str(answer.headers["Location"])


def test_a_linked_person_comes_in(outside: Outside) -> None:
    mine = Browser.at()
    assert mine.get("/session/outside")[1] == [{"key": "sandbox", "label": "统一认证（演示）"}]
    address = go(mine)
    asked = parse_qs(urlsplit(address).query)
    assert (asked["code_challenge_method"], asked["scope"], len(asked["nonce"][0])) == (["S256"], ["openid"], 43)
    assert back(mine, outside.choose(address)) == IN
    assert mine.get("/session")[1]["me"]["name"] == "王建国"
    assert not any(SUBJECT.encode() in bytes(row.subject_index) for row in OutsideIdentity.objects.all())


def test_somebody_of_the_same_name_without_a_link_is_told_plainly(outside: Outside) -> None:
    mine = Browser.at()
    assert back(mine, outside.choose(go(mine), STRANGER)) == "/?problem=identity_not_linked"
    assert mine.get("/session")[1]["me"] is None


@pytest.mark.parametrize("fault", TOKEN_FAULTS)
def test_a_token_wrong_in_one_way_opens_nothing(outside: Outside, fault: str) -> None:
    outside.identity.fault = fault
    mine = Browser.at()
    assert back(mine, outside.choose(go(mine))) == "/?problem=provider_refused"
    assert mine.get("/session")[1]["me"] is None


def test_control_without_the_check_a_token_for_another_client_opens_the_account(
    outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside.identity.fault = "audience"
    monkeypatch.setattr(client, "check_id_token", lambda *_: IdClaims(SUBJECT, has_second_factor=False))
    mine = Browser.at()
    assert back(mine, outside.choose(go(mine))) == IN
    assert mine.get("/session")[1]["me"]["name"] == "王建国"


def test_a_code_stolen_on_the_way_is_worth_nothing(outside: Outside) -> None:
    victim, thief = Browser.at(), Browser.at("203.0.113.1")
    stolen = outside.choose(go(victim))
    go(thief)
    assert back(thief, stolen) == "/?problem=provider_refused"  # the state is another
    own_state = parse_qs(urlsplit(go(thief)).query)["state"][0]
    code = parse_qs(urlsplit(stolen).query)["code"][0]
    own_return = f"/api/v1/session/outside/sandbox/back?state={own_state}&code={code}"
    assert back(thief, own_return) == "/?problem=provider_refused"  # the verifier is another


def test_nobody_is_signed_in_as_the_attacker_by_a_link(outside: Outside) -> None:
    attacker, victim = Browser.at("203.0.113.1"), Browser.at()
    assert back(victim, outside.choose(go(attacker))) == "/?problem=sign_in_expired"


def test_a_return_address_is_good_once_and_for_a_minute(outside: Outside) -> None:
    mine = Browser.at()
    address = outside.choose(go(mine))
    assert back(mine, address) == IN
    assert back(mine, address) == "/?problem=sign_in_expired"
    late = Browser.at()
    address = outside.choose(go(late))
    outside.clock[0] += CODE_SECONDS + 1
    assert back(late, address) == "/?problem=provider_refused"


@pytest.mark.parametrize("fault", ["reset", "html", "huge", "gzip_bomb", "error", "redirect"])
def test_a_provider_that_misbehaves_opens_nothing(outside: Outside, fault: str) -> None:
    mine = Browser.at()
    address = outside.choose(go(mine))
    with urllib.request.urlopen(f"{outside.identity.origin}/sandbox/fault", b'{"kind":"%s"}' % fault.encode(), timeout=5):  # noqa: S310
        pass
    assert back(mine, address) in {"/?problem=provider_unavailable", "/?problem=provider_refused"}
    assert mine.get("/session")[1]["me"] is None


def test_the_second_factor_is_asked_for_unless_the_provider_vouches(outside: Outside, settings: LazySettings) -> None:
    first = Browser.at()
    first.sign_in()
    secret, _ = enrol(first)
    settings.DEMO = False
    mine = Browser.at()
    assert back(mine, outside.choose(go(mine))) == IN
    assert mine.get("/session")[1]["second"] == ["totp", "recovery"]
    assert mine.get("/colleagues")[0] == 403
    assert mine.post("/session/totp", {"code": code_of(secret)})[0] == 200
    outside.identity.second_factor = True
    other = Browser.at()
    back(other, outside.choose(go(other)))
    assert other.get("/colleagues")[0] == 200


def test_a_subject_is_linked_once_and_never_by_oneself(linked: Town) -> None:
    li, wang = (actor_of(linked.users[name]) for name in ("li", "wang"))
    with pytest.raises(Refused) as refused:
        link(wang, linked.users["zhao"], "sandbox", SUBJECT, timezone.now())
    assert refused.value.code == "identity_taken"
    with pytest.raises(Refused) as refused:
        link(wang, linked.users["wang"], "sandbox", "another", timezone.now())
    assert refused.value.code == "own_account"
    link(li, linked.users["wang"], "sandbox", SUBJECT, timezone.now())
    assert OutsideIdentity.objects.count() == 1
    assert subject_index("sandbox", SUBJECT) != subject_index("sandbox", SUBJECT.lower())


def test_an_account_put_out_of_use_does_not_come_in(outside: Outside, linked: Town) -> None:
    linked.users["wang"].is_active = False
    linked.users["wang"].save()
    mine = Browser.at()
    assert back(mine, outside.choose(go(mine))) == "/?problem=identity_not_linked"
    assert mine.sign_in(password=PASSWORD)[0] == 403
