"""Licences with two seals: lawful ones, and those in which the second seal covers up what happened after the first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import cache
from random import Random

from liangzheng.formats.ofd.archive import pack
from liangzheng.formats.ofd.package import read_ofd
from liangzheng.formats.ofd.sealing import seal_ofd
from liangzheng.verification import seal_checks
from tests.mutants.campaign import Family, Parts, Patch, Subject
from tests.mutants.controls import OFF
from tests.mutants.ofd_forgeries import good, other_content
from tests.mutants.ofd_ground import INDEX, content, ground
from tests.mutants.trees import bytewise, der_change, xml_change
from tests.verification.sealed_licence import SEALED_AT, Authority


def again(data: bytes, by: Authority) -> bytes:
    """Put a second seal on."""
    return seal_ofd(data, by.seal, by.signer_key, SEALED_AT + timedelta(hours=1))


@cache
def twice() -> dict[str, bytes]:
    return dict(read_ofd(again(pack(good("SES V4")), ground().authority)).files)


def _changed_between(dice: Random) -> Parts:
    """The content is changed, and then sealed a second time by the authority itself."""
    return (again(pack(other_content(good("SES V4"), dice)), ground().authority),)


def _stranger(dice: Random) -> Parts:
    files = {**good("SES V4")}
    return (again(pack(dict(dice.sample(list(files.items()), len(files)))), ground().stranger),)


def _list_changed(dice: Random) -> Parts:
    """The list of signatures is changed, though no second seal protects the first."""
    files = dict(good("SES V4"))
    files[INDEX] = files[INDEX].replace(b"</ofd:Signatures>", b"<!--%d--></ofd:Signatures>" % dice.randrange(10**6))
    return (pack(files),)


def _second_removed(dice: Random) -> Parts:
    """The second seal's files are taken out; the list still names it."""
    gone = dice.choice(("Signature.xml", "SignedValue.dat", "Seal.esl"))
    return (pack({path: data for path, data in twice().items() if path != f"Doc_0/Signs/Sign_1/{gone}"}),)


def _any_file(dice: Random) -> Parts:
    path = dice.choice(list(twice()))
    return (pack({**twice(), path: bytewise(twice()[path], dice)}),)


def _any_xml(dice: Random) -> Parts:
    path = dice.choice([path for path in twice() if path.endswith(".xml")])
    return (pack({**twice(), path: xml_change(twice()[path], dice)}),)


def _any_field(dice: Random) -> Parts:
    path = dice.choice([path for path in twice() if path.endswith((".dat", ".esl"))])
    return (pack({**twice(), path: der_change(twice()[path], dice)}),)


def families() -> list[Family]:
    """Every forgery with two seals."""
    subject = Subject("OFD, two seals", (pack(twice()),), ground().judge, content)
    lawful_off: tuple[Patch, ...] = ((seal_checks, "_is_countersigned", lambda *_: True),)
    made: list[tuple[str, str, Callable[[Random], Parts], tuple[Patch, ...], float]] = [
        ("content changed between the seals", "file_digests", _changed_between, OFF["file_digests"], 1),
        ("second seal by a stranger", "issuer_trusted", _stranger, OFF["issuer_trusted"], 1),
        ("list of signatures changed under one seal", "file_digests", _list_changed, lawful_off, 1),
        ("a file of the second seal taken out", "", _second_removed, (), 0.02),
        ("random: a file", "", _any_file, (), 3),
        ("random: an XML element", "", _any_xml, (), 3),
        ("random: a field of a value or seal", "", _any_field, (), 3),
    ]
    return [Family(subject, name, make, check, off, share) for name, check, make, off, share in made]
