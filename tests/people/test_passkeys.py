"""李海霞 signs in with a passkey; every answer that is wrong in one way is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.conf import LazySettings

from liangzheng.crypto.p256 import P256PublicKey
from liangzheng.formats.strict_json import from_base64url
from liangzheng.formats.webauthn import Asked, BadPasskey, check_use, is_newer, read_new
from liangzheng.people.models import Passkey
from liangzheng.people.passkeys import relying_party
from tests.people.authenticator import HOST, ORIGIN, PRESENT, VERIFIED, Authenticator, text
from tests.people.conftest import PASSWORD, Browser

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("town")]
CHALLENGE = bytes(range(32))
ASKED = Asked(CHALLENGE, HOST, frozenset({ORIGIN}))


def enrol(browser: Browser, key: Authenticator) -> list[str]:
    _, options = browser.post("/security/passkeys/options", {"password": PASSWORD})
    status, made = browser.post("/security/passkeys", key.create(options["challenge"]) | {"label": "李海霞的手机"})
    assert status == 200, made
    codes: list[str] = made["codes"]
    return codes


def use(browser: Browser, key: Authenticator) -> tuple[int, object]:
    _, options = browser.post("/session/passkey/options")
    return browser.post("/session/passkey", key.get(options["challenge"]))


def test_she_signs_in_with_the_passkey_alone_or_after_her_password(settings: LazySettings) -> None:
    settings.DEMO = False
    mine, key = Browser.at(), Authenticator()
    mine.sign_in("li")
    assert len(enrol(mine, key)) == 8
    assert mine.get("/colleagues")[0] == 200  # the factor has just been shown
    other = Browser.at()
    status, answer = use(other, key)
    assert status == 200, answer
    assert other.get("/security")[1]["passkeys"][0]["label"] == "李海霞的手机"
    third = Browser.at()
    assert third.sign_in("li")[1]["second"] == ["passkey", "recovery"]
    _, options = third.post("/session/passkey/options")
    assert options["known"] == [text(key.credential_id)]
    assert third.post("/session/passkey", key.get(options["challenge"]))[1]["me"]["name"] == "李海霞"


def test_a_passkey_is_no_second_step_for_somebody_else() -> None:
    mine, key = Browser.at(), Authenticator()
    mine.sign_in("li")
    enrol(mine, key)
    wang = Browser.at()
    wang.sign_in("wang")
    enrol(wang, Authenticator())
    thief = Browser.at()
    thief.sign_in("wang")
    assert use(thief, key)[0] == 403


def test_a_challenge_is_answered_once() -> None:
    mine, key = Browser.at(), Authenticator()
    mine.sign_in("li")
    enrol(mine, key)
    other = Browser.at()
    _, options = other.post("/session/passkey/options")
    answer = key.get(options["challenge"])
    assert other.post("/session/passkey", answer)[0] == 200
    again = Browser.at()
    again.http.cookies["sessionid"] = other.http.cookies["sessionid"].value
    assert again.post("/session/passkey", answer)[1]["code"] == "sign_in_expired"


def test_a_copied_passkey_is_found_by_its_counter() -> None:
    mine, key = Browser.at(), Authenticator(count=5)
    mine.sign_in("li")
    enrol(mine, key)
    key.count = 6
    assert use(Browser.at(), key)[0] == 200
    copy = replace(key, count=6)
    assert use(Browser.at(), copy)[0] == 403
    assert [is_newer(*pair) for pair in ((0, 0), (1, 0), (7, 6), (6, 6), (0, 6))] == [True, True, True, False, False]


def test_removing_it_needs_the_password_and_signs_out_everywhere() -> None:
    mine, key = Browser.at(), Authenticator()
    mine.sign_in("li")
    enrol(mine, key)
    passkey = Passkey.objects.get()
    assert mine.post(f"/security/passkeys/{passkey.pk}/remove", {"password": "wrong"})[0] == 403
    assert mine.post(f"/security/passkeys/{passkey.pk}/remove", {"password": PASSWORD})[0] == 204
    assert use(Browser.at(), key)[0] == 403
    assert mine.get("/colleagues")[0] == 403


def new(key: Authenticator, **more: object) -> tuple[bytes, bytes]:
    return key.client_data("webauthn.create", text(CHALLENGE), **more), key.attestation()


OFF_THE_CURVE = bytes.fromhex("a5010203262001215820" + "01" * 32 + "225820" + "01" * 32)
Spoil = Callable[[Authenticator], tuple[bytes, bytes]]
BAD_NEW: dict[str, Spoil] = {
    "another purpose": lambda key: (key.client_data("webauthn.get", text(CHALLENGE)), key.attestation()),
    "another challenge": lambda key: (key.client_data("webauthn.create", text(bytes(32))), key.attestation()),
    "no challenge": lambda key: (key.client_data("webauthn.create", ""), key.attestation()),
    "a look-alike page": lambda key: new(replace(key, origin="http://localhost.example:8000")),
    "inside another page": lambda key: new(key, crossOrigin=True),
    "another relying party": lambda key: new(replace(key, host="elsewhere.example")),
    "nobody present": lambda key: new(replace(key, flags=VERIFIED)),
    "nobody verified": lambda key: new(replace(key, flags=PRESENT)),
    "an RSA key": lambda key: (new(key)[0], key.attestation(bytes.fromhex("a401030339010020590100") + bytes(256))),
    "a point off the curve": lambda key: (new(key)[0], key.attestation(OFF_THE_CURVE)),
    "no key": lambda key: (new(key)[0], key.attestation(b"")),
    "no id": lambda key: new(replace(key, credential_id=b"")),
    "an id too long": lambda key: new(replace(key, credential_id=bytes(1024))),
    "cut": lambda key: (new(key)[0], key.attestation()[:-1]),
    "trailing bytes": lambda key: (new(key)[0], key.attestation() + b"\x00"),
    "not CBOR": lambda key: (new(key)[0], b"\xff" * 40),
    "an array": lambda key: (new(key)[0], b"\x80"),
    "huge": lambda key: (new(key)[0], bytes(1 << 20)),
    "not JSON": lambda key: (b"{", key.attestation()),
    "a key of the JSON twice": lambda key: (b'{"type":"webauthn.create",' + new(key)[0][1:], key.attestation()),
}  # fmt: skip


def test_a_right_one_is_read_also_with_extensions_after_the_key() -> None:
    key = Authenticator()
    made = read_new(*new(key), ASKED)
    assert (made.credential_id, made.key) == (key.credential_id, key.key.public_key)
    extended = key.attestation(extensions=b"\xa1\x6bcredProtect\x02")
    assert read_new(new(key)[0], extended, ASKED).key == key.key.public_key


@pytest.mark.parametrize("spoil", BAD_NEW.values(), ids=BAD_NEW.keys())
def test_a_new_one_wrong_in_one_way_is_refused(spoil: Spoil) -> None:
    with pytest.raises(BadPasskey):
        read_new(*spoil(Authenticator()), ASKED)


def test_a_use_wrong_in_one_way_is_refused() -> None:
    key = Authenticator()
    parts = {name: from_base64url(part.encode()) for name, part in key.get(text(CHALLENGE)).items()}

    def check(parts: dict[str, bytes], point: P256PublicKey = key.key.public_key, asked: Asked = ASKED) -> int:
        return check_use(parts["client_data"], parts["authenticator_data"], parts["signature"], point, asked)

    assert check(parts) == 0
    for name in ("client_data", "authenticator_data", "signature"):
        for byte in range(0, len(parts[name]), 7):
            bad = bytearray(parts[name])
            bad[byte] ^= 1
            with pytest.raises(BadPasskey):
                check(parts | {name: bytes(bad)})
    with pytest.raises(BadPasskey):
        check(parts, Authenticator().key.public_key)
    with pytest.raises(BadPasskey):
        check(parts, asked=replace(ASKED, challenge=b""))


def test_passkeys_belong_to_the_public_host(settings: LazySettings) -> None:
    settings.PUBLIC_URL = "https://liangzheng.example"
    assert relying_party() == ("liangzheng.example", frozenset({"https://liangzheng.example"}))
    settings.PUBLIC_URL = "http://127.0.0.1:8000"
    assert relying_party() == ("localhost", frozenset({"http://localhost:8000"}))
