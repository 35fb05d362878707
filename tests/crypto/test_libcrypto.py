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
