"""Each limit that a hostile file runs into: the reason that is told, and that it is this very limit which stops it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dev.bench.hostile import run
from liangzheng.crypto import certificates, chains, digests, verified
from liangzheng.crypto.keys import PublicKey
from liangzheng.formats.ofd import archive, markup, package
from liangzheng.formats.ofd.render import budget, pictures
from liangzheng.formats.ofd.render.budget import Limits
from liangzheng.formats.ofd.render.pages import Drawing, draw_ofd
from liangzheng.formats.ofd.render.raster import to_png
from liangzheng.formats.seals import seal as seals
from liangzheng.formats.unreadable import UnreadableFile
from liangzheng.server.verify_many import judge_file
from liangzheng.verification import seal_checks
from liangzheng.verification.signer_checks import TrustMaterial
from tests.formats.drawn_page import one_page, square, substitutes
from tests.hostile import drawings, encodings, packages, signatures
from tests.hostile.packages import METADATA, body, entry_xml, ofd, padded, reference, signed_often
from tests.verification.sealed_licence import NOW

Patch = Callable[[pytest.MonkeyPatch], None]


def reason(data: bytes) -> str:
    """Why the file is not read; else its worst reason."""
    found = judge_file(Path("file"), data, TrustMaterial(), NOW)
    return found.reason if isinstance(found, UnreadableFile) else found.verdict.reasons[0]


def many(name: str) -> bytes:
    return "".join(f'<CustomData Name="{name}{number}"/>' for number in range(2_100)).encode()


LIMITS: dict[str, tuple[Callable[[], bytes], str, Patch]] = {
    "a second name in an extra field": (
        packages.PACKAGES["zip: a second name in an extra field"], "lying_header",
        lambda patch: patch.setattr(archive, "_UNICODE_PATH", -1),
    ),
    "elements": (
        lambda: padded(entry_xml(body() + "<a/>" * 501_000)), "too_many_elements",
        lambda patch: patch.setattr(markup, "MAX_MARKS", 10**9),
    ),
    "attributes": (
        lambda: padded(entry_xml(body() + f"<a {packages.attributes(501_000)}/>")), "too_many_elements",
        lambda patch: patch.setattr(markup, "MAX_MARKS", 10**9),
    ),
    "an encoding that hides elements": (
        lambda: ofd(b'<?xml version="1.0" encoding="UTF-7"?><OFD>+ADw-a/+AD4-</OFD>'), "xml_encoding",
        lambda patch: patch.setattr(markup, "_ENCODINGS", frozenset({b"utf-7"})),
    ),
    "custom items": (
        lambda: padded(entry_xml(body(METADATA.format(many("a").decode())))), "too_many_items",
        lambda patch: patch.setattr(package, "_MAX_ITEMS", 10**9),
    ),
    "letters of custom items": (
        lambda: padded(entry_xml(body(METADATA.format(f'<CustomData Name="CZZT">{"演示" * 9_000}</CustomData>' * 60)))),
        "too_many_items",
        lambda patch: patch.setattr(package, "_LONGEST_ITEMS", 10**9),
    ),
    "signatures of all documents together": (
        lambda: signed_often(20, reference("x", b"x"), {"x": b"x"}, bodies=3), "too_many_signatures",
        lambda patch: patch.setattr(package, "MAX_SIGNATURES", 60),
    ),
    "references of all signatures together": (
        lambda: signed_often(12, reference("x", b"x") * 1_900, {"x": b"x"}), "too_many_references",
        lambda patch: patch.setattr(package, "_MOST_REFERENCES", 10**9),
    ),
    "a location without end": (
        lambda: signed_often(1, f'<Reference FileRef="{"a/../" * 600}x"/>', {"x": b"x"}), "unsafe_path",
        lambda patch: patch.setattr(package, "_LONGEST_LOCATION", 10**9),
    ),
    "a seal": (
        lambda: encodings.seal(picture=bytes(2**20)), "not_a_timestamp",
        lambda patch: patch.setattr(seals, "LARGEST", 10**9),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LIMITS)
def test_a_limit_is_told_and_is_what_stops_the_file(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made, told, lift = LIMITS[name]
    data = made()
    assert reason(data) == told
    lift(monkeypatch)
    assert reason(data) != told, "the control: without the limit the file goes further"


def test_an_annotated_copy_and_its_original_have_together_no_more_signatures_than_one_file() -> None:
    def details(outside: int, inside: int) -> list[str]:
        found = judge_file(Path("file"), signatures.annotated(outside, inside), TrustMaterial(), NOW)
        assert not isinstance(found, UnreadableFile)
        assert found.kind == "annotated_copy"
        return [check.detail for check in found.verdict.checks if check.id == "original_valid"]

    assert details(26, 25) == ["too_many_signatures"]
    assert details(1, 1) == [""], "the control: few are judged"


def test_a_file_that_is_named_often_is_digested_once(monkeypatch: pytest.MonkeyPatch) -> None:
    digested: list[bytes] = []

    def counted(data: bytes) -> bytes:
        digested.append(data)
        return digests.sm3(data)

    data = signed_often(20, reference("big", b"big") * 900, {"big": b"big"})
    monkeypatch.setattr(package, "sm3", counted)
    monkeypatch.setattr(seal_checks, "sm3", counted)
    assert reason(data)
    assert digested.count(b"big") == 1


def verifications(patch: pytest.MonkeyPatch, seals_: int) -> int:
    """How many signatures of certificates are tried for so many seals with two time stamps each."""
    tried: list[bytes] = []
    real = verified.is_signed

    def counted(key: PublicKey | None, algorithm: str, signature: bytes, message: bytes) -> bool:
        tried.append(signature)
        return real(key, algorithm, signature, message)

    with patch.context() as counting:
        counting.setattr(certificates, "is_signed", counted)
        assert reason(signatures.signed_by_many(signatures.sealed, seals_, 14)) == "uncovered_content"
    return len(tried)


def test_a_crowd_of_authorities_of_one_name_is_not_searched_through(monkeypatch: pytest.MonkeyPatch) -> None:
    assert verifications(monkeypatch, 2) <= 2 * 2 * 16
    monkeypatch.setattr(chains, "_MAX_SIGNATURES", 1_000)
    assert verifications(monkeypatch, 2) > 2 * 2 * 16, "the control: there is more to try"


def drawn(data: bytes, **limits: float) -> Drawing:
    return draw_ofd(data, substitutes(), pages={1}, limits=Limits(**limits))  # type: ignore[arg-type]  # numbers of either kind


def told(drawing: Drawing) -> set[tuple[str, str]]:
    return {(omission.kind, omission.detail) for omission in drawing.omissions}


DRAWN: dict[str, tuple[Callable[[], bytes], str, dict[str, float]]] = {
    "documents that are read again and again": (lambda: drawings.documents(6), "markup", {"markup": 10**9, "work": 10**9}),
    "annotations that are read again and again": (lambda: drawings.noted(10), "markup", {"markup": 10**9, "work": 10**9}),
    "small objects": (
        lambda: drawings.page(square('Boundary="0 0 1 1"', path="M 0 0 L 1 1 L 0 1 C") * 12_000), "work", {"work": 10**9},
    ),
    "arcs across the page": (lambda: drawings.arcs(9_000), "work", {"work": 10**9}),
    "a line stretched by its transform": (
        drawings.DRAWINGS["draw: a path stretched by its transform"], "work", {"work": 10**9},
    ),
    "hairlines": (lambda: drawings.zigzag(110, "0.01"), "work", {"work": 10**9}),
    "transparent layers": (lambda: drawings.blended(10), "work", {"work": 10**9}),
    "pictures as large as the page": (
        lambda: drawings.pictured(drawings.png(500, 500), 4), "work", {"work": 10**9, "picture_uses": 10**12},
    ),
    "shadings as large as the page": (lambda: drawings.gradients(6, drawings.FULL), "work", {"work": 10**9}),
    "scans of a picture": (lambda: drawings.pictured(drawings.jpeg_scans(200)), "pixels", {"pixels": 10**12, "work": 10**9}),
}  # fmt: skip


@pytest.mark.parametrize("name", DRAWN)
def test_a_page_that_costs_too_much_ends_where_the_limit_is(name: str) -> None:
    made, kind, lifted = DRAWN[name]
    data = made()
    assert ("limit", kind) in told(drawn(data))
    assert ("limit", kind) not in told(drawn(data, **lifted)), "the control: without the limit it is drawn"


def test_a_page_that_needs_no_more_than_the_limits_is_whole() -> None:
    ordinary = one_page(square() * 300 + drawings.IMAGE.format(50, 5), resources=drawings.MEDIA,
                        files={"Doc_0/a.png": drawings.png(500, 700)}, size="210 297")  # fmt: skip
    assert not told(drawn(ordinary))


def test_a_picture_larger_than_any_is_left_out_and_told() -> None:
    drawing = drawn(drawings.pictured(drawings.png(20_000, 20_000, 1, 0)))
    assert told(drawing) == {("picture_unreadable", "a.png")}
    assert to_png(drawing.pages[0], 20).startswith(b"\x89PNG")


def test_a_large_picture_is_kept_smaller_and_upright(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "_KEPT", 10_000)
    for data in (drawings.png(400, 200), drawings.jpeg(4_000, 2_000)):
        found = pictures.read_picture(data, "a", budget.Budget(Limits()))
        assert found.width * found.height <= 10_000
        assert found.width / found.height == pytest.approx(2, rel=0.03)


CHILDREN = {
    ("verify", "xml: entities that multiply"): (3, "bad_xml"),
    ("verify", "ofd: elements up to the limit"): (3, "bad_document_count"),
    ("render", "draw: arcs"): (1, "work"),
}


@pytest.mark.parametrize(("command", "name"), CHILDREN)
def test_the_command_itself_ends_with_a_reason(tmp_path: Path, command: str, name: str) -> None:
    path = tmp_path / "file"
    path.write_bytes({**packages.PACKAGES, **drawings.DRAWINGS}[name]())
    found = run(command, path, tmp_path)
    code, word = CHILDREN[command, name]
    assert (found.code, word in found.reason, "Traceback" in found.output) == (code, True, False), found.output
