"""pyHanko's strict PDF reader under a budget of work: no clock, the same file always ends the same way.

pyHanko bounds what streams inflate to. Added here, because a few hundred bytes could otherwise keep it busy for hours: the number
of reads and of bytes read, cross-reference sections and entries, object streams, and how often objects are visited when two
revisions are compared (paths to an object can double with every level).
"""

from __future__ import annotations

import io
import logging
import struct
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pyhanko.pdf_utils import generic, misc
from pyhanko.pdf_utils.decode_limits import (
    DecodeContext,
    DecodeLimits,
    DecodePurpose,
    DocumentDecodeBudget,
    StreamDecodeLimits,
)
from pyhanko.pdf_utils.reader import HistoricalResolver, PdfFileReader, _read_header_version, process_data_at_eof
from pyhanko.pdf_utils.xref import ObjStreamRef, XRefBuilder, XRefCache

from liangzheng.formats.pdf.errors import PdfError

MAX_STEPS = 250_000  # reads of a few bytes each
MAX_VISITS = 80_000  # of values, when revisions are compared
MAX_BYTES = 100 * 1024 * 1024  # read in one piece: streams
MAX_INFLATED = 4 * 1024 * 1024  # cross-references, object streams and metadata; pages and pictures are never inflated
MAX_REVISIONS = 24
MAX_OBJECTS = 50_000
_SHALLOW = 25  # calls
_TOKEN_READ = 16  # pyHanko looks for the end of a number in pieces of this size, and copies it each time
_LONGEST_TOKEN = 64  # pieces
_ENTRY_READ, _ENTRY_COST = 20, 4  # a line of a cross-reference table; making an entry of it costs more than reading it
_FIELD_WIDTH = 8  # bytes of one number in a cross-reference stream
_LIMITS = DecodeLimits(
    per_stream=StreamDecodeLimits(max_ratio=100, ratio_floor=MAX_INFLATED // 4, max_output_size=MAX_INFLATED),
    document_budget=DocumentDecodeBudget(base_allowance=MAX_INFLATED, max_ratio=0),
)
# What a reader that trusts its input can end with. RuntimeError is recursion or a broken generator.
_BROKEN = (
    misc.PdfError, ValueError, LookupError, TypeError, AttributeError, AssertionError, ArithmeticError, RuntimeError, EOFError,
    zlib.error, struct.error,
)  # fmt: skip

# pyHanko tells its log, with tracebacks, what it finds wrong with a file; here that is the verdict's business.
logging.getLogger("pyhanko").addHandler(logging.NullHandler())
logging.getLogger("pyhanko").propagate = False


class _Exhausted(Exception):  # noqa: N818 - never seen outside this module; no ValueError, those are caught within pyHanko
    """There is nothing left of the budget."""


class Budget:
    """What reading one file may still cost. Shared by all views of the file."""

    def __init__(self) -> None:
        self.steps = MAX_STEPS
        self.bytes = MAX_BYTES
        self.visits = MAX_VISITS

    def spend(self, *, steps: int = 0, size: int = 0, visits: int = 0) -> None:
        self.steps -= steps
        self.bytes -= size
        self.visits -= visits
        if self.is_exhausted:
            raise _Exhausted

    @property
    def is_exhausted(self) -> bool:
        return min(self.steps, self.bytes, self.visits) < 0


@contextmanager
def refusing(budget: Budget) -> Iterator[None]:
    """Turn whatever a malformed file makes pyHanko raise into PdfError `too_complex` or `malformed_pdf`."""
    try:
        yield
    except PdfError:
        raise
    except _Exhausted as error:
        raise PdfError("too_complex") from error
    except _BROKEN as error:
        # Somewhere inside, an exhausted budget may have been taken for a malformed value.
        raise PdfError("too_complex" if budget.is_exhausted else "malformed_pdf", type(error).__name__) from error


class _CountedStream(io.BytesIO):
    """Bytes whose reading is paid for."""

    def __init__(self, data: bytes, budget: Budget) -> None:
        super().__init__(data)
        self._budget = budget
        self._token_reads = 0

    def read(self, size: int | None = -1, /) -> bytes:
        found = super().read(size)
        self._token_reads = self._token_reads + 1 if size == _TOKEN_READ else 0
        cost = MAX_STEPS if self._token_reads > _LONGEST_TOKEN else _ENTRY_COST if size == _ENTRY_READ else 1
        self._budget.spend(steps=cost, size=len(found))
        return found

    def seek(self, offset: int, whence: int = 0, /) -> int:
        self._token_reads = 0
        return super().seek(offset, whence)


class _BoundedXRefs(XRefBuilder):
    """Refuses cross-references that say more than they hold, before their entries are counted through."""

    def _read_xref_stream_object(self) -> tuple[generic.Reference, generic.StreamObject]:
        reference, stream = super()._read_xref_stream_object()  # type: ignore[no-untyped-call]
        widths = [int(width) for width in entries(stream, "/W")]
        index = [int(number) for number in entries(stream, "/Index")] or [0, int(stream["/Size"])]
        if len(widths) != 3 or not all(0 <= width <= _FIELD_WIDTH for width in widths) or not widths[1]:  # noqa: PLR2004
            raise PdfError("malformed_pdf", "/W")
        if not 0 <= sum(index[1::2]) <= MAX_OBJECTS or min(index, default=0) < 0:
            raise PdfError("too_complex", "/Index")
        self._count()
        return reference, stream

    def _read_xref_table(self, declared_startxref: int) -> int | None:
        self._count()
        found: int | None = super()._read_xref_table(declared_startxref)
        return found

    def _count(self) -> None:
        if len(self.sections) >= MAX_REVISIONS:
            raise PdfError("too_many_revisions")


class BoundedReader(PdfFileReader):
    """A PDF, or its beginning, read strictly and within the budget. Construct and use it inside `refusing`."""

    def __init__(self, data: bytes, budget: Budget) -> None:
        # As PdfFileReader.__init__ of pyHanko 0.38, which cannot be told to read cross-references otherwise.
        self._budget = budget
        self._security_handler = None
        self.strict = True
        self._decode_context = DecodeContext(_LIMITS, input_size=len(data))
        self.resolved_objects = {}
        self._input_version = None
        self._historical_resolver_cache: dict[int, HistoricalResolver] = {}
        self._embedded_signatures = None
        self.ends: dict[int, int] = {}  # where the object that begins at a place ends, once it has been read
        self._object_streams: dict[int, tuple[_CountedStream, list[tuple[int, int]]]] = {}
        self.stream = _CountedStream(data, budget)
        self._header_version = _read_header_version(self.stream)
        self.stream.seek(-1, io.SEEK_END)
        xrefs = _BoundedXRefs(self, self.stream, strict=True, last_startxref=process_data_at_eof(self.stream))
        self.trailer = xrefs.trailer
        self.xrefs = XRefCache(self, xrefs.read_xrefs())  # type: ignore[no-untyped-call]
        self.last_startxref = xrefs.last_startxref
        self.has_xref_stream = xrefs.has_xref_stream

    def get_historical_resolver(self, revision: int) -> HistoricalResolver:
        if revision not in self._historical_resolver_cache:
            self._historical_resolver_cache[revision] = _BoundedView(self, revision, self._budget)
        return self._historical_resolver_cache[revision]

    def _read_object(
        self,
        ref: generic.Reference,
        marker: int | ObjStreamRef | None,
        never_decrypt: bool = False,  # noqa: FBT001, FBT002 - pyHanko's
        as_metadata_stream: bool = False,  # noqa: FBT001, FBT002 - pyHanko's
    ) -> generic.PdfObject:
        found: generic.PdfObject = super()._read_object(ref, marker, never_decrypt, as_metadata_stream)
        if isinstance(marker, int):
            self.ends[marker] = self.stream.tell()
        return found

    def _get_object_from_stream(self, idnum: int, stmnum: int, idx: int) -> generic.PdfObject:
        """Read one object of an object stream (ISO 32000-1, 7.5.7). The stream is inflated and its index read once."""
        if stmnum not in self._object_streams:
            self._object_streams[stmnum] = self._open_object_stream(stmnum)
        stream, index = self._object_streams[stmnum]
        number, offset = index[idx]
        if number != idnum:
            raise PdfError("malformed_pdf", "object stream")
        stream.seek(offset)
        found = generic.read_object(stream, generic.Reference(idnum, 0, self))
        if isinstance(found, generic.StreamObject | generic.IndirectObject):
            raise PdfError("malformed_pdf", "object stream")
        return found

    def _open_object_stream(self, number: int) -> tuple[_CountedStream, list[tuple[int, int]]]:
        found = generic.Reference(number, 0, self).get_object()
        if not isinstance(found, generic.StreamObject) or found["/Type"] != "/ObjStm":
            raise PdfError("malformed_pdf", "object stream")
        content = found.read_data(DecodePurpose.OBJECT_STREAM)
        first, count = int(found["/First"]), int(found["/N"])
        numbers = [int(text) for text in content[:first].split()]
        self._budget.spend(steps=len(numbers))
        if first < 0 or len(numbers) < 2 * count or count < 0:
            raise PdfError("malformed_pdf", "object stream")
        pairs = zip(numbers[: 2 * count : 2], numbers[1 : 2 * count : 2], strict=True)
        return _CountedStream(content, self._budget), [(number, first + offset) for number, offset in pairs]


class _BoundedView(HistoricalResolver):
    """One revision. A visit of an object costs as much as the object has values, and more the deeper pyHanko has gone down."""

    def __init__(self, reader: BoundedReader, revision: int, budget: Budget) -> None:
        super().__init__(reader, revision)
        self._budget = budget
        self._weights: dict[tuple[int, int], int] = {}

    def get_object(self, ref: generic.Reference, as_metadata_stream: bool = False) -> generic.PdfObject:  # noqa: FBT001, FBT002
        found: generic.PdfObject = super().get_object(ref, as_metadata_stream)
        key = (ref.idnum, ref.generation)
        if key not in self._weights:
            self._weights[key] = _weight(found)
        self._budget.spend(visits=self._weights[key] * (1 + _depth() // _SHALLOW))
        return found


def entry(holder: Any, key: str) -> Any:  # noqa: ANN401 - any PDF value
    """Give a dictionary's entry with its reference followed; None when it is missing or null."""
    if not isinstance(holder, generic.DictionaryObject):
        raise PdfError("malformed_pdf", key)
    found = holder[key] if key in holder else None  # noqa: SIM401 - `get` follows no reference
    return None if isinstance(found, generic.NullObject) else found


def entries(holder: Any, key: str) -> list[Any]:  # noqa: ANN401 - any PDF value
    """Give the members of a dictionary's array with their references followed; none when there is no array."""
    found = entry(holder, key)
    if found is not None and not isinstance(found, generic.ArrayObject):
        raise PdfError("malformed_pdf", key)
    return [item.get_object() for item in found or ()]


def _depth() -> int:
    """Count the calls that are open: pyHanko copies and compares the path to an object at every step of it."""
    count, frame = 0, sys._getframe()  # noqa: SLF001 - the documented way in CPython
    while frame.f_back is not None:
        count, frame = count + 1, frame.f_back
    return count


def _weight(value: Any) -> int:  # noqa: ANN401 - any PDF value
    """Count the values inside one object, without following references."""
    count, waiting = 0, [value]
    while waiting:
        count += 1
        item = waiting.pop()
        if isinstance(item, dict):
            waiting += item.values()
        elif isinstance(item, list):
            waiting += item
    return count
