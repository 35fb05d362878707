"""One JSON question to an outside system: bounded in time and size, no redirects, strict JSON.

Whatever the other side does ends in an answer or a `Trouble` within LIMIT plus one read: a drip of bytes is cut off by
closing the connection under it. The address comes from the operator's settings, never from a code or an answer.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from contextlib import closing
from http import HTTPStatus
from typing import Literal

import httpx

from liangzheng.formats.strict_json import BadJson, read_object

LIMIT = 2.0
"""Seconds for the whole exchange."""
_READ = 1.0
LARGEST = 1024 * 1024
"""Bytes of an answer."""


class Trouble(Exception):  # noqa: N818 - reads as the fact it is
    """`unavailable`: no answer, or a server error. `unreadable`: an answer that is none."""

    def __init__(self, kind: Literal["unavailable", "unreadable"]) -> None:
        super().__init__(kind)
        self.kind: Literal["unavailable", "unreadable"] = kind


def ask(
    url: str,
    question: Mapping[str, object] | None,
    *,
    query: Mapping[str, str] | None = None,
    form: Mapping[str, str] | None = None,
) -> dict[str, object]:
    """POST a question as JSON, or a form, or GET without either; give the answer's object. Raises Trouble."""
    with httpx.Client(timeout=_READ, follow_redirects=False, trust_env=False, limits=httpx.Limits(max_connections=1)) as client:
        cut = threading.Timer(LIMIT, client.close)
        cut.start()
        try:
            return read_object(_exchange(client, _request(client, url, question, query, form)))
        except BadJson as error:
            raise Trouble("unreadable") from error
        except (httpx.HTTPError, RuntimeError, OSError) as error:  # RuntimeError: the client was closed under the exchange
            raise Trouble("unavailable") from error
        finally:
            cut.cancel()


def _request(
    client: httpx.Client,
    url: str,
    question: Mapping[str, object] | None,
    query: Mapping[str, str] | None,
    form: Mapping[str, str] | None,
) -> httpx.Request:
    method = "GET" if question is None and form is None else "POST"
    headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
    return client.build_request(method, url, json=question, data=form, params=query, headers=headers)


def _exchange(client: httpx.Client, request: httpx.Request) -> bytes:
    with closing(client.send(request, stream=True)) as answer:
        if answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR or answer.status_code == HTTPStatus.TOO_MANY_REQUESTS:
            raise Trouble("unavailable")
        if answer.status_code != HTTPStatus.OK or answer.headers.get("Content-Encoding", "identity") != "identity":
            raise Trouble("unreadable")
        return _read(answer)


def _read(answer: httpx.Response) -> bytes:
    body = bytearray()
    for part in answer.iter_raw():
        body += part
        if len(body) > LARGEST:
            raise Trouble("unreadable")
    return bytes(body)
