"""The software keystore: column keys wrapped by the master key, the index key, and the platform's SM2 key for codes.

Files lie in `settings.KEYS_FOLDER`, readable by the owner only. Keys in hardware are a later part; whoever holds the
master key and the folder can read every personal column. The column keys are read anew when their file changes, so that
processes that serve seal with a new key as soon as there is one (`rotation.py`).
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings

from liangzheng.crypto.ed25519 import Ed25519PrivateKey
from liangzheng.crypto.envelope import CipherName, SealBroken, unwrap_key, wrap_key
from liangzheng.crypto.p256 import P256PrivateKey
from liangzheng.crypto.sm2 import SM2PrivateKey

_KEY_BYTES = {"sm4": 16, "aes": 32}
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Keyring:
    """Unwrapped keys: one data key per number (the number stands in each ciphertext), and the key of the blind index.

    A data key of 16 bytes is for SM4-GCM, one of 32 for AES-256-GCM. `since`: when the current one was made, Unix seconds.
    """

    current: int
    data_keys: dict[int, bytes]
    index_key: bytes
    since: int = 0

    @property
    def cipher(self) -> CipherName:
        """The cipher of the current key; the setting decides it when a key is made."""
        return "sm4" if len(self.data_keys[self.current]) == _KEY_BYTES["sm4"] else "aes"


_loaded: dict[str, tuple[tuple[str, int, int], Keyring]] = {}


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


def _new_keyring(master: bytes) -> bytes:
    size = _KEY_BYTES[settings.COLUMN_CIPHER]
    keys = {"1": _wrap(master, secrets.token_bytes(size), "1")}
    return json.dumps({"current": 1, "since": 0, "keys": keys, "index": _wrap(master, secrets.token_bytes(32), "index")}).encode()


def _wrap(master: bytes, key: bytes, name: str) -> str:
    return wrap_key(master, key, context=name.encode()).hex()


def _unwrap(master: bytes, wrapped: str, name: str) -> bytes:
    return unwrap_key(master, bytes.fromhex(wrapped), context=name.encode())


def ring_file() -> Path:
    """Say where the wrapped column keys lie."""
    return Path(settings.KEYS_FOLDER) / "columns.json"


def keyring() -> Keyring:
    """Give the column keys, made at the first start. One `stat` a call; the file is read when it is another one than before."""
    path = ring_file()
    try:
        there = path.stat()
    except FileNotFoundError:
        create_once(path, _new_keyring(bytes.fromhex(settings.MASTER_KEY)))
        there = path.stat()
    stamp = (str(path), there.st_ino, there.st_mtime_ns)
    known = _loaded.get("ring")
    if known is not None and known[0] == stamp:
        return known[1]
    try:
        ring = read_ring(path, bytes.fromhex(settings.MASTER_KEY))
    except SealBroken:
        # The master key was changed: this process has the old one and goes on with the keys it knows until it is started anew.
        if known is None or known[0][0] != str(path):
            raise
        log.warning("the column keys were wrapped anew with another master key: restart this process with it")
        ring = known[1]
    _loaded["ring"] = (stamp, ring)
    return ring


def read_ring(path: Path, master: bytes) -> Keyring:
    """Unwrap the column keys. SealBroken with another master key than theirs."""
    stored = json.loads(path.read_bytes())
    keys = {int(number): _unwrap(master, wrapped, number) for number, wrapped in stored["keys"].items()}
    return Keyring(stored["current"], keys, _unwrap(master, stored["index"], "index"), stored.get("since", 0))


@contextmanager
def changing_ring(master: bytes, new_master: bytes | None = None) -> Iterator[list[Keyring]]:
    """Hold the one lock on the column keys; the ring put in the place of the one in the list is written, durably and at once."""
    path = ring_file()
    with (path.parent / "columns.lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        before = read_ring(path, master)
        slot = [before]
        yield slot
        if slot[0] is not before or new_master is not None:
            _write_ring(path, slot[0], new_master or master)


def _write_ring(path: Path, ring: Keyring, master: bytes) -> None:
    keys = {str(number): _wrap(master, key, str(number)) for number, key in ring.data_keys.items()}
    content = {"current": ring.current, "since": ring.since, "keys": keys, "index": _wrap(master, ring.index_key, "index")}
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    create_once(temporary, json.dumps(content).encode())
    temporary.replace(path)
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


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


def receipt_keys() -> tuple[P256PrivateKey, SM2PrivateKey]:
    """Give the two keys with which the platform signs receipts of looks."""
    return _p256_key("receipt-p256"), _sm2_key("receipt-sm2")


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
def _p256_key(name: str) -> P256PrivateKey:
    path = settings.KEYS_FOLDER / f"{name}.pem"
    if not path.exists():
        create_once(path, P256PrivateKey.generate().to_pem())
    return P256PrivateKey.from_pem(path.read_bytes())


@cache
def _sm2_key(name: str) -> SM2PrivateKey:
    path = settings.KEYS_FOLDER / f"{name}.pem"
    if not path.exists():
        create_once(path, SM2PrivateKey.generate().to_pem())
    return SM2PrivateKey.from_pem(path.read_bytes())
