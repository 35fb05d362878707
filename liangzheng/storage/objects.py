"""Write-once objects named by the SHA-256 of their bytes, sealed on disk. An object is on disk before any row names it.

Stored form: `lzo1` ‖ key number (1 byte) ‖ sealed value (`crypto/envelope.py`), bound to its name. A column that names an
object is a `CharField` of 64 characters: by that the sweep of retention knows which objects nobody names any more.
Only the local file store is built; another obstore store (S3) needs its own durability proof and comes later.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from django.conf import settings
from obstore.exceptions import AlreadyExistsError
from obstore.store import LocalStore

from liangzheng.crypto.envelope import SealBroken, open_value, seal_value
from liangzheng.errors import NotFound, Unavailable
from liangzheng.storage.keystore import keyring

MAGIC = b"lzo1"
_DIGEST = 64  # hex digits of a SHA-256


@cache
def _store() -> LocalStore:
    return LocalStore(settings.OBJECTS_FOLDER, mkdir=True)


def _key(digest: str) -> str:
    return f"{digest[:2]}/{digest[2:4]}/{digest}"


def _sync(path: Path) -> None:
    for target in (path, path.parent, path.parent.parent, settings.OBJECTS_FOLDER):
        descriptor = os.open(target, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def keep_object(data: bytes) -> str:
    """Store bytes durably and give their SHA-256 (64 hex digits); the same bytes are stored once."""
    digest = hashlib.sha256(data).hexdigest()
    try:
        if not _touch(digest):  # the sweep leaves alone what was stored a moment ago
            _store().put(_key(digest), _sealed(digest, data), mode="create")
    except AlreadyExistsError:
        pass
    except OSError as error:
        raise Unavailable("object_store_down", "存储暂不可用，请稍后重试。") from error
    _sync(settings.OBJECTS_FOLDER / _key(digest))
    return digest


def read_object(digest: str) -> bytes:
    """Give the bytes back, having checked that they still are what their name says."""
    try:
        data = _opened(digest, _store().get(_key(digest)).bytes().to_bytes())
    except FileNotFoundError as error:
        raise NotFound("object_missing", "文件不存在。") from error
    except (KeyError, SealBroken) as error:
        raise Unavailable("object_damaged", "存储的文件已损坏，不能使用。") from error
    if hashlib.sha256(data).hexdigest() != digest:
        raise Unavailable("object_damaged", "存储的文件已损坏，不能使用。")
    return data


def _touch(digest: str) -> bool:
    try:
        os.utime(Path(settings.OBJECTS_FOLDER) / _key(digest))
    except FileNotFoundError:
        return False
    return True


def _sealed(digest: str, data: bytes) -> bytes:
    ring = keyring()
    sealed = seal_value(ring.data_keys[ring.current], data, context=f"object|{digest}".encode(), cipher=ring.cipher)
    return MAGIC + bytes([ring.current]) + sealed


def _opened(digest: str, stored: bytes) -> bytes:
    """Open a stored object; one from before objects were sealed is plain, and its digest speaks for it."""
    if not stored.startswith(MAGIC):
        return stored
    number = stored[len(MAGIC)]
    return open_value(keyring().data_keys[number], stored[len(MAGIC) + 1 :], context=f"object|{digest}".encode())


def object_files() -> Iterator[Path]:
    """Give the file of every object; its name is the digest."""
    return (path for path in Path(settings.OBJECTS_FOLDER).glob("??/??/*") if len(path.name) == _DIGEST)


def key_number(path: Path) -> int:
    """Say under which key an object lies; 0: it is plain."""
    with path.open("rb") as file:
        head = file.read(len(MAGIC) + 1)
    return head[len(MAGIC)] if head.startswith(MAGIC) else 0


def seal_anew(path: Path) -> bool:
    """Seal an object with the current key, in one step that a reader does not notice; False when it was so already."""
    if key_number(path) == keyring().current:
        return False
    data = read_object(path.name)
    _store().put(_key(path.name), _sealed(path.name, data), mode="overwrite")
    _sync(path)
    return True
