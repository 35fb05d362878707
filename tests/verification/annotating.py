"""An annotated copy of the demo licence, made by a fictional platform under the same root as its issuer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from liangzheng.crypto.certificates import Certificate, Subject, issue_certificate, read_certificate
from liangzheng.crypto.sm2 import SM2PrivateKey
from liangzheng.formats.ofd.annotated import PagePicture, seal_place, write_annotated_copy
from liangzheng.formats.ofd.annotation import Annotation
from liangzheng.formats.ofd.sealing import seal_ofd
from liangzheng.formats.seals.seal import ESeal, SealDesign, SealPicture, make_seal
from tests.verification.sealed_licence import LONG, NOW, Authority, font, picture

PLATFORM = "烟台市电子证照共享平台（演示）"
ANNOTATED_AT = NOW - timedelta(hours=1)
UNTIL = NOW + timedelta(days=7)
ANNOTATION = Annotation(
    purpose="办理客运班线检查备案", user="烟台海云客运有限公司（演示）", creator=PLATFORM,
    created_at=ANNOTATED_AT, expires_at=UNTIL, is_demo=True,
)  # fmt: skip
PAGE = PagePicture(picture(420, 296), 210, 148)


@dataclass(frozen=True, slots=True)
class Platform:
    """Whoever annotates: a certificate of its own and a seal."""

    certificate: Certificate
    key: SM2PrivateKey
    seal: ESeal

    def sealed(self, copy: bytes, at: datetime = ANNOTATED_AT) -> bytes:
        return seal_ofd(copy, self.seal, self.key, at, boundary=seal_place(PAGE))

    def copy(self, original: bytes, **changes: object) -> bytes:
        """A sealed copy; the changes are those of the annotation."""
        return self.sealed(unsealed_copy(original, **changes))


def unsealed_copy(original: bytes, **changes: object) -> bytes:
    annotation = replace(ANNOTATION, **changes)  # type: ignore[arg-type]  # the changes are those of the caller
    return write_annotated_copy(original, annotation, [PAGE], font())


def found_platform(authority: Authority, name: str = PLATFORM) -> Platform:
    """Found one under this authority's root; its seal is made by the same maker."""
    key = SM2PrivateKey.generate()
    subject = Subject(name, organisation=name, organisation_code="11370600MADEM0099X")
    issued = issue_certificate(subject, key.public_key, issuer=authority.root, issuer_key=authority.root_key, validity=LONG)
    design = SealDesign(
        seal_id="37060000000099",
        name=f"{name}加注专用章",
        picture=SealPicture("PNG", picture(30, 30), 30, 30),
        created_at=LONG[0] + timedelta(days=1),
        valid_from=LONG[0] + timedelta(days=1),
        valid_to=LONG[1],
    )
    seal = make_seal(design, [issued], authority.seal.maker_certificate, authority.maker_key)
    return Platform(read_certificate(issued), key, seal)
