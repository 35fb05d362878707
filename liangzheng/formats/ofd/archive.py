"""The ZIP container of an OFD, unpacked within bounds. What the directory claims is compared with what is there.

Not accepted, because two readers could see two documents or none: the same name twice, absolute or climbing paths, links,
encryption, entries that overlap, sizes that lie, a local header that differs from the directory, a second name in an extra field,
bytes that no entry claims.
"""

from __future__ import annotations

import io
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from liangzheng.formats.ofd.errors import OfdError

MAX_FILE = 50 * 2**20  # bytes as delivered
MAX_INFLATED = 50 * 2**20  # bytes of all entries together
MAX_RATIO = 100  # inflated to packed; blank pictures of a licence stay below
RATIO_FREE = 2**20  # bytes: small entries may be as blank as they like
MAX_ENTRIES = 2_000
MAX_NAME = 512

_LOCAL = struct.Struct("<4s5H3I2H")  # APPNOTE 4.3.7
_END = struct.Struct("<4s4H2IH")  # APPNOTE 4.3.16
_END_MARK = b"PK\x05\x06"
_DIRECTORY_MARK = b"PK\x01\x02"
_UTF8 = 0x0800
_ELSEWHERE = 0xFFFFFFFF
_UNICODE_PATH = 0x7075  # APPNOTE 4.6.9: the name in UTF-8, behind a version and a check sum
_STREAMED = 0x0008  # sizes follow the content
_DESCRIPTOR = 24  # bytes of that at most (APPNOTE 4.3.9)
_ENCRYPTED = 0x0001 | 0x0040 | 0x2000
_UNIX = 3
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_FIXED_TIME = (1980, 1, 1, 0, 0, 0)


def unpack(data: bytes) -> dict[str, bytes]:
    """Give the files of a ZIP by their path with forward slashes. Folders are left out. Raises OfdError."""
    if len(data) > MAX_FILE:
        raise OfdError("too_large", str(len(data)))
    if data.count(_DIRECTORY_MARK) > MAX_ENTRIES + MAX_ENTRIES // 10:  # before zipfile builds an object for each
        raise OfdError("too_many_entries")
    infos = _directory(data)
    if len(infos) > MAX_ENTRIES:
        raise OfdError("too_many_entries", str(len(infos)))
    _check_totals(infos)
    _check_layout(data, infos)
    files: dict[str, bytes] = {}
    seen: set[str] = set()
    for info in infos:
        path = safe_path(info.orig_filename)
        if (folded := unicodedata.normalize("NFC", path).casefold()) in seen:
            raise OfdError("duplicate_entry", path)
        seen.add(folded)
        content = _inflate(data, info)
        if not info.is_dir():
            files[path] = content
        elif content:
            raise OfdError("lying_size", path)
    return files


def pack(files: Mapping[str, bytes]) -> bytes:
    """Write files as a ZIP, in the order given, with a fixed time: the same files give the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, content in files.items():
            info = zipfile.ZipInfo(path, _FIXED_TIME)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = _UNIX
            info.external_attr = (stat.S_IFREG | 0o644) << 16
            archive.writestr(info, content)
    return buffer.getvalue()


def safe_path(name: str) -> str:
    """Give an entry's path with forward slashes. Raises OfdError `unsafe_path` for one that could leave the package."""
    path = name.replace("\\", "/").rstrip("/")
    parts = path.split("/")
    if not path or len(name) > MAX_NAME or ":" in parts[0] or any(part in {"", ".", ".."} for part in parts):
        raise OfdError("unsafe_path", repr(name[:80]))
    if any(unicodedata.category(char) in {"Cc", "Cf", "Cs"} for char in path):
        raise OfdError("unsafe_path", repr(name[:80]))
    return path


def _directory(data: bytes) -> list[zipfile.ZipInfo]:
    """Read the directory; the end record closes the file and speaks of this one disk."""
    end = data.rfind(_END_MARK)
    if end < 0 or len(data) < end + _END.size:
        raise OfdError("not_a_zip")
    _, disk, first_disk, *_, comment_size = _END.unpack_from(data, end)
    if disk or first_disk or end + _END.size + comment_size != len(data):
        raise OfdError("hidden_bytes", "after the directory")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error) as error:
        raise OfdError("not_a_zip") from error


def _check_totals(infos: list[zipfile.ZipInfo]) -> None:
    for info in infos:
        if info.flag_bits & _ENCRYPTED:
            raise OfdError("encrypted", info.filename)
        if info.create_system == _UNIX and stat.S_IFMT(info.external_attr >> 16) not in {0, stat.S_IFREG, stat.S_IFDIR}:
            raise OfdError("symlink", info.filename)
        if info.compress_type not in _METHODS:
            raise OfdError("unknown_compression", info.filename)
        if info.file_size > RATIO_FREE and info.file_size > MAX_RATIO * info.compress_size:
            raise OfdError("too_dense", info.filename)
    total = sum(info.file_size for info in infos)
    packed = sum(info.compress_size for info in infos)
    if total > MAX_INFLATED:
        raise OfdError("too_large", str(total))
    if total > RATIO_FREE and total > MAX_RATIO * packed:
        raise OfdError("too_dense")


def _check_layout(data: bytes, infos: list[zipfile.ZipInfo]) -> None:
    """Every entry lies where the directory says, names itself alike, and ends before the next one begins."""
    end = slack = 0
    for info in sorted(infos, key=lambda info: info.header_offset):
        start = info.header_offset
        if start < end:
            raise OfdError("overlapping_entries", info.filename)
        if start > end + slack:
            raise OfdError("hidden_bytes", info.filename)
        header = _local_header(data, start)
        if not header.agrees(info) or any(name != header.name for name in _other_names(info.extra + header.extra)):
            raise OfdError("lying_header", info.orig_filename)
        end = header.content + info.compress_size
        slack = _DESCRIPTOR if info.flag_bits & _STREAMED else 0
        if end > len(data):
            raise OfdError("lying_size", info.filename)
    if infos and data[end : end + slack + 4].find(_DIRECTORY_MARK) < 0:
        raise OfdError("hidden_bytes", "before the directory")


@dataclass(frozen=True, slots=True)
class _LocalHeader:
    """What stands in front of an entry's content: programs that read a ZIP from its beginning believe this, not the directory."""

    method: int
    measures: tuple[int, int, int]
    name: bytes
    extra: bytes
    content: int

    def agrees(self, info: zipfile.ZipInfo) -> bool:
        """Say whether it agrees with the directory. A streamed entry tells check sum and sizes later, ZIP64 elsewhere."""
        is_elsewhere = info.flag_bits & _STREAMED or _ELSEWHERE in self.measures
        measured = is_elsewhere or self.measures == (info.CRC, info.compress_size, info.file_size)
        raw_name = info.orig_filename.encode("utf-8" if info.flag_bits & _UTF8 else "cp437")
        return bool(measured) and self.method == info.compress_type and self.name == raw_name


def _local_header(data: bytes, start: int) -> _LocalHeader:
    if start + _LOCAL.size > len(data):
        raise OfdError("not_a_zip")
    mark, _, _, method, _, _, crc, packed, size, name_size, extra_size = _LOCAL.unpack_from(data, start)
    if mark != b"PK\x03\x04":
        raise OfdError("not_a_zip")
    begin = start + _LOCAL.size + name_size
    names = data[begin - name_size : begin], data[begin : begin + extra_size]
    return _LocalHeader(method, (crc, packed, size), *names, begin + extra_size)


def _other_names(extra: bytes) -> Iterator[bytes]:
    """Give the names that extra fields put in place of the entry's own: some programs use them, others do not."""
    place = 0
    while place + 4 <= len(extra):
        kind, size = struct.unpack_from("<HH", extra, place)
        if kind == _UNICODE_PATH:
            yield extra[place + 9 : place + 4 + size]
        place += 4 + size


def _inflate(data: bytes, info: zipfile.ZipInfo) -> bytes:
    """Give an entry's content; never more than one byte beyond its claimed size is inflated."""
    start = _local_header(data, info.header_offset).content
    packed = data[start : start + info.compress_size]
    if info.compress_type == zipfile.ZIP_STORED:
        content = packed
    else:
        inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            content = inflater.decompress(packed, info.file_size + 1)
        except zlib.error as error:
            raise OfdError("damaged_entry", info.filename) from error
        if not inflater.eof or inflater.unused_data:
            raise OfdError("lying_size", info.filename)
    if len(content) != info.file_size:
        raise OfdError("lying_size", info.filename)
    if zlib.crc32(content) != info.CRC:
        raise OfdError("damaged_entry", info.filename)
    return content
