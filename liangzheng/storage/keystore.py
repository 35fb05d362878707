"""The software keystore: column keys wrapped by the master key, the index key, and the platform's SM2 key for codes.

Files lie in `settings.KEYS_FOLDER`, readable by the owner only. Keys in hardware are a later part; whoever holds the
master key and the folder can read every personal column.
"""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings

from liangzheng.crypto.ed25519 import Ed25519PrivateKey
from liangzheng.crypto.envelope import unwrap_key, wrap_key
from liangzheng.crypto.sm2 import SM2PrivateKey

_KEY_BYTES = {"sm4": 16, "aes": 32}


@dataclass(frozen=True, slots=True)
class Keyring:
    """Unwrapped keys: one data key per number (the number stands in each ciphertext), and the key of the blind index."""

    current: int
    data_keys: dict[int, bytes]
    index_key: bytes


def create_once(path: Path, content: bytes) -> None:
    """Write a secret file unless it is there; of two processes starting together, one wins and both read the same."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(temporary, path)
    except FileExistsError:
        pass
    finally:
        temporary.unlink()


def _new_keyring(master: bytes, size: int) -> bytes:
    wrapped = {"1": _wrap(master, secrets.token_bytes(size), "1")}
    return json.dumps({"current": 1, "keys": wrapped, "index": _wrap(master, secrets.token_bytes(32), "index")}).encode()


def _wrap(master: bytes, key: bytes, name: str) -> str:
    return wrap_key(master, key, context=name.encode()).hex()


def _unwrap(master: bytes, wrapped: str, name: str) -> bytes:
    return unwrap_key(master, bytes.fromhex(wrapped), context=name.encode())


@cache
def keyring() -> Keyring:
    """Read the keyring, making it at the first start."""
    master = bytes.fromhex(settings.MASTER_KEY)
    path = settings.KEYS_FOLDER / "columns.json"
    if not path.exists():
        create_once(path, _new_keyring(master, _KEY_BYTES[settings.COLUMN_CIPHER]))
    stored = json.loads(path.read_bytes())
    keys = {int(number): _unwrap(master, wrapped, number) for number, wrapped in stored["keys"].items()}
    return Keyring(stored["current"], keys, _unwrap(master, stored["index"], "index"))


def platform_key() -> SM2PrivateKey:
    """Give the SM2 key with which the platform signs on-line codes."""
    return _sm2_key("platform-sm2")


def credential_key() -> SM2PrivateKey:
    """Give the SM2 key with which the platform signs credentials of off-line codes; the trust list names it as a `code_key`."""
    return _sm2_key("credential-sm2")


def pack_key() -> SM2PrivateKey:
    """Give the SM2 key with which the platform signs field packs; a phone pins it when it is enrolled."""
    return _sm2_key("pack-sm2")


def log_keys() -> tuple[Ed25519PrivateKey, SM2PrivateKey]:
    """Give the two keys with which the log signs its checkpoints."""
    return _ed25519_key("log-ed25519"), _sm2_key("log-sm2")


def witness_key() -> Ed25519PrivateKey:
    """Give the key with which this machine cosigns the logs of others; it signs nothing else (C2SP tlog-cosignature)."""
    return _ed25519_key("witness-ed25519")


@cache
def _ed25519_key(name: str) -> Ed25519PrivateKey:
    path = settings.KEYS_FOLDER / f"{name}.pem"
    if not path.exists():
        create_once(path, Ed25519PrivateKey.generate().to_pem())
    return Ed25519PrivateKey.from_pem(path.read_bytes())


@cache
def _sm2_key(name: str) -> SM2PrivateKey:
    path = settings.KEYS_FOLDER / f"{name}.pem"
    if not path.exists():
        create_once(path, SM2PrivateKey.generate().to_pem())
    return SM2PrivateKey.from_pem(path.read_bytes())
