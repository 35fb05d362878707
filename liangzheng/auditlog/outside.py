"""One question to a witness or a time-stamp authority: bounded in time and size, no redirects, no proxies."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import httpx

LIMIT = 3.0
"""Seconds for the whole exchange."""
_READ = 2.0
_LARGEST = 64 * 1024


class Silent(Exception):  # noqa: N818 - reads as the fact it is
    """No answer in time, or one beyond the limits."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back."""

    status: int
    media_type: str
    body: bytes


def post(url: str, body: bytes, media_type: str) -> Reply:
    """POST these bytes. Raises Silent. The address comes from the operator's settings."""
    with httpx.Client(timeout=_READ, follow_redirects=False, trust_env=False, limits=httpx.Limits(max_connections=1)) as client:
        cut = threading.Timer(LIMIT, client.close)  # a drip of bytes is cut off under it
        cut.start()
        try:
            headers = {"Content-Type": media_type, "Accept-Encoding": "identity"}
            with client.stream("POST", url, content=body, headers=headers) as answer:
                return Reply(answer.status_code, answer.headers.get("Content-Type", ""), _read(answer))
        except (httpx.HTTPError, RuntimeError, OSError) as error:  # RuntimeError: the client was closed under the exchange
            raise Silent(type(error).__name__) from error
        finally:
            cut.cancel()


def _read(answer: httpx.Response) -> bytes:
    body = bytearray()
    for part in answer.iter_raw():
        body += part
        if len(body) > _LARGEST:
            raise Silent("too long")
    return bytes(body)
