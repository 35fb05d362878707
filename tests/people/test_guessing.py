"""Somebody guesses 王建国's password from everywhere; he himself comes in as on any day."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.contrib.auth import authenticate
from django.http import HttpRequest
from django.utils import timezone

from liangzheng.errors import NotAllowed
from liangzheng.people import sessions, throttle
from liangzheng.people.models import SignInTally, User
from tests.people.conftest import PASSWORD, Browser, Town

GUESSES = 1000

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("town")]


def guess(count: int, address: str = "203.0.113.{}") -> list[int]:
    """Guess from `count` browsers nobody knows, each at another address; give the statuses."""
    found = []
    for number in range(count):
        status, _ = Browser.at(address.format(number % 250)).sign_in("wang", f"guess {number}")
        found.append(status)
    return found


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Count how often a password is compared at all."""
    seen: list[int] = []

    def counted(request: HttpRequest, **values: str) -> object:
        seen.append(1)
        return authenticate(request, **values)

    monkeypatch.setattr(sessions, "authenticate", counted)
    return seen


def test_a_thousand_guesses_are_not_looked_at(looked_at: list[int]) -> None:
    statuses = guess(GUESSES)
    assert set(statuses) == {403, 429}
    assert len(looked_at) <= 20  # ten at once, then one after 1, 2, 4 … seconds
    assert statuses.count(429) >= GUESSES - 20


def test_control_without_the_throttle_every_guess_is_looked_at(looked_at: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "count_try", lambda *_: None)
    assert set(guess(GUESSES)) == {403}
    assert len(looked_at) == GUESSES


def test_the_owner_comes_in_from_the_browser_that_knows_him() -> None:
    mine = Browser.at("198.51.100.7")
    assert mine.sign_in()[0] == 200
    mine.http.delete("/api/v1/session")
    guess(60)
    assert Browser.at("198.51.100.8").sign_in()[0] == 429  # a new browser has to wait, a minute at most
    assert mine.sign_in()[0] == 200


def test_not_even_at_the_attackers_own_address_is_the_owner_locked_out() -> None:
    mine = Browser.at("203.0.113.9")
    mine.sign_in()
    for number in range(150):
        Browser.at("203.0.113.9").sign_in("li", f"guess {number}")
    assert mine.sign_in()[0] == 200


def test_a_new_browser_waits_a_minute_at_most_however_long_the_guessing_goes_on(town: Town) -> None:
    request = HttpRequest()
    request.META["REMOTE_ADDR"] = "203.0.113.1"
    account, place, _address = throttle.buckets(request, "password", "wang", town.users["wang"])
    assert (account.longest, place.longest) == (60, 900)
    now = timezone.now()
    for _ in range(300):  # the attacker always comes at the first moment that is open, each time from elsewhere
        throttle.count_try([account], now)
        tally = SignInTally.objects.get(key=account.key)
        assert tally.open_at - now <= timedelta(seconds=60)
        now = max(now, tally.open_at)
    throttle.count_try([account], now + timedelta(seconds=60))


def test_knocking_while_it_is_closed_does_not_push_the_end_away() -> None:
    now = timezone.now()
    bucket = throttle.Bucket(b"k" * 32, 1, 60)
    throttle.count_try([bucket], now)
    throttle.count_try([bucket], now)
    end = SignInTally.objects.get(key=bucket.key).open_at
    for _ in range(50):
        with pytest.raises(NotAllowed) as refused:
            throttle.count_try([bucket], now)
        assert refused.value.code == "sign_in_wait"
        assert refused.value.facts["seconds"] in {1, 2}
    assert SignInTally.objects.get(key=bucket.key).open_at == end


def test_a_stolen_or_old_cookie_opens_nothing(town: Town) -> None:
    mine = Browser.at()
    mine.sign_in()
    [name] = [name for name in mine.http.cookies if name.startswith("lz_known_")]
    cookie = mine.http.cookies[name].value
    wang: User = town.users["wang"]

    def knows(user: User, value: str) -> bool:
        request = HttpRequest()
        request.COOKIES = {throttle._cookie_name(user): value}
        return throttle.known_browser(request, user) != ""

    assert knows(wang, cookie)
    assert not knows(town.users["li"], cookie)
    assert not knows(wang, cookie[:-1] + ("A" if cookie[-1] != "A" else "B"))
    wang.set_password("another long one 8")
    wang.save()
    assert not knows(wang, cookie)


def test_guessing_on_a_browser_that_knows_him_is_slowed_down_as_well(looked_at: list[int]) -> None:
    stolen = Browser.at()
    stolen.sign_in()
    looked_at.clear()
    statuses = {stolen.sign_in("wang", f"guess {number}")[0] for number in range(100)}
    assert statuses == {403, 429}
    assert len(looked_at) <= 12
    assert Browser.at("198.51.100.9").sign_in()[0] == 200  # and nobody else is held up by it


def test_an_unknown_name_is_answered_like_a_wrong_password() -> None:
    known, unknown = Browser.at().sign_in("wang", "wrong"), Browser.at().sign_in("nobody", "wrong")
    assert known == unknown
    for number in range(20):
        Browser.at().sign_in("nobody", f"guess {number}")
    assert Browser.at().sign_in("nobody", PASSWORD)[0] == 429


def test_behind_a_proxy_the_word_of_the_proxy_counts(settings: LazySettings) -> None:
    request = HttpRequest()
    request.META |= {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "1.1.1.1, 203.0.113.5"}
    settings.SECURE_PROXY_SSL_HEADER = None
    assert throttle.client_address(request) == "10.0.0.1"
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    assert throttle.client_address(request) == "203.0.113.5"
    request.META["HTTP_X_FORWARDED_FOR"] = "2001:db8:1:2:3:4:5:6"
    assert throttle.client_address(request) == "2001:db8:1:2::/64"
