"""What `liangzheng verify` prints of one file: text for people, an explanation, or one line of JSON."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta, timezone
from typing import Literal

from liangzheng.formats.unreadable import UnreadableFile
from liangzheng.verification.file_checks import FileReport
from liangzheng.verification.verdict import Check, Result, Standing
from liangzheng.verification.words import words

Language = Literal["zh", "en"]
Outcome = FileReport | UnreadableFile

VALID, INVALID, CANNOT_CONFIRM, NOT_READABLE = 0, 1, 2, 3
_EXIT = {Standing.VALID: VALID, Standing.VALID_OFFLINE: CANNOT_CONFIRM, Standing.INVALID: INVALID}
_CHINA = timezone(timedelta(hours=8))
_UNREADABLE: dict[str, tuple[str, str]] = {
    "not_found": ("文件不存在或者无法打开", "no such file, or it cannot be opened"),
    "not_a_zip": ("不是 OFD 版式文件", "not an OFD file"),
    "no_ofd_xml": ("不是 OFD 版式文件（缺少 OFD.xml）", "not an OFD file (no OFD.xml)"),
    "too_large": ("文件过大", "the file is too large"),
    "encrypted": ("文件已加密", "the file is encrypted"),
    "damaged_entry": ("文件已损坏", "the file is damaged"),
    "unknown_kind": ("不是能核验的文件种类", "not a kind of file that can be checked"),
    "no_code_in_picture": ("图片里没有读出二维码", "no code was read in the picture"),
    "several_codes_in_picture": (
        "图片里有几个不同的二维码，请只留一个",
        "there are several codes in the picture: keep one of them",
    ),
    "picture_too_large": ("图片过大", "the picture is too large"),
    "too_many_elements": ("文件结构过于庞大", "the file has too many parts"),
    "took_too_long": ("读取超时，已放弃", "reading took too long and was given up"),
    "took_too_much": ("读取占用内存过多，已放弃", "reading took too much memory and was given up"),
    "reader_stopped": ("读取时程序意外终止", "the reader stopped unexpectedly"),
}
_OTHERWISE = ("文件结构不合规", "the file is not well formed")


@dataclass(frozen=True, slots=True)
class _Labels:
    """The words around those of reasons.json."""

    file: str
    result: str
    unreadable: str
    reason: str
    cause: str
    next: str
    licence: str
    number: str
    issuer: str
    until: str
    no_end: str
    seal: str
    no_time: str
    annotation: str
    user: str
    original: str
    passed: str
    open: str
    not_looked_at: str
    results: dict[Result, str]


_LABELS: dict[Language, _Labels] = {
    "zh": _Labels(
        *(
            "文件：",
            "结论：",
            "结论：无法读取——",
            "原因：",
            "说明：",
            "怎么办：",
            "证照：",
            "编号",
            "发证机关",
            "有效期至",
            "长期",
        ),
        *(
            "签章：",
            "时间不明",
            "加注：",
            "使用人",
            "内含证照原件：",
            "已核验通过：",
            "没有通过或者无法确认：",
            "这里没有核验：出示证照的人是不是持证人本人；纸质证照的真伪。",
        ),
        {Result.PASS: "通过", Result.FAIL: "不通过", Result.UNKNOWN: "无法确认", Result.NOT_APPLICABLE: "不适用"},
    ),
    "en": _Labels(
        *(
            "File: ",
            "Result: ",
            "Result: not readable: ",
            "Reason: ",
            "Meaning: ",
            "What to do: ",
            "Licence: ",
            "No.",
            "issued by",
        ),
        *("valid until", "no end", "Signed: ", "time unknown", "Annotated: ", "for", "Original inside:"),
        *("Checked and in order: ", "Not in order, or not to be confirmed:"),
        "Not checked here: that whoever shows the licence is its holder; physical licences.",
        {Result.PASS: "pass", Result.FAIL: "fail", Result.UNKNOWN: "unknown", Result.NOT_APPLICABLE: "not applicable"},
    ),
}


def exit_code(outcome: Outcome) -> int:
    return NOT_READABLE if isinstance(outcome, UnreadableFile) else _EXIT.get(outcome.verdict.standing, CANNOT_CONFIRM)


def json_line(path: str, outcome: Outcome) -> str:
    """Write one line of JSON; an unreadable file has the same members as any other."""
    if isinstance(outcome, UnreadableFile):
        check = {"id": "file_readable", "result": "fail", "reason": "file_unreadable", "detail": outcome.reason}
        facts: dict[str, object] = {"kind": "unreadable", "standing": "unreadable", "reasons": ["file_unreadable"]}
        facts |= {"checks": [check], "seals": [], "metadata": None}
    else:
        facts = outcome.to_json()
    return json.dumps({"file": path, **facts}, ensure_ascii=False)


def text_lines(path: str, outcome: Outcome, language: Language) -> list[str]:
    """Write the report for people: the result, the reasons, every check."""
    labels = _LABELS[language]
    lines = [f"{labels.file}{shown(path)}"]
    if isinstance(outcome, UnreadableFile):
        return [*lines, _unreadable(outcome, language), ""]
    return [*lines, *_told(outcome, language), ""]


def _told(report: FileReport, language: Language) -> Iterator[str]:
    """Tell result, reasons and checks; of an annotated copy then those of the original, set in."""
    labels = _LABELS[language]
    yield _result(report, language)
    yield from (f"{labels.reason}{_word(reason, language)}" for reason in report.verdict.reasons)
    yield from _licence(report, labels)
    for number, check in enumerate(report.verdict.checks, 1):
        note = "：".join(filter(None, (_plain(check.reason, language), check.detail))) if check.reason else ""
        ending = f"（{shown(note)}）" if note else ""
        yield f"  {number:>2}. {labels.results[check.result]}　{_check(check, language)}{ending}"
    if report.inner:
        yield labels.original
        yield from (f"  {line}" for line in _told(report.inner, language))


def explanation(path: str, outcome: Outcome, language: Language) -> list[str]:
    """Tell a person what was found, what it means and what to do; then what was in order, and what nobody looked at."""
    labels = _LABELS[language]
    lines = [f"{labels.file}{shown(path)}"]
    if isinstance(outcome, UnreadableFile):
        return [*lines, _unreadable(outcome, language), ""]
    return [*lines, *_explained(outcome, language), labels.not_looked_at, ""]


def _explained(report: FileReport, language: Language) -> Iterator[str]:
    """Explain what is open and what was in order; of an annotated copy then the same of the original, set in."""
    labels = _LABELS[language]
    yield _result(report, language)
    yield from _licence(report, labels)
    bad = [check for check in report.verdict.checks if check.result in {Result.FAIL, Result.UNKNOWN}]
    if bad:
        yield labels.open
    for reason in dict.fromkeys(check.reason for check in bad if check.reason):
        yield f"  ✗ {_plain(reason, language)}"
        yield from (f"    {line}" for line in _advice(reason, language))
    passed = [_check(check, language) for check in report.verdict.checks if check.result is Result.PASS]
    if passed:
        yield labels.passed + ("、" if language == "zh" else ", ").join(passed)
    if report.inner:
        yield labels.original
        yield from (f"  {line}" for line in _explained(report.inner, language))


def _unreadable(outcome: UnreadableFile, language: Language) -> str:
    told = _UNREADABLE.get(outcome.reason, _OTHERWISE)[language == "en"]
    return f"{_LABELS[language].unreadable}{told}（{outcome.reason}）"


def _result(report: FileReport, language: Language) -> str:
    verdict = report.verdict
    moment = verdict.as_of.astimezone(_CHINA).strftime("%Y-%m-%d %H:%M:%S")
    standing = words().get("standing", {}).get(verdict.standing.value, {}).get(language, verdict.standing.value)
    when = f"（{moment} 北京时间）" if language == "zh" else f" ({moment} UTC+8)"
    return f"{_LABELS[language].result}{standing}{when}"


def _plain(reason: str, language: Language) -> str:
    return str(words().get(reason, {}).get(language, reason))


def _word(reason: str, language: Language) -> str:
    return f"{_plain(reason, language)}（{reason}）"


def _advice(reason: str, language: Language) -> Iterator[str]:
    entry, labels = words().get(reason, {}), _LABELS[language]
    if cause := entry.get(f"cause_{language}"):
        yield labels.cause + cause
    if step := entry.get(f"next_{language}"):
        yield labels.next + step


def _check(check: Check, language: Language) -> str:
    return str(words().get("check", {}).get(check.id, {}).get(language, check.id))


def _licence(report: FileReport, labels: _Labels) -> Iterator[str]:
    """Say which licence the file claims to be and who signed it; the result above says how far that can be believed."""
    licence, annotation = report.metadata, report.annotation
    if annotation:
        demo = "（演示）" if annotation.is_demo else ""
        until = f"{annotation.expires_at.astimezone(_CHINA):%Y-%m-%d %H:%M:%S}" if annotation.expires_at else labels.no_time
        purpose, user = shown(annotation.purpose), shown(annotation.user)
        yield f"{labels.annotation}{purpose}{demo}　{labels.user} {user}　{labels.until} {until}"
    if licence:
        demo = "（演示）" if licence.is_demo else ""
        until = licence.valid_to.isoformat() if licence.valid_to else labels.no_end
        name, number, issuer = (shown(text) for text in (licence.name, licence.number, licence.issuer))
        yield f"{labels.licence}{name}{demo}　{labels.number} {number}　{labels.issuer} {issuer}　{labels.until} {until}"
    for seal in report.seals:
        when = f"{seal.signed_at.astimezone(_CHINA):%Y-%m-%d %H:%M:%S}" if seal.signed_at else labels.no_time
        yield f"{labels.seal}{shown(seal.seal_name or seal.kind)}　{shown(seal.organisation or seal.signer)}　{when}"


def shown(text: str) -> str:
    """Give a text from outside without what could steer a terminal or hide letters."""
    return "".join(
        "\N{REPLACEMENT CHARACTER}" if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"} else char for char in text
    )
