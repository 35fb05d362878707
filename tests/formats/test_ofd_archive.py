"""The container of an OFD: what is unpacked, and what is refused before it can do harm."""

from __future__ import annotations

import io
import random
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liangzheng.formats.ofd import archive
from liangzheng.formats.ofd.archive import pack, safe_path, unpack
from liangzheng.formats.ofd.errors import OfdError

FILES = {"OFD.xml": b"<a/>" * 50, "Doc_0/Document.xml": b"x", "Doc_0/空.xml": b""}


def zipped(*entries: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", method) as target:
        for name, content in entries:
            target.writestr(zipfile.ZipInfo(name), content, method)
    return written.getvalue()


def reason_of(data: bytes) -> str:
    with pytest.raises(OfdError) as caught:
        unpack(data)
    return caught.value.reason


def test_what_was_packed_is_unpacked_and_packing_repeats() -> None:
    assert unpack(pack(FILES)) == FILES
    assert pack(FILES) == pack(dict(FILES))


def test_folders_and_back_slashes_are_read_as_paths() -> None:
    assert unpack(zipped(("Doc_0/", b""), ("Doc_0\\a.xml", b"1"))) == {"Doc_0/a.xml": b"1"}


def test_streamed_entries_are_read() -> None:
    class Pipe(io.RawIOBase):
        def __init__(self) -> None:
            self.data = b""

        def writable(self) -> bool:
            return True

        def write(self, data: bytes) -> int:  # type: ignore[override]
            self.data += bytes(data)
            return len(data)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr("a", b"abc" * 9)
        target.writestr("b", b"def" * 9)
    assert unpack(pipe.data) == {"a": b"abc" * 9, "b": b"def" * 9}


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not_a_zip"),
        (b"plain text", "not_a_zip"),
        (zipped(("a", b"1"), ("b", b"2"))[:-30], "not_a_zip"),
        (zipped(("../a", b"1")), "unsafe_path"),
        (zipped(("/etc/a", b"1")), "unsafe_path"),
        (zipped(("a/../../b", b"1")), "unsafe_path"),
        (zipped(("a//b", b"1")), "unsafe_path"),
        (zipped(("C:/a", b"1")), "unsafe_path"),
        (zipped(("a\u202eb", b"1")), "unsafe_path"),
        (zipped(("a" * 600, b"1")), "unsafe_path"),
        (zipped(("a", b"1"), ("A", b"2")), "duplicate_entry"),
        (zipped(("a/b", b"1"), ("a\\b", b"2")), "duplicate_entry"),
        (zipped(("a/", b"hidden in a folder")), "lying_size"),
        (zipped(("a", b"1"), method=zipfile.ZIP_BZIP2), "unknown_compression"),
        (zipped(*((f"f{number}", b"") for number in range(2001))), "too_many_entries"),
        (zipped(*((f"f{number}", b"") for number in range(2300))), "too_many_entries"),
        (zipped(("zeros", bytes(2 * 2**20))), "too_dense"),
        (zipped(*((f"z{number}", bytes(2**20)) for number in range(3))), "too_dense"),
        (b"MZ" + zipped(("a", b"1")), "hidden_bytes"),
    ],
)
def test_hostile_containers_are_refused(data: bytes, reason: str) -> None:
    assert reason_of(data) == reason


def test_the_same_name_twice_is_refused() -> None:
    data = zipped(("first", b"1"), ("other", b"2"))
    assert unpack(data) == {"first": b"1", "other": b"2"}
    assert reason_of(data.replace(b"other", b"first")) == "duplicate_entry"


def test_more_than_fifty_megabytes_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    noise = random.Random(1).randbytes(4096)  # noqa: S311 - repeatable
    monkeypatch.setattr(archive, "MAX_INFLATED", 3 * 4096)
    assert len(unpack(zipped(*((f"f{number}", noise) for number in range(3))))) == 3
    assert reason_of(zipped(*((f"f{number}", noise) for number in range(4)))) == "too_large"
    monkeypatch.setattr(archive, "MAX_FILE", 1000)
    assert reason_of(zipped(("a", noise))) == "too_large"


def test_links_and_encrypted_entries_are_refused() -> None:
    link = zipfile.ZipInfo("a")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as target:
        target.writestr(link, b"/etc/passwd")
    assert reason_of(written.getvalue()) == "symlink"
    assert reason_of(_patched(zipped(("a", b"1")), flags=1)) == "encrypted"


def _patched(data: bytes, *, flags: int | None = None, size: int | None = None, packed: int | None = None) -> bytes:
    """Change what is claimed of the first entry, in front of it and in the directory."""
    start = data.index(b"PK\x01\x02")
    changed = bytearray(data)
    for front, offset, form, value in ((6, 8, "<H", flags), (18, 20, "<I", packed), (22, 24, "<I", size)):
        if value is not None:
            struct.pack_into(form, changed, front, value)
            struct.pack_into(form, changed, start + offset, value)
    return bytes(changed)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda data: _patched(data, size=10), "lying_size"),
        (lambda data: _patched(data, size=5000), "lying_size"),
        (lambda data: _patched(data, packed=5), "hidden_bytes"),
        (lambda data: _patched(data, packed=50), "overlapping_entries"),
        (lambda data: _patched(data, packed=2**20), "lying_size"),
        (lambda data: data.replace(b"aaaa", b"bbbb", 1), "lying_header"),
        (lambda data: data[:22] + b"\x01" + data[23:], "lying_header"),
        (lambda data: data[:8] + b"\x00" + data[9:], "lying_header"),
    ],
    ids=["less", "more", "cut", "over the next", "over the end", "another name", "another local size", "another local method"],
)
def test_a_directory_that_lies_is_found_out(change: Callable[[bytes], bytes], reason: str) -> None:
    data = zipped(("aaaa", b"some words " * 40), ("second", b"more words " * 40))
    assert set(unpack(data)) == {"aaaa", "second"}
    assert reason_of(change(data)) == reason


def test_a_flipped_bit_is_damage() -> None:
    data = zipped(("aaaa", b"some words"), method=zipfile.ZIP_STORED)
    place = data.index(b"words")
    assert reason_of(data[:place] + b"W" + data[place + 1 :]) == "damaged_entry"


def test_a_bomb_that_claims_to_be_small_costs_nothing() -> None:
    """Two hundred megabytes of zeros behind a claim of one kilobyte: inflating stops after one kilobyte and a byte."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    bomb = b"".join(packer.compress(bytes(2**20)) for _ in range(200)) + packer.flush()
    real = zipped(("bomb", bytes(1024)))
    small = zlib.compress(bytes(1024), 9)[2:-4]
    data = real.replace(small, bomb) if small in real else b""
    assert data
    shift = len(bomb) - len(small)
    data = _patched(data, packed=len(bomb))
    end = data.index(b"PK\x05\x06")
    start = struct.unpack_from("<I", data, end + 16)[0] + shift
    data = data[: end + 16] + struct.pack("<I", start) + data[end + 20 :]
    assert reason_of(data) == "lying_size"


@given(st.binary(max_size=400), st.integers(0, 399), st.integers(0, 255))
def test_noise_gives_files_or_an_error_and_nothing_else(noise: bytes, place: int, value: int) -> None:
    good = bytearray(pack(FILES))
    good[place % len(good)] = value
    for data in (noise, bytes(good), b"PK\x03\x04" + noise):
        try:
            files = unpack(data)
        except OfdError:
            continue
        assert all(safe_path(path) == path for path in files)
