"""A fictional authority, seal and licence file for tests of file checks. Every key is drawn afresh; no real body is meant."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache

from PIL import Image
from pylopdf_fonts_zh_cn import sans_path

from liangzheng.crypto.certificates import Certificate, Subject, issue_certificate, read_certificate
from liangzheng.crypto.revocation import Crl, Revocation, issue_crl, read_crl
from liangzheng.crypto.sm2 import SM2PrivateKey
from liangzheng.formats.ofd.archive import pack
from liangzheng.formats.ofd.metadata import LicenceMetadata
from liangzheng.formats.ofd.package import read_ofd
from liangzheng.formats.ofd.sealing import seal_ofd
from liangzheng.formats.ofd.writer import LicenceDocument, write_licence_ofd
from liangzheng.formats.seals.seal import ESeal, SealDesign, SealPicture, make_seal
from liangzheng.formats.status_list import Publication, Status, encode_status_list
from liangzheng.verification.file_checks import TrustMaterial

ISSUER_CODE = "11370600MADEM0011A"
STATUS_URI = "https://status.example/2026/1"
STATUS_INDEX = 5
NOW = datetime(2026, 3, 10, 4, 0, tzinfo=UTC)
SEALED_AT = datetime(2026, 3, 1, 1, 30, tzinfo=UTC)
Period = tuple[datetime, datetime]
LONG: Period = (datetime(2025, 1, 1, tzinfo=UTC), datetime(2031, 1, 1, tzinfo=UTC))

METADATA = LicenceMetadata(
    identifier=f"1.2.156.3005.2.11100000000019713D013.{ISSUER_CODE}.DEM02026000001.001.H",
    name="道路运输证",
    type_code="11100000000019713D013",
    number="演示370600000011号",
    issuer="烟台市交通运输局（演示）",
    issuer_code=ISSUER_CODE,
    issued_on=date(2026, 3, 1),
    holder="烟台海云客运有限公司（演示）",
    holder_code="91370602MADEM0011Y",
    holder_code_type="统一社会信用代码",
    holder_code_type_code="001",
    valid_from=date(2026, 3, 1),
    valid_to=date(2030, 2, 28),
    face=(("CLHP", "鲁F00001"), ("JYFW", "市际班车客运")),
    is_demo=True,
    status_uri=STATUS_URI,
    status_index=STATUS_INDEX,
)


def picture(width: int, height: int, kind: str = "PNG") -> bytes:
    """A plain picture."""
    written = io.BytesIO()
    Image.new("RGB", (width, height), (120, 150, 200)).save(written, kind)
    return written.getvalue()


def document(metadata: LicenceMetadata = METADATA, **changes: object) -> LicenceDocument:
    """The face of the demo licence."""
    facts: dict[str, object] = {
        "title": metadata.name,
        "rows": (("证号", metadata.number), ("业户名称", metadata.holder), ("车辆号牌", "鲁F00001")),
        "metadata": metadata,
        "document_id": "0123456789abcdef" * 2,
        "created_on": date(2026, 3, 1),
        "photo": picture(50, 70),
        "code": picture(40, 40),
        "notices": ("本证照为演示数据，不是真实证照。",),
    }
    return LicenceDocument(**(facts | changes))  # type: ignore[arg-type]  # the changes are those of the caller


@cache
def font() -> bytes:
    return sans_path().read_bytes()


@cache
def unsealed(metadata: LicenceMetadata = METADATA) -> bytes:
    return write_licence_ofd(document(metadata), font())


@dataclass(frozen=True, slots=True)
class Authority:
    """A root with its revocation list, a seal maker under it, and an issuing authority that owns a seal."""

    root: Certificate
    root_key: SM2PrivateKey
    signer: Certificate
    signer_key: SM2PrivateKey
    seal: ESeal
    design: SealDesign
    maker_key: SM2PrivateKey

    def licence(self, metadata: LicenceMetadata = METADATA, at: datetime = SEALED_AT) -> bytes:
        return seal_ofd(unsealed(metadata), self.seal, self.signer_key, at)

    def neighbour(self, organisation_code: str) -> Authority:
        """Another body with a signing certificate under the same root; its seal is of no interest."""
        key = SM2PrivateKey.generate()
        subject = Subject("另一机构（演示）", organisation="另一机构（演示）", organisation_code=organisation_code)
        signer = issue_certificate(subject, key.public_key, issuer=self.root, issuer_key=self.root_key, validity=LONG)
        return replace(self, signer=read_certificate(signer), signer_key=key)

    def crl(self, *revoked: Revocation) -> Crl:
        week = {"this_update": NOW - timedelta(days=1), "next_update": NOW + timedelta(days=6)}
        return read_crl(issue_crl(self.root, self.root_key, revoked, **week, number=1))

    def status_token(self, status: Status, *, issued_at: datetime = NOW, uri: str = STATUS_URI) -> bytes:
        publication = Publication(uri=uri, issued_at=issued_at, expires_at=issued_at + timedelta(days=1))
        statuses = {STATUS_INDEX: status}
        return encode_status_list(statuses, size=16, publication=publication, key=self.signer_key, chain=[self.signer])

    def trust(self, status: Status = Status.VALID, *revoked: Revocation) -> TrustMaterial:
        """Everything an outsider needs to find the demo licence valid."""
        return TrustMaterial((self.root,), (self.crl(*revoked),), (self.status_token(status),))


def found_authority(
    *, issuer_code: str = ISSUER_CODE, certificates: Period = LONG, seal: Period = LONG, listed: Certificate | None = None
) -> Authority:
    """Found an authority. `listed` puts another certificate into the seal's list of signers instead of its own."""
    root_key, maker_key, signer_key = (SM2PrivateKey.generate() for _ in range(3))
    name = Subject("演示根证书", organisation="演示根证书")
    root_der = issue_certificate(name, root_key.public_key, issuer=None, issuer_key=root_key, validity=LONG, path_length=0)
    root = read_certificate(root_der)
    maker, signer = (
        issue_certificate(
            Subject(common_name, organisation=common_name, organisation_code=issuer_code),
            key.public_key,
            issuer=root,
            issuer_key=root_key,
            validity=certificates,
        )
        for common_name, key in (("演示印章制作中心", maker_key), ("烟台市交通运输局（演示）", signer_key))
    )
    design = SealDesign(
        seal_id="37060000000001",
        name="烟台市交通运输局（演示）证照专用章",
        picture=SealPicture("PNG", picture(40, 40), 40, 40),
        created_at=certificates[0] + timedelta(days=1),
        valid_from=seal[0],
        valid_to=seal[1],
    )
    made = make_seal(design, [listed.der if listed else signer], maker, maker_key)
    return Authority(root, root_key, read_certificate(signer), signer_key, made, design, maker_key)


def repacked(data: bytes, changes: Mapping[str, bytes | None]) -> bytes:
    """The same package with some files replaced, added, or (None) left out."""
    files = dict(read_ofd(data).files)
    for path, content in changes.items():
        if content is None:
            del files[path]
        else:
            files[path] = content
    return pack(files)
