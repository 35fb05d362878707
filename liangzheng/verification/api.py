"""Routes of verification: the one table of words, field packs, and whom this installation trusts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router, Schema

from liangzheng.formats.strict_json import to_base64url
from liangzheng.people.api import AnySession, signed_in
from liangzheng.storage.keystore import pack_key
from liangzheng.verification.packs import deliver_pack, read_part
from liangzheng.verification.trust import trust_material
from liangzheng.verification.trust_overview import overview
from liangzheng.verification.words import words

router = Router(tags=["verification"])
PROVINCE = "370000"
"""GB/T 2260; whose list of usable licences goes into a holder's pack."""


class PackKeyOut(Schema):
    """The uncompressed point, 65 bytes, base64url without padding."""

    algorithm: str
    public_key: str


class CertificateFactsOut(Schema):
    """A certificate; `fingerprint` is the SHA-256 of its DER in hex."""

    name: str
    organisation: str
    organisation_code: str
    fingerprint: str
    not_before: datetime
    not_after: datetime


class TrustEntryOut(Schema):
    """An issuer or a key of credentials; `licence_types` are type codes, or ["*"]."""

    kind: str
    name: str
    organisation_code: str
    fingerprint: str
    licence_types: list[str]
    trusted_from: datetime
    distrusted_since: datetime | None
    reason: str


class ListOut(Schema):
    """What both kinds of list have. `age` is in seconds; `fault` is "" or the reason for which it is not relied upon."""

    uri: str
    issued_at: datetime
    expires_at: datetime
    age: int
    fault: str
    signer: CertificateFactsOut


class TrustListOut(ListOut):
    """One trust list."""

    number: int
    entries: list[TrustEntryOut]


class StatusListOut(ListOut):
    """One status list; `size` counts its places."""

    form: str
    size: int


class RevocationListOut(Schema):
    """One list of revoked certificates."""

    issuer: str
    this_update: datetime
    next_update: datetime | None
    revoked: int


class TrustOut(Schema):
    """Everything that this installation trusts."""

    as_of: datetime
    roots: list[CertificateFactsOut]
    list_signers: list[CertificateFactsOut]
    trust_lists: list[TrustListOut]
    status_lists: list[StatusListOut]
    revocation_lists: list[RevocationListOut]


@router.get("/reasons", response=dict[str, Any], auth=None)
def reasons(request: HttpRequest) -> dict[str, Any]:  # noqa: ARG001 - public
    """Give the wordings of checks, reasons, standings and errors."""
    return words()


@router.get("/trust", response=TrustOut, auth=None)
def trust(request: HttpRequest) -> dict[str, object]:  # noqa: ARG001 - public
    """Say whom this installation believes, and how old its lists are; the files themselves lie under /trust/."""
    return overview(trust_material(), timezone.now()).to_json()


@router.get("/pack", auth=AnySession())
def field_pack(request: HttpRequest) -> HttpResponse:
    """Give the manifest of the field pack (COSE_Sign1), signed now; its number is the ETag.

    An officer's is his region's; a holder, who checks officers by it, gets the province's.
    """
    delivered = deliver_pack(signed_in(request).region or PROVINCE, timezone.now())
    headers = {"ETag": f'"{delivered.number}"', "Cache-Control": "private, no-cache"}
    return HttpResponse(delivered.manifest, content_type="application/cose", headers=headers)


@router.get("/pack/parts/{digest}", auth=AnySession())
def pack_part(request: HttpRequest, digest: str, since: str = "") -> HttpResponse:  # noqa: ARG001 - the same for everybody
    """Give a part, or how it differs from the older one `since`; `X-Pack-Encoding` says which: zlib or delta."""
    encoding, data = read_part(digest, since)
    headers = {"X-Pack-Encoding": encoding, "Cache-Control": "private, max-age=86400"}
    return HttpResponse(data, content_type="application/octet-stream", headers=headers)


@router.get("/pack/key", response=PackKeyOut, auth=AnySession())
def pack_public_key(request: HttpRequest) -> PackKeyOut:  # noqa: ARG001 - the same for everybody
    """Give the key that signs field packs; a phone asks once, when it is enrolled, and pins it."""
    return PackKeyOut(algorithm="SM2", public_key=to_base64url(pack_key().public_key.point).decode())
