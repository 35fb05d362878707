"""Write-once objects named by their SHA-256. An object is on disk before any row names it.

Only the local file store is built; another obstore store (S3) needs its own durability proof and comes later.
"""

from __future__ import annotations

import hashlib
import os
from functools import cache
from pathlib import Path

from django.conf import settings
from obstore.exceptions import AlreadyExistsError
from obstore.store import LocalStore

from liangzheng.errors import NotFound, Unavailable


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
        _store().put(_key(digest), data, mode="create")
    except AlreadyExistsError:
        pass
    except OSError as error:
        raise Unavailable("object_store_down", "存储暂不可用，请稍后重试。") from error
    _sync(settings.OBJECTS_FOLDER / _key(digest))
    return digest


def read_object(digest: str) -> bytes:
    """Give the bytes back, having checked that they still are what their name says."""
    try:
        data = _store().get(_key(digest)).bytes().to_bytes()
    except FileNotFoundError as error:
        raise NotFound("object_missing", "文件不存在。") from error
    if hashlib.sha256(data).hexdigest() != digest:
        raise Unavailable("object_damaged", "存储的文件已损坏，不能使用。")
    return data
