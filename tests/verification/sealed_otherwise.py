"""The demo licence with a seal or signature of another generation in place of its own."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping

from liangzheng.crypto.digests import sm3
from liangzheng.formats.ofd.archive import pack
from liangzheng.formats.ofd.package import read_ofd

INDEX = "Doc_0/Signs/Signatures.xml"
SIGNATURE_XML = "Doc_0/Signs/Sign_0/Signature.xml"
SIGNED_VALUE = "Doc_0/Signs/Sign_0/SignedValue.dat"
SEAL = "Doc_0/Signs/Sign_0/Seal.esl"
REFERENCE = re.compile(rb'(<ofd:Reference FileRef="/([^"]+)"><ofd:CheckValue>)[^<]*(</ofd:CheckValue></ofd:Reference>)')


def sealed_otherwise(
    licence: bytes,
    sign: Callable[[bytes], bytes],
    seal: bytes | None,
    change: Callable[[bytes], bytes] = lambda description: description,
) -> bytes:
    """The licence with this seal (None: with none) and the value that `sign` gives for the description (Signature.xml).

    `change` rewrites the description before it is signed.
    """
    files = dict(read_ofd(licence).files)
    description, _ = files.pop(SIGNATURE_XML), files.pop(SIGNED_VALUE)
    if seal is None:
        del files[SEAL]
        files[INDEX] = files[INDEX].replace(b'Type="Seal"', b'Type="Sign"')
        description = re.sub(rb"<ofd:(Seal>.*?</ofd:Seal>|StampAnnot [^>]*/>)", b"", description)
    else:
        files[SEAL] = seal

    description = change(mended(description, files))
    return pack({**files, SIGNATURE_XML: description, SIGNED_VALUE: sign(description)})


def mended(description: bytes, files: Mapping[str, bytes]) -> bytes:
    """The description with the digests of these files; what it names and is not there goes."""

    def renewed(found: re.Match[bytes]) -> bytes:
        path = found[2].decode()
        return found[1] + base64.b64encode(sm3(files[path])) + found[3] if path in files else b""

    return REFERENCE.sub(renewed, description)
