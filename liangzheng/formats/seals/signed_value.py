"""SignedValue.dat of an OFD, of whichever generation (GM/T 0099-2020, 7.2.2): told apart by the outer form of its bytes alone."""

from __future__ import annotations

from dataclasses import dataclass

from liangzheng.crypto import der
from liangzheng.crypto.sm2 import signature_from_raw, signature_to_raw
from liangzheng.formats.seals.signature import SealSignature, read_signature
from liangzheng.formats.seals.signed_data import SignedData, UnsupportedSignature, read_signed_data

_RAW = 64  # r || s
_LARGEST = 256 * 1024  # bytes; real ones have up to sixty thousand, most of them the picture


@dataclass(frozen=True, slots=True)
class BareSignature:
    """An SM2 value alone, in DER: nothing says whose it is."""

    signature: bytes


def read_signed_value(data: bytes) -> SealSignature | SignedData | BareSignature:
    """Read a signed value. Raises DerError when it is none, UnsupportedSignature for one that is not judged.

    What stands first tells: a SEQUENCE is what a seal signed, an OID begins ContentInfo, an INTEGER SignedData or SEQUENCE{r, s}.
    """
    if len(data) > _LARGEST:
        raise UnsupportedSignature("too_large")
    if len(data) == _RAW and (data[0], data[1]) != (der.SEQUENCE, _RAW - 2):
        return BareSignature(signature_from_raw(data))
    tags = [member.tag for member in der.read(data).expect(der.SEQUENCE).children()]
    if tags == [der.INTEGER, der.INTEGER]:
        signature_to_raw(data)  # r and s are in range
        return BareSignature(data)
    if tags[:1] == [der.OID] or tags[:2] == [der.INTEGER, der.SET]:
        return read_signed_data(data)
    return read_signature(data)
