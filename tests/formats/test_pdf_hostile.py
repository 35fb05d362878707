"""PDF that would keep a reader busy or fell it: refused by name, within a budget of work."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name

from liangzheng.formats.pdf import bounded
from liangzheng.formats.pdf.errors import PdfError
from liangzheng.formats.pdf.reading import Coverage, read_pdf
from liangzheng.formats.unreadable import UnreadableFile
from tests.formats.test_pdf_reading import Writer, coverages
from tests.verification.hostile_pdf import HOSTILE
from tests.verification.signed_pdf import PdfAuthority, face, found_pdf_authority, licence, second, sign, updated


@pytest.fixture(scope="module")
def authority() -> PdfAuthority:
    return found_pdf_authority("SM2")


@pytest.fixture(scope="module")
def signed(authority: PdfAuthority) -> bytes:
    return licence(authority)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused_by_name_or_read_within_the_budget(name: str) -> None:
    try:
        found = read_pdf(HOSTILE[name]())
    except UnreadableFile as error:
        reason = error.reason
    else:
        reason = "read" if not found.signatures else ""
    assert re.fullmatch(r"[a-z_]+", reason)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("empty", "not_pdf"),
        ("encrypted", "encrypted"),
        ("51 MB", "too_large"),
        ("many sections", "too_many_revisions"),
        ("forty million spaces", "too_complex"),
        ("a comment at the end of an object stream", "too_complex"),
        ("fields that double", "too_complex"),
    ],
)
def test_the_reason_is_said(name: str, reason: str) -> None:
    with pytest.raises(PdfError) as caught:
        read_pdf(HOSTILE[name]())
    assert caught.value.reason == reason


def doubling(levels: int) -> Callable[[Writer], None]:
    """Objects each of which names the next one twice: the paths to the last one are as many as grains on a chessboard."""

    def change(writer: Writer) -> None:
        last = writer.add_object(generic.DictionaryObject())
        for _ in range(levels):
            last = writer.add_object(generic.DictionaryObject({pdf_name("/A"): last, pdf_name("/B"): last}))
        writer.root[pdf_name("/X")] = last
        writer.update_root()

    return change


def test_paths_that_double_are_refused_not_walked(authority: PdfAuthority, monkeypatch: pytest.MonkeyPatch) -> None:
    few, many = (
        sign(sign(updated(face(), doubling(levels)), authority.signing), authority.signing, second()) for levels in (5, 60)
    )
    assert coverages(few) == [Coverage.SIGNATURES, Coverage.WHOLE_FILE]
    with pytest.raises(PdfError, match="too_complex"):
        read_pdf(many)
    monkeypatch.setattr(bounded, "MAX_VISITS", 100)  # the control: it is this budget that ends it
    with pytest.raises(PdfError, match="too_complex"):
        read_pdf(few)


def test_every_beginning_of_a_licence_is_refused_or_uncovered(signed: bytes) -> None:
    for end in range(0, len(signed) - 1, 97):
        try:
            found = coverages(signed[:end])
        except PdfError:
            continue
        assert Coverage.WHOLE_FILE not in found, end


def test_any_byte_may_be_wrong_without_a_crash(signed: bytes) -> None:
    for place in range(0, len(signed), 89):
        mutant = bytearray(signed)
        mutant[place] ^= 0x21
        with suppress(PdfError):
            read_pdf(bytes(mutant))
