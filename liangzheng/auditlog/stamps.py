"""Time stamps on checkpoints (RFC 3161): each hour an authority says by when the log was as it is; kept beside the tiles.

`stamps/<size>.checkpoint` is what was stamped, `stamps/<size>.tsr` the authority's reply. The chain of the authority is judged by
whoever verifies the log; here a reply counts when it is whole, over these bytes, and carries our number.
"""

from __future__ import annotations

import secrets

from liangzheng.auditlog.log_files import LogFiles
from liangzheng.auditlog.note import Note, read_checkpoint
from liangzheng.auditlog.outside import Silent, post
from liangzheng.crypto.digests import SHA256_OID
from liangzheng.formats.seals.signed_data import UnsupportedSignature
from liangzheng.formats.timestamp import BROKEN, MalformedTimestamp, read_timestamp, token_of_response
from liangzheng.formats.timestamp_request import REQUEST_TYPE, timestamp_request

_OK = 200


class NotStamped(Exception):  # noqa: N818 - reads as the fact it is
    """No stamp this time; why."""


def is_stamped(size: int, files: LogFiles) -> bool:
    """Say whether the tree of this size has its stamp; the earlier one says more and is never replaced."""
    return (files.folder / f"stamps/{size}.tsr").exists()


def stamp(note: Note, url: str, files: LogFiles) -> int:
    """Have a checkpoint stamped and keep both; gives its size. Raises NotStamped."""
    data, nonce = note.encoded, secrets.randbits(63)
    try:
        reply = post(url, timestamp_request(data, nonce), REQUEST_TYPE)
        if reply.status != _OK:
            raise NotStamped(f"status {reply.status}")
        token = read_timestamp(token_of_response(reply.body))
    except (Silent, MalformedTimestamp, UnsupportedSignature) as error:
        raise NotStamped(str(error)) from error
    fault = token.verify(data)
    if fault in BROKEN or token.nonce != nonce or token.digest_oid != SHA256_OID:
        raise NotStamped(fault or "the reply is to another question")
    size = read_checkpoint(note.text).size
    files.replace(f"stamps/{size}.checkpoint", data)
    files.replace(f"stamps/{size}.tsr", reply.body)
    return size
