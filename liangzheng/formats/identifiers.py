"""Identifiers: e-licence (GB/T 36904), credit code (GB 32100), citizen number (GB 11643), plate (GA 36), VIN, region.

A wrong check digit is a warning, not an error: lawfully issued numbers break it. Malformed means: not of that form at all.
Dates are not compared with today, regions are not looked up: both change.
"""

from __future__ import annotations

import re
import string
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

CHECK_DIGIT = "check_digit_mismatch"
REGION_ISSUER = "issuer_is_a_region"  # six digits instead of a credit code, as some places write it
UNKNOWN_PROVINCE = "unknown_province"

_ROOT = "1.2.156.3005.2"
_ALPHANUMERIC = string.digits + string.ascii_uppercase
_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_FORM = re.compile(rf"[{_USCC_ALPHABET}]{{2}}[0-9]{{6}}[{_USCC_ALPHABET}]{{10}}")
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_CITIZEN_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_VIN_VALUES = {
    **dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", map(int, "12345678123457923456789"), strict=True)),
    **{digit: int(digit) for digit in string.digits},
}
_PROVINCES = re.compile(r"1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]")
_PLATE_PROVINCES = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新"
_PLATE_FORMS = {
    "new_energy_small": re.compile(rf"[{_PLATE_PROVINCES}][A-Z][DABCEFGHJK][A-HJ-NP-Z0-9][0-9]{{4}}"),
    "new_energy_large": re.compile(rf"[{_PLATE_PROVINCES}][A-Z][0-9]{{5}}[DABCEFGHJK]"),
    "ordinary": re.compile(rf"[{_PLATE_PROVINCES}][A-HJ-NP-Z][A-HJ-NP-Z0-9]{{4}}[A-HJ-NP-Z0-9挂学警港澳]"),
    "emergency": re.compile(rf"[{_PLATE_PROVINCES}]X[0-9]{{4}}应急"),
    "embassy": re.compile(r"[0-9]{6}使|使[0-9]{6}"),
    "consulate": re.compile(rf"[{_PLATE_PROVINCES}][A-HJ-NP-Z][0-9]{{4}}领"),
    "armed_police": re.compile(rf"WJ[{_PLATE_PROVINCES}]?[0-9]{{4}}[0-9A-Z]"),
}


class BadIdentifier(ValueError):  # noqa: N818 - reads as the fact it is
    """This text does not have the form of that identifier."""


class Sex(StrEnum):
    FEMALE = "female"
    MALE = "male"


@dataclass(frozen=True, slots=True)
class LicenceIdentifier:
    """电子证照标识 (GB/T 36904-2018). `type_code` names who defined the type, `issuer` who issued this licence."""

    text: str
    type_code: str
    issuer: str
    serial: str
    version: int
    check: str
    expected_check: str
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Uscc:
    """统一社会信用代码 (GB 32100-2015): `kind` is the registrar and kind of body, such as 91 enterprise, 92 sole trader."""

    text: str
    kind: str
    region: str
    organisation: str
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CitizenId:
    """公民身份号码 (GB 11643-1999), 18 characters; a 15-digit one is widened."""

    text: str
    region: str
    born: date
    sex: Sex
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plate:
    """号牌号码 (GA 36-2018). Only together with the colour does it name one vehicle."""

    text: str
    kind: str


@dataclass(frozen=True, slots=True)
class Vin:
    """车辆识别代号 (GB 16735): 17 characters."""

    text: str
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Region:
    """行政区划代码 (GB/T 2260): province, city, county levels of a six-digit code."""

    text: str
    province: str
    city: str
    warnings: tuple[str, ...]


def read_licence_identifier(text: str) -> LicenceIdentifier:
    """Read `1.2.156.3005.2.<type 21>.<issuer>.<serial>.<version>.<check>`. BadIdentifier when a part has not its form."""
    clean = text.strip().upper()
    match = re.fullmatch(
        re.escape(_ROOT) + r"\.([0-9A-Z]{21})\.([0-9A-Z]{18}|[0-9]{6})\.([0-9A-Z]{1,32})\.([0-9]{3})\.([0-9A-Z])", clean
    )
    if match is None:
        raise BadIdentifier("not the form of a licence identifier")
    type_code, issuer, serial, version, check = match.groups()
    expected = mod_37_36(type_code + issuer + serial + version)
    warnings = [CHECK_DIGIT] if check != expected else []
    warnings += [REGION_ISSUER] if len(issuer) == 6 else []  # noqa: PLR2004 - a region code
    return LicenceIdentifier(clean, type_code, issuer, serial, int(version), check, expected, tuple(warnings))


def make_licence_identifier(type_code: str, issuer: str, serial: str, version: int) -> str:
    """Write an identifier with its check digit. BadIdentifier when a part has not its form."""
    body = f"{version:03d}"
    text = f"{_ROOT}.{type_code}.{issuer}.{serial}.{body}.{mod_37_36(type_code + issuer + serial + body)}"
    return read_licence_identifier(text).text


def mod_37_36(text: str) -> str:
    """Give the check character of ISO/IEC 7064 MOD 37,36 over digits and capital letters."""
    product = 36
    for char in text:
        position = _ALPHANUMERIC.find(char)
        if position < 0:
            raise BadIdentifier("only digits and capital letters")
        product = ((product + position) % 36 or 36) * 2 % 37
    return _ALPHANUMERIC[(37 - product) % 36]


def is_uscc_form(text: str) -> bool:
    """Say whether a text has the form of a credit code, whatever its check digit."""
    return bool(_USCC_FORM.fullmatch(text))


def read_uscc(text: str) -> Uscc:
    """Read a unified social credit code. BadIdentifier when it has not the form."""
    clean = text.strip().upper()
    if not is_uscc_form(clean):
        raise BadIdentifier("not the form of a credit code")
    values = [_USCC_ALPHABET.index(char) for char in clean]
    weighed = sum(value * pow(3, place, 31) for place, value in enumerate(values[:17]))
    is_good = (31 - weighed % 31) % 31 == values[17]
    return Uscc(clean, clean[:2], clean[2:8], clean[8:17], () if is_good else (CHECK_DIGIT,))


def organisation_check(code: str) -> str:
    """Give the check character of an eight-character organisation code (GB 11714)."""
    if not re.fullmatch(r"[0-9A-Z]{8}", code):
        raise BadIdentifier("not an organisation code")
    weighed = sum(_ALPHANUMERIC.index(char) * weight for char, weight in zip(code, _ORGANISATION_WEIGHTS, strict=True))
    return "0123456789X0"[11 - weighed % 11]


def read_citizen_id(text: str) -> CitizenId:
    """Read a citizen number. BadIdentifier when it has not the form or names a day that never was."""
    clean = text.strip().upper()
    if re.fullmatch(r"[0-9]{15}", clean):
        clean = f"{clean[:6]}19{clean[6:]}"
        clean += _citizen_check(clean)
    if not re.fullmatch(r"[0-9]{17}[0-9X]", clean):
        raise BadIdentifier("not the form of a citizen number")
    try:
        born = date(int(clean[6:10]), int(clean[10:12]), int(clean[12:14]))
    except ValueError as error:
        raise BadIdentifier("no such day of birth") from error
    warnings = () if clean[17] == _citizen_check(clean[:17]) else (CHECK_DIGIT,)
    return CitizenId(clean, clean[:6], born, Sex.MALE if int(clean[16]) % 2 else Sex.FEMALE, warnings)


def _citizen_check(digits: str) -> str:
    return "10X98765432"[sum(int(digit) * weight for digit, weight in zip(digits, _CITIZEN_WEIGHTS, strict=True)) % 11]


def read_plate(text: str) -> Plate:
    """Read a licence plate; blanks and the dot after the second character are left out."""
    clean = re.sub(r"[\s·•.\-]", "", text).upper()
    for kind, form in _PLATE_FORMS.items():
        if form.fullmatch(clean):
            return Plate(clean, kind)
    raise BadIdentifier("not the form of a plate")


def read_vin(text: str) -> Vin:
    """Read a vehicle identification number. Imported vehicles need not keep the check digit."""
    clean = text.strip().upper()
    if not re.fullmatch(r"[A-HJ-NPR-Z0-9]{17}", clean):
        raise BadIdentifier("not the form of a VIN")
    rest = sum(_VIN_VALUES[char] * weight for char, weight in zip(clean, _VIN_WEIGHTS, strict=True)) % 11
    return Vin(clean, () if clean[8] == "0123456789X"[rest] else (CHECK_DIGIT,))


def read_region(text: str) -> Region:
    """Read a region code of six digits, or of nine or twelve of which the first six count."""
    clean = text.strip()
    if not re.fullmatch(r"[1-9][0-9]{5}([0-9]{3}([0-9]{3})?)?", clean):
        raise BadIdentifier("not the form of a region code")
    code = clean[:6]
    return Region(code, code[:2], code[:4], () if _PROVINCES.fullmatch(code[:2]) else (UNKNOWN_PROVINCE,))
