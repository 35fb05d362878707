"""Finding a libcrypto that can do SM2, and saying clearly when there is none."""

from __future__ import annotations

import pytest

from liangzheng.crypto import libcrypto
from liangzheng.errors import Unavailable


def test_without_sm2_there_is_one_clear_answer() -> None:
    with pytest.raises(Unavailable) as caught:
        libcrypto._first_good(iter(["libnothing.so.0", *libcrypto._places()]), lambda _: False)
    assert caught.value.code == "sm2_unavailable"
    assert "LIANGZHENG_LIBCRYPTO" in caught.value.message


def test_the_setting_comes_before_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIANGZHENG_LIBCRYPTO", "/srv/tongsuo/libcrypto.so")
    assert list(libcrypto._places()) == ["/srv/tongsuo/libcrypto.so"]


def test_a_library_that_misses_a_function_fails_the_self_test() -> None:
    assert libcrypto._passes_self_test(libcrypto._library())
    assert not libcrypto._passes_self_test(object())


def test_keys_that_openssl_refuses_are_none() -> None:
    assert libcrypto.load_public(b"\x30\x00") is None
    assert libcrypto.load_private(b"\x30\x00") is None


def test_the_first_one_that_passes_is_used_and_named() -> None:
    places = ["libnothing.so.0", *libcrypto._places()]
    place, lib = libcrypto._first_good(iter(places), libcrypto._passes_self_test)
    assert libcrypto._passes_self_test(lib)
    assert libcrypto.describe().endswith(f", {place}")
    assert libcrypto.describe().startswith(("OpenSSL 3.", "OpenSSL 1.1.1", "Tongsuo"))


def test_a_library_that_answers_wrongly_fails_the_self_test(monkeypatch: pytest.MonkeyPatch) -> None:
    """SM2 that accepts everything, or nothing, is worse than none; the negative control is the unchanged library above."""
    lib = libcrypto._library()
    for example in (bytes(32), libcrypto._EXAMPLE_DIGEST[:-1] + b"\x00"):
        monkeypatch.setattr(libcrypto, "_EXAMPLE_DIGEST", example)
        assert not libcrypto._passes_self_test(lib)


def test_every_system_we_promise_has_a_place() -> None:
    places = "\n".join([*libcrypto._NAMES, *libcrypto._OLD_NAMES])
    for part in ("libcrypto.so.3", "/opt/homebrew/", "/usr/local/opt/openssl@3/", "/usr/lib64/", "tongsuo", "libcrypto.so.1.1"):
        assert part in places
