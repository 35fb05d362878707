"""SM4 (GB/T 32907): GCM (RFC 8998; SP 800-38D), which also proves that nothing was changed, and CBC, which does not.

The cipher is that of the OpenSSL inside `cryptography`: the libcrypto of some systems has SM4, but no SM4-GCM (3.0 has none).
Nonces and initialisation vectors come from the caller: a pair of key and nonce that is used twice breaks GCM.
"""

from __future__ import annotations

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

KEY_SIZE = 16
NONCE_SIZE = 12
"""Bytes of a GCM nonce; every other size would be hashed first, and is not used here."""
TAG_SIZE = 16
BLOCK_SIZE = 16


class BadCiphertext(ValueError):  # noqa: N818 - reads as the fact it is
    """It does not decrypt: another key, nonce or context, or changed bytes. Never says which."""


def encrypt_gcm(key: bytes, nonce: bytes, plaintext: bytes, context: bytes = b"") -> bytes:
    """Encrypt and authenticate, the context (AAD) too. Returns ciphertext || 16-byte tag. ValueError for a size that is wrong."""
    _check(key, nonce, NONCE_SIZE)
    encryptor = Cipher(algorithms.SM4(key), modes.GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(context)
    return encryptor.update(plaintext) + encryptor.finalize() + encryptor.tag


def decrypt_gcm(key: bytes, nonce: bytes, sealed: bytes, context: bytes = b"") -> bytes:
    """Open ciphertext || tag; BadCiphertext when a bit of it, or the context, is not what was encrypted."""
    _check(key, nonce, NONCE_SIZE)
    if len(sealed) < TAG_SIZE:
        raise BadCiphertext("shorter than its tag")
    decryptor = Cipher(algorithms.SM4(key), modes.GCM(nonce, sealed[-TAG_SIZE:])).decryptor()
    decryptor.authenticate_additional_data(context)
    try:
        return decryptor.update(sealed[:-TAG_SIZE]) + decryptor.finalize()
    except InvalidTag as error:
        raise BadCiphertext("another key, nonce or context, or changed bytes") from error


def encrypt_cbc(key: bytes, iv: bytes, plaintext: bytes) -> bytes:
    """Encrypt with PKCS #7 padding, for services that ask for CBC. The 16-byte iv must be random, never one that was foretold."""
    _check(key, iv, BLOCK_SIZE)
    padder = PKCS7(BLOCK_SIZE * 8).padder()
    encryptor = Cipher(algorithms.SM4(key), modes.CBC(iv)).encryptor()
    return encryptor.update(padder.update(plaintext) + padder.finalize()) + encryptor.finalize()


def decrypt_cbc(key: bytes, iv: bytes, ciphertext: bytes) -> bytes:
    """Open CBC with PKCS #7 padding; BadCiphertext when it is not whole blocks or the padding is wrong.

    CBC proves nothing: check a signature or MAC over the ciphertext first, and never tell a sender why it failed.
    """
    _check(key, iv, BLOCK_SIZE)
    if not ciphertext or len(ciphertext) % BLOCK_SIZE:
        raise BadCiphertext("not whole blocks")
    decryptor = Cipher(algorithms.SM4(key), modes.CBC(iv)).decryptor()
    unpadder = PKCS7(BLOCK_SIZE * 8).unpadder()
    padded = decryptor.update(ciphertext) + decryptor.finalize()
    try:
        return unpadder.update(padded) + unpadder.finalize()
    except ValueError as error:
        raise BadCiphertext("another key or changed bytes") from error


def _check(key: bytes, start: bytes, size: int) -> None:
    if len(key) != KEY_SIZE or len(start) != size:
        raise ValueError(f"the key must have {KEY_SIZE} bytes, the nonce or iv {size}")
