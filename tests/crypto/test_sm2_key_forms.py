"""SM2 private keys as others write them: PKCS#8 under both algorithm names, SEC 1, and what is none of these."""

from __future__ import annotations

import pytest

from liangzheng.crypto import der
from liangzheng.crypto.certificates import to_pem
from liangzheng.crypto.keys import EC_PUBLIC_KEY_OID, BadKey
from liangzheng.crypto.sm2 import SM2_CURVE_OID, SM2PrivateKey, SM2PublicKey

SCALAR = 0x3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8
KEY = SM2PrivateKey.from_scalar(SCALAR)
SECRET = SCALAR.to_bytes(32, "big")
SM2, P256 = der.oid(SM2_CURVE_OID), der.oid("1.2.840.10045.3.1.7")
PUBLIC = der.explicit(1, der.bit_string(KEY.public_key.point))


def ec_key(*rest: bytes, version: int = 1, secret: bytes = SECRET) -> bytes:
    return der.sequence(der.integer(version), der.octet_string(secret), *rest)


def pkcs8(*algorithm: bytes, inner: bytes = ec_key()) -> bytes:
    return to_pem("PRIVATE KEY", der.sequence(der.integer(0), der.sequence(*algorithm), der.octet_string(inner)))


def sec1(encoded: bytes) -> bytes:
    return to_pem("EC PRIVATE KEY", encoded)


GOOD = {
    "PKCS#8, id-ecPublicKey": pkcs8(der.oid(EC_PUBLIC_KEY_OID), SM2),
    "PKCS#8, the curve as algorithm": pkcs8(SM2),
    "PKCS#8, the curve twice": pkcs8(SM2, SM2),
    "PKCS#8, curve and public half inside": pkcs8(SM2, inner=ec_key(der.explicit(0, SM2), PUBLIC)),
    "SEC 1": sec1(ec_key(der.explicit(0, SM2), PUBLIC)),
    "SEC 1 under OpenSSL's own label": to_pem("SM2 PRIVATE KEY", ec_key(der.explicit(0, SM2), PUBLIC)),
    "SEC 1 without a public half": sec1(ec_key(der.explicit(0, SM2))),
}
PUBLIC_FORMS = {
    "id-ecPublicKey": der.sequence(der.oid(EC_PUBLIC_KEY_OID), SM2),
    "the curve as algorithm": der.sequence(SM2),
    "the curve twice": der.sequence(SM2, SM2),
    "the curve and NULL": der.sequence(SM2, der.null()),
}
NO_PUBLIC_FORMS = {
    "another curve": der.sequence(der.oid(EC_PUBLIC_KEY_OID), P256),
    "no curve": der.sequence(der.oid(EC_PUBLIC_KEY_OID)),
    "the curve, then another": der.sequence(SM2, P256),
    "the signature algorithm": der.sequence(der.oid("1.2.156.10197.1.501")),
    "a member too many": der.sequence(SM2, SM2, der.null()),
}
BAD = {
    "SEC 1 without a curve": sec1(ec_key(PUBLIC)),
    "SEC 1 of another curve": sec1(ec_key(der.explicit(0, P256))),
    "PKCS#8 of another curve": pkcs8(der.oid(EC_PUBLIC_KEY_OID), P256),
    "PKCS#8 with another curve inside": pkcs8(SM2, inner=ec_key(der.explicit(0, P256))),
    "PKCS#8 under the label of SEC 1": GOOD["PKCS#8, the curve as algorithm"].replace(b"PRIVATE KEY", b"EC PRIVATE KEY"),
    "SEC 1 under the label of PKCS#8": GOOD["SEC 1"].replace(b"EC PRIVATE", b"PRIVATE"),
    "SEC 1 of another curve under the label of SM2": to_pem("SM2 PRIVATE KEY", ec_key(der.explicit(0, P256))),
    "two labels": GOOD["SEC 1"].replace(b"END EC ", b"END "),
    "a short scalar": sec1(ec_key(der.explicit(0, SM2), secret=SECRET[1:])),
    "a scalar of zero": sec1(ec_key(der.explicit(0, SM2), secret=bytes(32))),
    "another version": sec1(ec_key(der.explicit(0, SM2), version=2)),
    "a member too many": sec1(ec_key(der.explicit(0, SM2), PUBLIC, der.null())),
}


@pytest.mark.parametrize("form", GOOD)
def test_one_key_in_every_form(form: str) -> None:
    assert SM2PrivateKey.from_pem(GOOD[form]).public_key == KEY.public_key


@pytest.mark.parametrize("form", BAD)
def test_what_is_no_sm2_key(form: str) -> None:
    with pytest.raises(BadKey):
        SM2PrivateKey.from_pem(BAD[form])


@pytest.mark.parametrize("form", PUBLIC_FORMS)
def test_one_public_key_in_every_form(form: str) -> None:
    spki = der.sequence(PUBLIC_FORMS[form], der.bit_string(KEY.public_key.point))
    read = SM2PublicKey.from_spki(spki)
    assert read == KEY.public_key
    assert read.verify(KEY.sign(b"demo"), b"demo")


@pytest.mark.parametrize("form", NO_PUBLIC_FORMS)
def test_what_is_no_sm2_public_key(form: str) -> None:
    with pytest.raises(BadKey):
        SM2PublicKey.from_spki(der.sequence(NO_PUBLIC_FORMS[form], der.bit_string(KEY.public_key.point)))
