"""文书: writes 现场检查笔录 as PDF/A-2b. Values in, bytes out; the same record gives the same bytes.

The record states what was checked and by whom. It never says that the party broke the law.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

import pylopdf_fonts_zh_cn
import typst
from fontTools.ttLib import TTFont
from pydantic import ConfigDict, TypeAdapter, with_config

from liangzheng.errors import Malformed

SHANGHAI = ZoneInfo("Asia/Shanghai")
WIDE = 17  # a value longer than this takes the whole row; half a row holds about this many Chinese characters
LONGEST_WORD = 16  # unbroken Latin text is given a place to break after so many characters, else it leaves the page
DIGEST_GROUP, GROUPS_A_LINE = 8, 4  # digests are compared by eye in groups
SHORT_GROUP = 600  # characters that surely fit on one page; such a group is not parted
_BREAK = "\u200b"  # zero-width space: a place to break, invisible


@dataclass(frozen=True, slots=True)
class RecordOfficer:
    """执法人员. `shown` says in words when the certificate was shown and how the party answered."""

    name: str
    agency: str
    certificate_number: str
    shown: str


@dataclass(frozen=True, slots=True)
class RecordLine:
    """One field. `provenance` tells where the value comes from; equal texts share one mark. Empty: no mark."""

    label: str
    value: str
    provenance: str = ""


@dataclass(frozen=True, slots=True)
class RecordGroup:
    title: str
    lines: tuple[RecordLine, ...]


@dataclass(frozen=True, slots=True)
class RecordCheck:
    """The verdict on one licence: the word for its standing, as of when, and what the officer has to know."""

    label: str
    holder: str
    standing: str
    as_of: datetime | None
    remark: str = ""


@dataclass(frozen=True, slots=True)
class RecordComparison:
    """One cross-check (person, vehicle, operator) and its result in words."""

    label: str
    result: str


@dataclass(frozen=True, slots=True)
class RecordExhibit:
    """One exhibit with the digests of its original bytes, both in hexadecimal."""

    number: str
    title: str
    sm3: str
    sha256: str


@with_config(ConfigDict(extra="forbid", strict=True))
@dataclass(frozen=True, slots=True)
class PartyRight:
    text: str
    article: str


@with_config(ConfigDict(extra="forbid", strict=True))
@dataclass(frozen=True, slots=True)
class PartyRights:
    """告知事项: what the party is told, with the articles as read on `text_as_of`."""

    text_as_of: date
    rights: tuple[PartyRight, ...]


@dataclass(frozen=True, slots=True)
class PartySigning:
    """Who signs for the party. With `refusal` the box notes the refusal and its reason instead of asking for a signature."""

    name: str
    capacity: str
    refusal: str = ""
    witness: str = ""


@dataclass(frozen=True, slots=True)
class InspectionRecord:
    """现场检查笔录. All times are aware and are printed in Asia/Shanghai; `groups` leave out what stands here by itself."""

    agency: str
    number: str
    version: int
    act_code: str
    subject: str
    place: str
    started_at: datetime
    ended_at: datetime | None
    created_at: datetime
    officers: tuple[RecordOfficer, ...]
    groups: tuple[RecordGroup, ...]
    checks: tuple[RecordCheck, ...]
    comparisons: tuple[RecordComparison, ...]
    exhibits: tuple[RecordExhibit, ...]
    rights: PartyRights
    party: PartySigning
    is_demo: bool
    legal_basis: str = ""


@cache
def party_rights() -> PartyRights:
    """The shipped text of what the party is told."""
    return TypeAdapter(PartyRights).validate_json(files("liangzheng.cases").joinpath("data", "party_rights.json").read_bytes())


def write_inspection_record(record: InspectionRecord) -> bytes:
    """Write the record as PDF/A-2b.

    Raises Malformed `glyph_missing` when the fonts cannot show a character: a blank in a name would be worse than no document.
    """
    data = json.dumps(_data(record), ensure_ascii=False)
    _refuse_missing_glyphs(json.loads(data))
    # The template is code, the record is data: it reaches typst as one JSON string and is never read as markup.
    compiler = typst.Compiler(
        files("liangzheng.cases").joinpath("templates", "inspection_record.typ").read_bytes(),
        font_paths=_fonts(),
        sys_inputs={"record": data},
    )
    pdf = compiler.compile(format="pdf", pdf_standards="a-2b", timestamp=int(record.created_at.timestamp()))
    if not isinstance(pdf, bytes):
        raise TypeError("typst wrote no PDF")
    return pdf


def _data(record: InspectionRecord) -> dict[str, object]:
    """The record in the words and shapes of the template."""
    marks = _marks(line.provenance for group in record.groups for line in group.lines)
    return {
        "agency": record.agency,
        "number": record.number,
        "version": str(record.version),
        "act_code": record.act_code,
        "subject": _breakable(record.subject),
        "place": _breakable(record.place),
        "legal_basis": _breakable(record.legal_basis),
        "started": _time(record.started_at),
        "ended": _time(record.ended_at) if record.ended_at else "／",
        "created": _time(record.created_at),
        "officers": [
            [_breakable(text) for text in (officer.name, officer.agency, officer.certificate_number, officer.shown)]
            for officer in record.officers
        ],
        "opening": _opening(record.officers),
        "rights": [[right.text, right.article] for right in record.rights.rights],
        "rights_as_of": record.rights.text_as_of.isoformat(),
        "groups": [
            {"title": group.title, "rows": _rows(group.lines, marks), "is_short": _is_short(group.lines)}
            for group in record.groups
            if group.lines
        ],
        "marks": [[str(number), _breakable(text)] for text, number in marks.items()],
        "checks": [_check(check) for check in record.checks],
        "comparisons": [[_breakable(comparison.label), _breakable(comparison.result)] for comparison in record.comparisons],
        "exhibits": [
            [exhibit.number, _breakable(exhibit.title), _grouped(exhibit.sm3), _grouped(exhibit.sha256)]
            for exhibit in record.exhibits
        ],
        "party": [
            _breakable(text) for text in (record.party.name, record.party.capacity, record.party.refusal, record.party.witness)
        ],
        "is_demo": record.is_demo,
    }


def _marks(provenances: Iterable[str]) -> dict[str, int]:
    """Number the different sources in the order in which they first appear."""
    different = dict.fromkeys(text for text in provenances if text)
    return {text: number for number, text in enumerate(different, start=1)}


def _rows(lines: Sequence[RecordLine], marks: dict[str, int]) -> list[list[list[str]]]:
    """Lay lines out as rows of one or two cells [label, value, mark]; a long value has the row to itself."""
    rows: list[list[list[str]]] = []
    for line in lines:
        cell = [line.label, _breakable(line.value) or "／", str(marks[line.provenance]) if line.provenance else ""]
        is_wide = len(line.value) > WIDE or "\n" in line.value
        if is_wide or not rows or len(rows[-1]) != 1 or rows[-1][0][3:]:
            rows.append([[*cell, "wide"] if is_wide else cell])
        else:
            rows[-1].append(cell)
    return [[cell[:3] for cell in row] for row in rows]


def _check(check: RecordCheck) -> list[str]:
    as_of = _time(check.as_of) if check.as_of else "／"
    return [_breakable(text) or "／" for text in (check.label, check.holder, check.standing, as_of, check.remark)]


def _opening(officers: Sequence[RecordOfficer]) -> str:
    """The sentence with which officers introduce themselves."""
    agencies = "、".join(dict.fromkeys(officer.agency for officer in officers))
    names = "、".join(officer.name for officer in officers)
    numbers = "、".join(officer.certificate_number for officer in officers)
    return _breakable(f"我们是{agencies}的执法人员{names}，这是我们的执法证件，证号分别为{numbers}，请您确认。")


def _time(moment: datetime) -> str:
    local = moment.astimezone(SHANGHAI)
    return f"{local.year}年{local.month}月{local.day}日{local.hour:02d}时{local.minute:02d}分"


def _is_short(lines: Sequence[RecordLine]) -> bool:
    return sum(WIDE + len(line.value) + WIDE * line.value.count("\n") for line in lines) < SHORT_GROUP


def _grouped(digest: str) -> str:
    """Eight characters a group, four groups a line."""
    groups = [digest[start : start + DIGEST_GROUP] for start in range(0, len(digest), DIGEST_GROUP)]
    return "\n".join(" ".join(groups[start : start + GROUPS_A_LINE]) for start in range(0, len(groups), GROUPS_A_LINE))


def _breakable(text: str) -> str:
    """Give long unbroken Latin text invisible places to break; Chinese text breaks by itself."""
    broken: list[str] = []
    run = 0
    for character in text.replace("\r\n", "\n").replace("\t", " ").strip():
        run = run + 1 if unicodedata.east_asian_width(character) not in {"W", "F"} and not character.isspace() else 0
        if run > LONGEST_WORD:
            broken.append(_BREAK)
            run = 1
        broken.append(character)
    return "".join(broken)


def _texts(tree: object) -> Iterator[str]:
    if isinstance(tree, str):
        yield tree
    elif isinstance(tree, dict):
        for value in tree.values():
            yield from _texts(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from _texts(value)


def _refuse_missing_glyphs(tree: object) -> None:
    """Also refuses control and direction marks, which could make a name look like another one."""
    for text in _texts(tree):
        for character in text:
            if character in {"\n", _BREAK} or ord(character) in _glyphs():
                continue
            raise Malformed(
                "glyph_missing",
                f"字库中没有“{character}”（U+{ord(character):04X}），无法制作文书，请核对或者改用其他写法。",
                character=character,
                text=text[:40],
            )


@cache
def _glyphs() -> frozenset[int]:
    paths = (pylopdf_fonts_zh_cn.serif_path(), pylopdf_fonts_zh_cn.sans_path())
    covered: set[int] = set()
    for path in paths:
        with TTFont(path, lazy=True) as font:
            covered |= set(font.getBestCmap())
    return frozenset(code for code in covered if unicodedata.category(chr(code)) not in {"Cc", "Cf", "Zl", "Zp"})


@cache
def _fonts() -> typst.Fonts:
    """Only the fonts of the locked package: never the system's, so that a record looks the same everywhere."""
    folder = Path(pylopdf_fonts_zh_cn.serif_path()).parent
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder])
