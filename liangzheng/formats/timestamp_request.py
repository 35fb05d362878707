"""Questions to a time-stamp authority (RFC 3161, 2.4.1), written and, for authorities of pilots and tests, read."""

from __future__ import annotations

from dataclasses import dataclass

from liangzheng.crypto import der
from liangzheng.crypto.digests import SHA256_OID, SM3_OID, digest_of
from liangzheng.formats.timestamp import MalformedTimestamp

REQUEST_TYPE, REPLY_TYPE = "application/timestamp-query", "application/timestamp-reply"


@dataclass(frozen=True, slots=True)
class TimestampRequest:
    """What is asked to be stamped: its digest, by `digest_oid`, and a number that has to come back."""

    digest_oid: str
    imprint: bytes
    nonce: int | None


def timestamp_request(data: bytes, nonce: int, digest_oid: str = SHA256_OID) -> bytes:
    """Ask for a stamp over these bytes, the authority's certificate along with it (DER)."""
    imprint = digest_of(digest_oid, data)
    if digest_oid not in {SHA256_OID, SM3_OID} or imprint is None:
        raise ValueError("SHA-256 or SM3")
    algorithm = der.sequence(der.oid(digest_oid), der.null())
    return der.sequence(
        der.integer(1), der.sequence(algorithm, der.octet_string(imprint)), der.integer(nonce), der.boolean(value=True)
    )


def read_timestamp_request(request: bytes) -> TimestampRequest:
    """Read a question; a policy and extensions are passed over. MalformedTimestamp."""
    try:
        fields = der.read(request).fields()
        version, imprint = fields.take(der.INTEGER).integer(), fields.take(der.SEQUENCE).fields()
        digest_oid, digest = imprint.take(der.SEQUENCE).fields().take().oid(), imprint.take().octets()
        imprint.end()
        fields.take_if(der.OID)
        nonce = fields.take_if(der.INTEGER)
        asked = fields.take_if(der.BOOLEAN)
        wants_certificate = asked is None or asked.boolean()
        fields.take_if(der.context(0))
        fields.end()
    except der.DerError as error:
        raise MalformedTimestamp(str(error)) from error
    if version != 1 or not wants_certificate:
        raise MalformedTimestamp("a version, or a default that is written")
    return TimestampRequest(digest_oid, digest, nonce.integer() if nonce else None)
