"""王建国 adds a second factor; without it his password opens nothing. Sessions end where they should."""

from __future__ import annotations

import re
import time
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.utils import timezone

from liangzheng.crypto import totp
from liangzheng.people import sessions
from liangzheng.people.models import RecoveryCode, SignIn, TimeCode
from liangzheng.storage.ids import new_id
from tests.people.conftest import PASSWORD, Browser, Town

# RFC 6238, Appendix B: SHA-1, the last six of eight digits.
VECTORS = [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (2000000000, "279037")]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("town")]


@pytest.mark.parametrize(("moment", "code"), [*VECTORS, (20000000000, "353130")])
def test_the_vectors_of_the_standard(moment: int, code: str) -> None:
    assert totp.code_at(b"12345678901234567890", totp.step_at(moment)) == code
    assert totp.matching_step(b"12345678901234567890", code, moment + 30) == totp.step_at(moment)
    assert totp.matching_step(b"12345678901234567890", code, moment + 90) is None


def code_of(secret: str, later: int = 0) -> str:
    import base64

    return totp.code_at(base64.b32decode(secret), totp.step_at(time.time()) + later)


def enrol(browser: Browser) -> tuple[str, list[str]]:
    """Add an authenticator app in a browser that is signed in; give its secret and the recovery codes."""
    status, made = browser.post("/security/totp", {"password": PASSWORD})
    assert status == 200
    assert f"secret={made['secret']}" in made["uri"]
    status, shown = browser.post("/security/totp/confirm", {"code": code_of(made["secret"], -1)})
    assert status == 200, shown
    return made["secret"], shown["codes"]


def test_a_password_alone_opens_nothing_any_more() -> None:
    mine = Browser.at()
    mine.sign_in()
    secret, codes = enrol(mine)
    assert len(codes) == 8
    thief = Browser.at("203.0.113.1")
    status, answer = thief.sign_in()
    assert (status, answer["me"], answer["second"]) == (200, None, ["totp", "recovery"])
    assert thief.get("/colleagues") == (403, thief.get("/colleagues")[1])
    assert thief.get("/colleagues")[1]["code"] == "not_signed_in"
    assert thief.post("/session/totp", {"code": "000000"})[1]["code"] == "second_factor_wrong"
    status, answer = thief.post("/session/totp", {"code": code_of(secret)})
    assert answer["me"]["name"] == "王建国"


def test_a_time_code_works_once_and_an_overheard_one_not_at_all() -> None:
    mine = Browser.at()
    mine.sign_in()
    secret, _ = enrol(mine)
    code = code_of(secret)
    for expected in (200, 403):
        other = Browser.at()
        other.sign_in()
        assert other.post("/session/totp", {"code": code})[0] == expected


def test_a_recovery_code_works_once_and_only_its_digest_is_kept() -> None:
    mine = Browser.at()
    mine.sign_in()
    _, codes = enrol(mine)
    assert all(re.fullmatch(r"([2-9A-Z]{4}-){3}[2-9A-Z]{4}", code) for code in codes)
    kept = b"".join(bytes(row.digest) for row in RecoveryCode.objects.all())
    assert not [code for code in codes if code.replace("-", "").encode() in kept]
    for expected in (200, 403):
        other = Browser.at()
        other.sign_in()
        assert other.post("/session/recovery", {"code": codes[0].lower()})[0] == expected


def test_six_digits_cannot_be_guessed() -> None:
    mine = Browser.at()
    mine.sign_in()
    enrol(mine)
    thief = Browser.at("203.0.113.1")
    thief.sign_in()
    statuses = [thief.post("/session/totp", {"code": f"{number:06d}"})[0] for number in range(100)]
    assert statuses.count(403) <= 8
    assert statuses.count(429) >= 92


def test_enrolling_asks_for_the_password_again() -> None:
    mine = Browser.at()
    mine.sign_in()
    for path in ("/security/totp", "/security/passkeys/options", "/security/recovery"):
        status, answer = mine.post(path, {"password": "found the phone unlocked"})
        assert (status, answer["code"]) == (403, "password_again"), path
    assert mine.post("/security/totp/confirm", {"code": "123456"})[1]["code"] == "sign_in_expired"
    assert not TimeCode.objects.exists()


def test_outside_the_demo_an_officer_does_nothing_before_he_has_a_factor(settings: LazySettings) -> None:
    settings.DEMO = False
    mine, holder = Browser.at(), Browser.at()
    assert mine.sign_in()[1]["must_enrol"] is True
    assert mine.get("/colleagues")[1]["code"] == "second_factor_needed"
    enrol(mine)
    assert mine.get("/colleagues")[0] == 200
    assert mine.post("/security/totp/remove", {"password": PASSWORD})[1]["code"] == "last_factor"
    assert holder.sign_in("zhang")[1]["must_enrol"] is False
    assert holder.get("/security")[0] == 200


def test_control_in_the_demo_a_factor_is_offered_not_forced() -> None:
    mine = Browser.at()
    assert mine.sign_in()[1]["must_enrol"] is False
    assert mine.get("/colleagues")[0] == 200


def test_the_first_step_is_worth_nothing_after_five_minutes_or_a_new_password(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = Browser.at()
    mine.sign_in()
    secret, _ = enrol(mine)
    late, changed = Browser.at(), Browser.at()
    late.sign_in()
    changed.sign_in()
    wang = town.users["wang"]
    wang.set_password("another long one 8")
    wang.save()
    assert changed.post("/session/totp", {"code": code_of(secret)})[1]["code"] == "sign_in_expired"
    monkeypatch.setattr(sessions, "PENDING_LASTS", timedelta(seconds=-1))
    assert late.post("/session/totp", {"code": code_of(secret)})[1]["code"] == "sign_in_expired"


def test_the_session_key_changes_at_each_step() -> None:
    """Session fixation: what an attacker planted before is not what opens the account after."""
    setting_up = Browser.at()
    setting_up.sign_in()
    secret, _ = enrol(setting_up)
    mine = Browser.at()
    mine.post("/session/passkey/options")  # an anonymous session, as an attacker would plant one
    keys = [mine.http.cookies["sessionid"].value]
    mine.sign_in()
    keys.append(mine.http.cookies["sessionid"].value)
    mine.post("/session/totp", {"code": code_of(secret)})
    keys.append(mine.http.cookies["sessionid"].value)
    assert len(set(keys)) == 3
    for key in keys[:2]:
        attacker = Browser.at("203.0.113.1")
        attacker.http.cookies["sessionid"] = key
        assert attacker.get("/colleagues")[0] == 403
    assert mine.get("/colleagues")[0] == 200


def test_a_cookie_on_another_kind_of_browser_ends_the_session() -> None:
    mine = Browser.at()
    mine.sign_in()
    thief = Browser.at("203.0.113.1", agent="Thief/9")
    thief.http.cookies["sessionid"] = mine.http.cookies["sessionid"].value
    assert thief.get("/colleagues")[1]["code"] == "not_signed_in"
    assert mine.get("/colleagues")[1]["code"] == "not_signed_in"  # he signs in anew and the thief's cookie stays dead


def test_signing_out_everywhere() -> None:
    mine, lost = Browser.at(), Browser.at()
    mine.sign_in()
    lost.sign_in()
    assert len(mine.get("/security")[1]["sign_ins"]) == 2
    assert mine.post("/sign-ins/end") == (200, {"ended": 1})
    assert lost.get("/colleagues")[1]["code"] == "not_signed_in"
    assert mine.get("/colleagues")[0] == 200


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"seen_at": timedelta(hours=1, minutes=59)}, 200),
        ({"seen_at": timedelta(hours=2, minutes=1)}, 403),
        ({"started_at": timedelta(hours=11, minutes=59)}, 200),
        ({"started_at": timedelta(hours=12, minutes=1)}, 403),
    ],
)
def test_a_session_ends_when_idle_and_after_a_shift(changed: dict[str, timedelta], status: int) -> None:
    mine = Browser.at()
    mine.sign_in()
    row = SignIn.objects.get()
    row.pk = new_id()  # another row of other times: those of a sign-in are never changed
    for name, ago in changed.items():
        setattr(row, name, timezone.now() - ago)
    row.save(force_insert=True)
    kept = mine.http.session
    kept["sign_in"] = str(row.pk)
    kept.save()
    assert mine.get("/colleagues")[0] == status
    assert mine.get("/colleagues")[0] == status


def test_a_signed_out_cookie_is_dead() -> None:
    mine = Browser.at()
    mine.sign_in()
    key = mine.http.cookies["sessionid"].value
    mine.http.delete("/api/v1/session")
    again = Browser.at()
    again.http.cookies["sessionid"] = key
    assert again.get("/colleagues")[0] == 403


def test_a_session_of_a_device_asks_the_device_to_sign_again() -> None:
    mine = Browser.at()
    mine.sign_in()
    SignIn.objects.update(proved_at=timezone.now() - timedelta(minutes=9))
    assert mine.get("/colleagues")[0] == 200
    SignIn.objects.update(proved_at=timezone.now() - timedelta(minutes=11))
    status, answer = mine.get("/colleagues")
    assert (status, answer["code"]) == (401, "device_proof")
    assert mine.post("/devices/challenge")[0] == 200  # what it needs to prove itself stays open
