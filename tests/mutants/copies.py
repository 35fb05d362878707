"""Forged annotated copies (加注件): another original, another period, another maker; a copy of a copy; bytes at random."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, partial
from random import Random

from liangzheng.crypto.digests import sm3
from liangzheng.formats.ofd.archive import pack
from liangzheng.formats.ofd.package import read_ofd
from liangzheng.verification import annotated_checks
from liangzheng.verification.verdict import Check, Result
from tests.mutants.campaign import READABLE, Family, Parts, Patch, Subject
from tests.mutants.controls import OFF
from tests.mutants.ofd_forgeries import families as forgeries
from tests.mutants.ofd_forgeries import good
from tests.mutants.ofd_ground import content, edited, ground
from tests.mutants.trees import bytewise, der_change, text_change, xml_change
from tests.verification.annotating import PLATFORM, Platform, found_platform, unsealed_copy
from tests.verification.sealed_licence import NOW

_ORIGINAL_OFF: tuple[Patch, ...] = (
    (
        annotated_checks,
        "_judge_original",
        lambda *parts, judge=annotated_checks._judge_original: (judge(*parts)[0], Check("original_valid", Result.PASS)),
    ),
)
Files = Mapping[str, bytes]
Change = Callable[[Files, Random], Files]


@dataclass(frozen=True, slots=True)
class Made:
    """The platform, its sealed copy, and the copy's files before the sealing."""

    platform: Platform
    sealed: Files
    unsealed: Files
    attachment: str


@cache
def made() -> Made:
    """Annotate the demo licence once for a process."""
    platform, original = found_platform(ground().authority), pack(good("SES V4"))
    copy = unsealed_copy(original)
    files = read_ofd(copy).files
    attachment = next(path for path, data in files.items() if data == original)
    return Made(platform, dict(read_ofd(platform.sealed(copy)).files), dict(files), attachment)


def _resealed(change: Change, dice: Random) -> Parts:
    """The platform itself seals what was changed before."""
    return (made().platform.sealed(pack(change(made().unsealed, dice))),)


def _repacked(change: Change, dice: Random) -> Parts:
    return (pack(change(made().sealed, dice)),)


def _item(files: Files, name: bytes, text: bytes) -> Files:
    return edited(files, "OFD.xml", rb'(?<=Name="%s">)[^<]*' % name, text)


def _swapped(files: Files, dice: Random) -> Files:
    """Another good original in place of the one whose digest was annotated."""
    return {**files, made().attachment: pack(good(dice.choice(("SES V1", "SES V5", "CMS, attributes"))))}


def _forged(files: Files, dice: Random) -> Files:
    """A forged original, its digest in the annotation."""
    forgery = dice.choice(forgeries("SES V4"))
    return _with(files, forgery.make(dice)[0])


def _copy_of_copy(files: Files, dice: Random) -> Files:
    return _with(_item(files, b"JZJZZSY", text_change("核对", dice).strip().encode()), pack(made().sealed))


def _with(files: Files, original: bytes) -> Files:
    return {**_item(files, b"LZ_JZJ_ORIGINAL_SM3", sm3(original).hex().encode()), made().attachment: original}


def _period(files: Files, dice: Random) -> Files:
    early = (NOW - timedelta(days=dice.randrange(1, 999))).strftime("%Y%m%d%H%M%S")
    late = (NOW + timedelta(days=dice.randrange(1, 999))).strftime("%Y%m%d%H%M%S")
    name, text = dice.choice(((b"JZJYXQJZSJ", early), (b"JZJZZSJ", late), (b"JZJYXQJZSJ", early[:8]), (b"JZJZZSJ", "")))
    return _item(files, name, text.encode())


def _maker(files: Files, dice: Random) -> Files:
    return _item(files, b"JZJZZZ", text_change(PLATFORM, dice).strip().encode())


def _annotation(files: Files, dice: Random) -> Files:
    """Another purpose, user or end; nobody signs it."""
    name, text = dice.choice(((b"JZJZZSY", "另一用途"), (b"LZ_JZJ_USER", "另一用户"), (b"JZJYXQJZSJ", "203")))
    return _item(
        files,
        name,
        f"{text}{dice.randrange(10)}01{dice.randrange(1, 29):02}{dice.randrange(10, 24)}{dice.randrange(10, 60)}00".encode(),
    )


def _added(files: Files, dice: Random) -> Files:
    return {**files, f"Doc_0/Attachs/more{dice.randrange(10**6)}.xml": b"<a/>"}


def _any_file(files: Files, dice: Random) -> Files:
    path = dice.choice(list(files))
    return {**files, path: bytewise(files[path], dice)}


def _any_xml(files: Files, dice: Random) -> Files:
    path = dice.choice([path for path in files if path.endswith(".xml")])
    return {**files, path: xml_change(files[path], dice)}


def _any_field(files: Files, dice: Random) -> Files:
    path = dice.choice([path for path in files if path.endswith((".dat", ".esl"))])
    return {**files, path: der_change(files[path], dice)}


def families() -> list[Family]:
    """Every kind of forged copy."""
    judged = Subject("annotated copy", (pack(made().sealed),), ground().judge, content)
    sealed: list[tuple[str, Change, str, tuple[Patch, ...]]] = [
        ("another original inside", _swapped, "original_bound", OFF["original_bound"]),
        ("a forged original inside", _forged, "original_valid", _ORIGINAL_OFF),
        ("a copy in a copy", _copy_of_copy, "original_valid", _ORIGINAL_OFF),
        ("sealed with another period", _period, "annotation_in_time", OFF["annotation_in_time"]),
        ("sealed with another maker's name", _maker, "annotation_signed", OFF["annotation_signed"]),
    ]
    open_: list[tuple[str, Change, str, tuple[Patch, ...]]] = [
        ("annotation changed", _annotation, "file_digests", OFF["file_digests"]),
        ("a file added", _added, "coverage", OFF["coverage"]),
    ]
    found = [Family(judged, name, partial(_resealed, change), check, off) for name, change, check, off in sealed]
    found += [Family(judged, name, partial(_repacked, change), check, off) for name, change, check, off in open_]
    anywhere = (("a file", _any_file), ("an XML element", _any_xml), ("a field of the value", _any_field))
    found += [Family(judged, f"random: {name}", partial(_repacked, change), share=2) for name, change in anywhere]
    found.append(Family(judged, "random: bytes of the package", lambda dice: (bytewise(pack(made().sealed), dice),), READABLE))
    return found
