"""Identifiers: e-licence (GB/T 36904), credit code (GB 32100), citizen number (GB 11643), residence, plate (GA 36), VIN, region.

A wrong check digit is a warning, not an error: lawfully issued numbers break it. Malformed means: not of that form at all.
Dates are not compared with today. `identifier_words.explain` says in words what a number tells; `regions` knows the region codes.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Literal

CHECK_DIGIT = "check_digit_mismatch"
REGION_ISSUER = "issuer_is_a_region"  # six digits instead of a credit code, as some places write it
UNKNOWN_PROVINCE = "unknown_province"
UNLIKELY_COLOUR = "plate_colour_unlikely"  # a plate of that form has other colours as a rule

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
_PLACES: Mapping[str, Literal["hong_kong", "macao", "taiwan"]] = {"810000": "hong_kong", "820000": "macao", "830000": "taiwan"}
_MACHINE_WEIGHTS = (7, 3, 1) * 5  # ICAO 9303, as machine-readable passports weigh
COLOURS: Mapping[str, str] = {
    "1": "蓝",
    "2": "黄",
    "3": "黑",
    "4": "白",
    "5": "绿",
    "9": "其他",
    "91": "农黄",
    "92": "农绿",
    "93": "黄绿双拼",
    "94": "渐变绿",
}
"""Colours of plates by their code in the transport sector's exchange formats."""
_COLOUR_NAMES = {name: code for code, name in COLOURS.items()} | {"黄绿": "93", "黄绿双拼色": "93", "渐变绿色": "94"}
_USUAL_COLOURS = {
    "new_energy_small": ("94",),
    "new_energy_large": ("93",),
    "ordinary": ("1", "2", "3", "4", "9", "91", "92"),
    "emergency": ("4",),
    "embassy": ("3",),
    "consulate": ("3",),
    "armed_police": ("4",),
}
_LAST_COLOURS = {
    "挂": ("2",),
    "学": ("2",),
    "警": ("4",),
    "港": ("3",),
    "澳": ("3",),
}
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
class ResidencePermit:
    """港澳台居民居住证: 18 characters built like a citizen number, under the code of the place instead of a county's."""

    text: str
    place: Literal["hong_kong", "macao", "taiwan"]
    born: date
    sex: Sex
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PermanentResidence:
    """外国人永久居留身份证. Form 2023: 18 characters that begin with 9; before: 3 letters, 12 digits, the year without century.

    `nationality` is ISO 3166-1: three digits in the new form, three letters in the old one. `region` is where it was applied for:
    a province, or a city in the old form. `born` has the later of both possible centuries unless that is after `latest`.
    """

    text: str
    form: Literal["2023", "before_2023"]
    nationality: str
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
class PlateKey:
    """What names one vehicle: the plate and the code of its colour (`COLOURS`)."""

    plate: Plate
    colour: str
    warnings: tuple[str, ...]

    @property
    def text(self) -> str:
        """The key as one text, such as 鲁F00001_2."""
        return f"{self.plate.text}_{self.colour}"


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
    return CitizenId(clean, clean[:6], _day(clean[6:14]), _sex(clean[16]), _citizen_warnings(clean))


def read_residence_permit(text: str) -> ResidencePermit:
    """Read the number of a residence permit for Hong Kong, Macao and Taiwan residents. BadIdentifier when it has not the form."""
    clean = text.strip().upper()
    match = re.fullmatch(r"(8[123]0000)([0-9]{8})[0-9]{3}[0-9X]", clean)
    if match is None:
        raise BadIdentifier("not the form of a residence permit")
    return ResidencePermit(clean, _PLACES[match[1]], _day(match[2]), _sex(clean[16]), _citizen_warnings(clean))


def read_permanent_residence(text: str, *, latest: date) -> PermanentResidence:
    """Read the number of a foreigner's permanent residence card, new or old form. BadIdentifier when it has neither.

    `latest` is the last possible day of birth (today, as the caller knows it); it decides the century of the old form alone.
    """
    clean = text.strip().upper()
    if re.fullmatch(r"9[0-9]{16}[0-9X]", clean):
        born, warnings = _day(clean[6:14]), _citizen_warnings(clean)
        return PermanentResidence(clean, "2023", clean[3:6], clean[1:3] + "0000", born, _sex(clean[16]), warnings)
    if not re.fullmatch(r"[A-Z]{3}[0-9]{12}", clean):
        raise BadIdentifier("not the form of a permanent residence card")
    day = next((day for day in _days_of_both_centuries(clean[7:13]) if day <= latest), None)
    if day is None:
        raise BadIdentifier("no such day of birth")
    warnings = () if clean[14] == machine_check(clean[:14]) else (CHECK_DIGIT,)
    return PermanentResidence(clean, "before_2023", clean[:3], clean[3:7] + "00", day, _sex(clean[13]), warnings)


def machine_check(text: str) -> str:
    """Give the check digit of ICAO 9303 (weights 7, 3, 1; A is 10) over at most 15 digits and capital letters."""
    weighed = zip(text, _MACHINE_WEIGHTS, strict=False)
    return str(sum(_ALPHANUMERIC.index(char) * weight for char, weight in weighed) % 10)


def _days_of_both_centuries(digits: str) -> Iterator[date]:
    """Give the days that YYMMDD may name, the later one first."""
    for century in ("20", "19"):
        with suppress(BadIdentifier):
            yield _day(century + digits)


def _day(digits: str) -> date:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError as error:
        raise BadIdentifier("no such day of birth") from error


def _sex(digit: str) -> Sex:
    return Sex.MALE if int(digit) % 2 else Sex.FEMALE


def _citizen_warnings(text: str) -> tuple[str, ...]:
    return () if text[17] == _citizen_check(text[:17]) else (CHECK_DIGIT,)


def _citizen_check(digits: str) -> str:
    return "10X98765432"[sum(int(digit) * weight for digit, weight in zip(digits, _CITIZEN_WEIGHTS, strict=True)) % 11]


def read_plate(text: str) -> Plate:
    """Read a licence plate; blanks and the dot after the second character are left out."""
    clean = re.sub(r"[\s·•.\-]", "", text).upper()
    for kind, form in _PLATE_FORMS.items():
        if form.fullmatch(clean):
            return Plate(clean, kind)
    raise BadIdentifier("not the form of a plate")


def read_plate_key(text: str, colour: str) -> PlateKey:
    """Read a plate with its colour, given as code or as Chinese word. BadIdentifier for a colour that does not exist.

    A colour that such plates do not have as a rule is a warning: old and special plates keep other colours for years.
    """
    plate, wanted = read_plate(text), colour.strip()
    code = wanted if wanted in COLOURS else _COLOUR_NAMES.get(wanted) or _COLOUR_NAMES.get(wanted.removesuffix("色"))
    if code is None:
        raise BadIdentifier("not a colour of plates")
    return PlateKey(plate, code, () if code in usual_colours(plate) else (UNLIKELY_COLOUR,))


def usual_colours(plate: Plate) -> tuple[str, ...]:
    """Give the codes of the colours that such plates have as a rule."""
    return _LAST_COLOURS.get(plate.text[-1], _USUAL_COLOURS[plate.kind])


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
