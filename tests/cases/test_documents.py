# ruff: noqa: RUF001 - the brackets of document numbers
"""现场检查笔录 as PDF/A: everything is on it, nothing is read as markup, no character is ever printed blank."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import cast

import pypdfium2 as pdfium
import pytest

from liangzheng.cases.documents import (
    InspectionRecord,
    PartySigning,
    RecordCheck,
    RecordComparison,
    RecordExhibit,
    RecordGroup,
    RecordLine,
    RecordOfficer,
    party_rights,
    write_inspection_record,
)
from liangzheng.errors import Malformed

T0 = datetime(2026, 11, 22, 6, 5, tzinfo=UTC)
AGENCY = "烟台市交通运输综合行政执法支队（演示）"
FROM_PERMIT = "道路运输经营许可证，在线核验“有效”，2026-11-22 14:09"
FROM_DRIVER = "从业资格证，在线核验“已吊销”，2026-11-22 14:13"
ASKED = "当面询问当事人"

RECORD = InspectionRecord(
    agency=AGENCY,
    number="烟交检〔2026〕演示0001号",
    version=1,
    act_code="370600-20261122-K7QF29",
    subject="客运车辆（班车、包车）",
    place="烟台市莱山区演示大道",
    started_at=T0,
    ended_at=T0 + timedelta(minutes=21),
    created_at=T0 + timedelta(minutes=22),
    officers=(
        RecordOfficer("王建国", AGENCY, "15379900001", "14:05 出示；14:06 当事人扫码查看"),
        RecordOfficer("李海霞", AGENCY, "15379900002", "14:06 出示；当事人不再查看，已登记"),
    ),
    groups=(
        RecordGroup(
            "当事人（经营者）",
            (
                RecordLine("名称（字号）", "烟台海云客运有限公司（演示）", FROM_PERMIT),
                RecordLine("统一社会信用代码", "91379906MADEM0011Y", FROM_PERMIT),
                RecordLine("联系电话", "0535-000 0000", ASKED),
                RecordLine("送达地址", ""),
            ),
        ),
        RecordGroup("人员", (RecordLine("姓名", "张三丰", FROM_DRIVER), RecordLine("手机号码", "13800000000", ASKED))),
        RecordGroup("检查情况", (RecordLine("现场检查情况", "车辆停靠有序。\n乘客31人。"),)),
    ),
    checks=(
        RecordCheck("道路运输经营许可证", "烟台海云客运有限公司（演示）", "有效", T0),
        RecordCheck("从业资格证", "张三丰", "已吊销", T0, "当事人有异议"),
    ),
    comparisons=(RecordComparison("现场车辆号牌与道路运输证一致", "一致"),),
    exhibits=(RecordExhibit("证据1", "道路运输经营许可证电子证照", "ab12cd34" * 8, "0f9e8d7c" * 8),),
    rights=party_rights(),
    party=PartySigning("张三丰", "驾驶员"),
    is_demo=True,
    legal_basis="道路运输条例第五十九条",
)


def pages(data: bytes) -> list[str]:
    document = pdfium.PdfDocument(data)
    try:
        return [cast("str", page.get_textpage().get_text_bounded()) for page in document]
    finally:
        document.close()


def text(record: InspectionRecord) -> str:
    """All text of the document without white space and invisible break marks: line ends are the layout's business."""
    joined = "".join(pages(write_inspection_record(record)))
    return "".join(character for character in joined if not character.isspace() and character not in "\u200b\ufffe\u0002")


def with_value(value: str) -> InspectionRecord:
    return replace(RECORD, groups=(RecordGroup("人员", (RecordLine("姓名", value, FROM_DRIVER),)),))


def test_everything_is_on_the_record() -> None:
    found = text(RECORD)
    for expected in (
        "现场检查笔录",
        "烟交检〔2026〕演示0001号（第1版）",
        "370600-20261122-K7QF29",
        "2026年11月22日14时05分",
        "2026年11月22日14时26分",
        "烟台市莱山区演示大道",
        "检查依据道路运输条例第五十九条",
        "我们是" + AGENCY + "的执法人员王建国、李海霞，这是我们的执法证件，证号分别为15379900001、15379900002，请您确认。",
        "14:06出示；当事人不再查看，已登记",
        "91379906MADEM0011Y[1]",
        "0535-0000000[2]",
        "送达地址／",
        "张三丰[3]",
        "[1]道路运输经营许可证，在线核验“有效”，2026-11-2214:09",
        "已吊销2026年11月22日14时05分当事人有异议",
        "现场车辆号牌与道路运输证一致一致",
        "SM3" + "ab12cd34" * 8,
        "SHA-256" + "0f9e8d7c" * 8,
        "行政处罚法第五十五条",
        "文本截至2025-04-30，待法制机构确认",
        "执法人员（王建国，证号15379900001）签名",
        "执法人员（李海霞，证号15379900002）签名",
        "当事人（张三丰，驾驶员）签名",
    ):
        assert expected in found, expected


def test_it_never_says_that_somebody_broke_the_law() -> None:
    assert "违法" not in text(RECORD)


def test_every_page_is_numbered_and_signed() -> None:
    found = pages(write_inspection_record(RECORD))
    assert 2 <= len(found) <= 3
    for number, page in enumerate(found, start=1):
        plain = "".join(page.split())
        assert f"第{number}页共{len(found)}页" in plain
        assert "（逐页签名）" in plain
        assert "演示文书不具有法律效力" in plain


def test_a_real_record_carries_no_demo_mark() -> None:
    real = replace(
        RECORD,
        is_demo=False,
        agency="某市交通运输局",
        number="某交检〔2026〕1号",
        officers=tuple(replace(officer, agency="某市交通运输局") for officer in RECORD.officers),
        groups=(),
        checks=(),
    )
    assert "演示文书" not in text(real)


def test_refusal_to_sign_is_noted() -> None:
    refused = text(replace(RECORD, party=PartySigning("张三丰", "驾驶员", refusal="当事人称需要律师到场", witness="赵某")))
    assert "当事人拒绝签名，执法人员注明：当事人称需要律师到场" in refused
    assert "见证人（赵某）" in refused
    assert "□已阅" not in refused


def test_nothing_checked_nothing_kept_one_officer_too_few_boxes_never_break() -> None:
    bare = text(
        replace(
            RECORD, groups=(), checks=(), comparisons=(), exhibits=(), officers=RECORD.officers[:1], ended_at=None, legal_basis=""
        )
    )
    assert "本次检查没有核验电子证照" in bare
    assert "本次检查没有留存证照文件" in bare
    assert "结束时间／" in bare
    assert "检查依据" not in bare


def test_same_record_same_bytes_and_pdf_a() -> None:
    first = write_inspection_record(RECORD)
    assert first == write_inspection_record(RECORD)
    assert first.startswith(b"%PDF-1.7")
    assert b"<pdfaid:part>2</pdfaid:part>" in first
    assert b"<pdfaid:conformance>B</pdfaid:conformance>" in first


HOSTILE = [
    '#import "@preview/tablex:0.0.8"',
    "#panic()",
    '#read("/etc/passwd")',
    "$x^2$",
    "*粗*_斜_",
    "`raw` ```block```",
    "\\u{1F600} \\",
    "<label> @ref",
    "= 标题",
    "- 列表 + 1. 项",
    "// 注释 /* */",
    "[内容] {代码}",
    '"引号" \' -- --- ...',
    "~ https://example.org",
    '"}],"is_demo":false',
    "《》「」",
]


@pytest.mark.parametrize("value", HOSTILE)
def test_text_is_never_read_as_markup(value: str) -> None:
    assert "".join(value.split()) in text(with_value(value))


@pytest.mark.parametrize("value", HOSTILE)
def test_nor_is_it_anywhere_else(value: str) -> None:
    officer = RecordOfficer(value, value, value, value)
    hostile = replace(
        RECORD,
        agency=value,
        number=value,
        place=value,
        act_code=value,
        officers=(officer, officer),
        groups=(RecordGroup(value, (RecordLine(value, value, value),)),),
        checks=(RecordCheck(value, value, value, T0, value),),
        comparisons=(RecordComparison(value, value),),
        exhibits=(RecordExhibit(value, value, "00" * 32, "ff" * 32),),
        party=PartySigning(value, value, value, value),
    )
    assert text(hostile).count("".join(value.split())) > 20


@pytest.mark.parametrize(
    ("value", "character"),
    [
        ("王\U00020000", "\U00020000"),  # a rare character outside the fonts
        ("李\U0001f600", "\U0001f600"),
        ("张\u202e三", "\u202e"),  # right-to-left override: the name would read differently
        ("张\u0000三", "\u0000"),
        ("张\ue000三", "\ue000"),  # private use
        ("张\ufffd三", "\ufffd"),
        ("张\u2028三", "\u2028"),
    ],
)
def test_a_character_the_fonts_lack_is_named_and_never_left_blank(value: str, character: str) -> None:
    with pytest.raises(Malformed) as caught:
        write_inspection_record(with_value(value))
    assert caught.value.code == "glyph_missing"
    assert caught.value.facts["character"] == character
    assert f"U+{ord(character):04X}" in caught.value.message


def test_a_rare_character_that_the_fonts_have_is_printed() -> None:
    assert "镕堃喆犇" in text(with_value("镕堃喆犇"))


def test_long_text_runs_over_pages_and_stays_on_them() -> None:
    story = "车内安全设施齐全，乘客均系好安全带。\n" * 200
    found = pages(write_inspection_record(with_value(story)))
    assert len(found) > 4
    assert "".join("".join(found).split()).count("车内安全设施齐全") == 200


def test_long_unbroken_text_does_not_leave_the_page() -> None:
    data = write_inspection_record(with_value("A" * 900))
    document = pdfium.PdfDocument(data)
    for page in document:
        textpage = page.get_textpage()
        rights = [textpage.get_charbox(index)[2] for index in range(textpage.count_chars())]
        assert max(rights) < page.get_width() - 40
    document.close()
