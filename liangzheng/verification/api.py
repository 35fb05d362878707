"""Routes of verification: the one table of words."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router, Schema

from liangzheng.formats.strict_json import to_base64url
from liangzheng.people.api import OfficerSession, signed_in
from liangzheng.storage.keystore import pack_key
from liangzheng.verification.packs import deliver_pack, read_part
from liangzheng.verification.words import words

router = Router(tags=["verification"])


class PackKeyOut(Schema):
    """The uncompressed point, 65 bytes, base64url without padding."""

    algorithm: str
    public_key: str


@router.get("/reasons", response=dict[str, Any], auth=None)
def reasons(request: HttpRequest) -> dict[str, Any]:  # noqa: ARG001 - public
    """Give the wordings of checks, reasons, standings and errors."""
    return words()


@router.get("/pack", auth=OfficerSession())
def field_pack(request: HttpRequest) -> HttpResponse:
    """Give the manifest of the field pack of the officer's region (COSE_Sign1), signed now; its number is the ETag."""
    delivered = deliver_pack(signed_in(request).region, timezone.now())
    headers = {"ETag": f'"{delivered.number}"', "Cache-Control": "private, no-cache"}
    return HttpResponse(delivered.manifest, content_type="application/cose", headers=headers)


@router.get("/pack/parts/{digest}", auth=OfficerSession())
def pack_part(request: HttpRequest, digest: str, since: str = "") -> HttpResponse:  # noqa: ARG001 - the same for every officer
    """Give a part, or how it differs from the older one `since`; `X-Pack-Encoding` says which: zlib or delta."""
    encoding, data = read_part(digest, since)
    headers = {"X-Pack-Encoding": encoding, "Cache-Control": "private, max-age=86400"}
    return HttpResponse(data, content_type="application/octet-stream", headers=headers)


@router.get("/pack/key", response=PackKeyOut, auth=OfficerSession())
def pack_public_key(request: HttpRequest) -> PackKeyOut:  # noqa: ARG001 - the same for everybody
    """Give the key that signs field packs; a phone asks once, when it is enrolled, and pins it."""
    return PackKeyOut(algorithm="SM2", public_key=to_base64url(pack_key().public_key.point).decode())
