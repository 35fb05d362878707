"""Signing keys that never leave a token: PKCS#11 (OASIS, 2.40) with ES256, behind `keys.SigningKey`.

What takes a `SigningKey` (certificates, revocation lists) does not see where the key is. SM2 is not here: PKCS#11 has no
mechanism for it, every maker of Chinese tokens has one of its own; such a token would get a class beside this one.
The package `python-pkcs11` is needed only here and only when a token is opened. It is not installed with the product.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator
from threading import Lock
from typing import TYPE_CHECKING

from liangzheng.crypto import der
from liangzheng.crypto.digests import sha256
from liangzheng.crypto.keys import BadKey
from liangzheng.crypto.p256 import P256_CURVE_OID, P256PublicKey, signature_from_raw
from liangzheng.errors import Unavailable

if TYPE_CHECKING:
    from pkcs11.types import SignMixin

_CODE = "token_unavailable"
_GET_PACKAGE = "The Python package python-pkcs11 is missing: install it beside liangzheng to use keys in a token."


class TokenP256Key:
    """A P-256 key inside a token. Get it from `open_token_key`; once that has ended, it signs no more."""

    __slots__ = ("_key", "_lock", "_public")

    def __init__(self, key: SignMixin, public: P256PublicKey) -> None:
        self._key = key
        self._public = public
        self._lock = Lock()  # a session does one thing at a time

    @property
    def public_key(self) -> P256PublicKey:
        return self._public

    def sign_raw(self, message: bytes) -> bytes:
        """Sign SHA-256 of the message in the token; r || s, 64 bytes. Unavailable when the token fails or signs otherwise."""
        import pkcs11

        try:
            with self._lock:
                raw = bytes(self._key.sign(sha256(message), mechanism=pkcs11.Mechanism.ECDSA))
        except pkcs11.PKCS11Error as error:
            raise Unavailable(_CODE, f"the token did not sign: {type(error).__name__}") from error
        if not self._public.verify_raw(raw, message):
            raise Unavailable(_CODE, "the token signed with another key than it shows")
        return raw

    def sign(self, message: bytes) -> bytes:
        """Sign the message; DER."""
        return signature_from_raw(self.sign_raw(message))

    def __repr__(self) -> str:
        return f"TokenP256Key(public={self._public.point.hex()[:18]}…)"

    def __reduce__(self) -> str:
        raise TypeError("a key in a token is not pickled")


@contextlib.contextmanager
def open_token_key(library: str, *, token: str, pin: str, label: str) -> Iterator[TokenP256Key]:
    """Log in to the token with that label and give its P-256 key pair with that label, after one trial signature.

    `library` is the maker's PKCS#11 module (a shared library). One process, its threads included, may use the key; after a fork
    it has to be opened anew. Unavailable, with words for the operator that never hold the pin, when anything is missing.
    """
    try:
        import pkcs11
        from pkcs11.types import SignMixin
    except ImportError as error:
        raise Unavailable(_CODE, _GET_PACKAGE) from error
    with contextlib.ExitStack() as stack:
        try:
            session = stack.enter_context(pkcs11.lib(library).get_token(token_label=token).open(user_pin=pin))
            key = session.get_key(object_class=pkcs11.ObjectClass.PRIVATE_KEY, key_type=pkcs11.KeyType.EC, label=label)
            shown = session.get_key(object_class=pkcs11.ObjectClass.PUBLIC_KEY, key_type=pkcs11.KeyType.EC, label=label)
            parameters, point = bytes(shown[pkcs11.Attribute.EC_PARAMS]), bytes(shown[pkcs11.Attribute.EC_POINT])
        except (pkcs11.PKCS11Error, RuntimeError) as error:  # a bare RuntimeError: the module itself cannot be loaded
            reason = f"{type(error).__name__} {error}".strip()
            raise Unavailable(_CODE, f"token {token!r}, key {label!r}, module {library}: {reason}") from error
        if not isinstance(key, SignMixin):
            raise Unavailable(_CODE, "the key in the token may not sign")
        opened = TokenP256Key(key, _read_point(parameters, point))
        opened.sign_raw(secrets.token_bytes(32))
        yield opened


def _read_point(parameters: bytes, point: bytes) -> P256PublicKey:
    """Read CKA_EC_PARAMS (the curve) and CKA_EC_POINT (an OCTET STRING around the point)."""
    try:
        if der.read(parameters).oid() != P256_CURVE_OID:
            raise Unavailable(_CODE, "the key in the token is not on P-256")
        return P256PublicKey.from_point(der.read(point).octets())
    except (der.DerError, BadKey) as error:
        raise Unavailable(_CODE, "the token shows no P-256 point") from error
