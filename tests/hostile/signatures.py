"""Signatures that would cost a trusting verifier many times what they cost their maker."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import cache
from itertools import pairwise
from types import MappingProxyType

from liangzheng.crypto import der
from liangzheng.crypto.certificates import TIME_STAMPING, Certificate, Subject, issue_certificate, read_certificate
from liangzheng.crypto.digests import sm3
from liangzheng.crypto.sm2 import SM2PrivateKey
from liangzheng.formats.timestamp import issue_timestamp
from tests.formats.seal_writers import flat_seal, flat_signature, signed_data
from tests.hostile.packages import HEAD, METADATA, body, entry_xml, ofd, reference, signature_xml
from tests.verification.sealed_licence import LONG, NOW, Authority, found_authority

SAME = Subject("演示认证中心", organisation="演示")
POLICY = "1.2.3.4.5"


@cache
def crowd(count: int) -> tuple[tuple[Certificate, ...], SM2PrivateKey]:
    """Authorities of one name, each signed by the next: who looks for a path has to try every key for every certificate."""
    keys = [SM2PrivateKey.generate() for _ in range(count + 1)]
    pairs = pairwise(keys)
    made: list[Certificate] = []
    for key, above in pairs:
        fake = read_certificate(
            issue_certificate(SAME, above.public_key, issuer=None, issuer_key=above, validity=LONG, path_length=9)
        )
        made.append(
            read_certificate(issue_certificate(SAME, key.public_key, issuer=fake, issuer_key=above, validity=LONG, path_length=9))
        )
    return tuple(reversed(made)), keys[0]


def stamped(value: bytes, number: int, count: int) -> bytes:
    """A good time stamp by somebody unknown, who brings a crowd along; every number is somebody else."""
    authorities, key = crowd(count)
    own = SM2PrivateKey.generate()
    issuer = authorities[-1]
    named = issue_certificate(
        Subject(f"演示时间戳{number}"), own.public_key, issuer=issuer, issuer_key=key, validity=LONG, purposes=(TIME_STAMPING,)
    )
    at = NOW - timedelta(days=1)
    return issue_timestamp(value, own, read_certificate(named), at, serial=number, policy=POLICY, authorities=authorities)


@cache
def somebody() -> Authority:
    return found_authority()


def sealed(description: bytes, number: int, count: int) -> bytes:
    """A version 5 seal signature with a time stamp over the seal and one over the signature."""
    who = somebody()
    at = NOW - timedelta(days=2)
    arguments = who.design, [who.signer.der], who.seal.maker_certificate, who.maker_key
    plain = der.read(flat_seal(*arguments))
    over_seal = der.explicit(0, der.bit_string(stamped(plain.children()[3].bits(), number, count)))
    seal = der.sequence(*(member.encoded for member in plain.children()), over_seal)

    unsigned = flat_signature(
        seal, who.signer.der, who.signer_key, at=at, data_hash=sm3(description), property_info="/S/s.xml", version=5
    )
    members = der.read(unsigned).children()
    over_value = der.explicit(0, der.bit_string(stamped(members[3].bits(), number + 1_000, count)))
    return der.sequence(*(member.encoded for member in members), over_value)


def bare(description: bytes, number: int, count: int) -> bytes:
    """SignedData without a seal, whose signer brings a crowd along, with a time stamp that does."""
    authorities, key = crowd(count)
    own = SM2PrivateKey.generate()
    named = issue_certificate(Subject(f"演示{number}"), own.public_key, issuer=authorities[-1], issuer_key=key, validity=LONG)
    signer = read_certificate(named)
    bundle = [named, *(item.der for item in authorities)]
    return signed_data(signer, own, message=description, certificates=bundle)


def annotated(outside: int, inside: int) -> bytes:
    """An annotated copy, sealed as often as its original."""
    original = signed_by_many(sealed, inside, 14)
    info = METADATA.replace("ZZBH", "JZJZZSY").format(
        f'<CustomData Name="LZ_JZJ_ORIGINAL_SM3">{sm3(original).hex()}</CustomData>'
    )
    listed = f'<Attachments {HEAD}><Attachment ID="1" Name="a"><FileLoc>/original.ofd</FileLoc></Attachment></Attachments>'
    document = f"<Document {HEAD}><Attachments>/A.xml</Attachments></Document>"
    more = {"A.xml": listed.encode(), "Doc.xml": document.encode(), "original.ofd": original}
    return signed_by_many(sealed, outside, 14, info, more)


def signed_by_many(
    value: Callable[[bytes, int, int], bytes],
    signatures: int,
    count: int,
    info: str = METADATA.format(""),
    more: Mapping[str, bytes] = MappingProxyType({}),
) -> bytes:
    files: dict[str, bytes] = {"x": b"x"}
    entries = ""
    for number in range(signatures):
        description = signature_xml(reference("x", b"x")).replace(b"/S/v", b"/S/%d/v" % number)
        files |= {f"S/{number}/s.xml": description, f"S/{number}/v": value(description, number, count)}
        entries += f'<Signature ID="{number}" BaseLoc="/S/{number}/s.xml" Type="Seal"/>'
    index = f"<Signatures {HEAD}>{entries}</Signatures>".encode()
    return ofd(entry_xml(body(info, "<Signatures>/S/i.xml</Signatures>")), {"S/i.xml": index, **files, **more})


SIGNATURES: Mapping[str, Callable[[], bytes]] = {
    "signatures: sixty seals, two time stamps each, fifteen authorities of one name each": lambda: signed_by_many(sealed, 60, 14),
    "signatures: as many seals as are read, two time stamps each": lambda: signed_by_many(sealed, 50, 14),
    "signatures: an annotated copy with as many seals as its original": lambda: annotated(50, 50),
    "signatures: an annotated copy and its original, together as many seals as are read": lambda: annotated(25, 25),
    "signatures: fifty without a seal, fifteen authorities of one name each": lambda: signed_by_many(bare, 50, 15),
    "signatures: ten seals, two time stamps each, fifteen authorities of one name each": lambda: signed_by_many(sealed, 10, 14),
}
