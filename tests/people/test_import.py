"""A city sends its list of people: it is taken whole or not at all, and a hostile one not at all."""

from __future__ import annotations

import csv
import io
import os
import resource
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from django.utils import timezone
from openpyxl import Workbook

from dev.city.people import uscc
from liangzheng.formats.spreadsheet import MOST_ROWS, BadSpreadsheet, read_tables
from liangzheng.people.import_columns import TABLES
from liangzheng.people.import_file import Report, import_people
from liangzheng.people.models import Agency, EnforcementCertificate, Officer, User
from liangzheng.storage.tenancy import Scope, acting

Rows = list[list[object]]


ONE, OTHER, NOBODY = (uscc("11", f"MADEM03{number}") for number in (1, 2, 9))
AGENCIES: Rows = [
    ["烟台市试验执法支队（演示）", ONE, "370600", "transport", "交通运输", "0535-000 0031", "行政机关"],
    ["烟台市试验执法队（演示）", OTHER, "370600", "transport", "交通运输", "0535-000 0032", "受委托组织"],
]
OFFICERS: Rows = [
    ["gu", "顾试验", ONE, "执法人员"],
    ["meng", "孟辅助", ONE, "执法辅助人员"],
    ["shen", "沈另外", OTHER, "执法人员"],
]
CERTIFICATES: Rows = [
    ["3706-T-0001", "gu", "行政执法证", "交通运输", "烟台市", "370600", date(2024, 1, 1), date(2029, 12, 31), date(2026, 12, 31)],
    ["3706-T-0002", "shen", "行政执法证", "交通运输、水路", "烟台市", "370600", "2024-01-01", "2029-12-31", None],
]


def book(agencies: Rows = AGENCIES, officers: Rows = OFFICERS, certificates: Rows = CERTIFICATES) -> bytes:
    made = Workbook()
    made.remove(made.active)
    for title, kind, rows in (("机构", "agency", agencies), ("人员", "officer", officers), ("证件", "certificate", certificates)):
        sheet = made.create_sheet(title)
        sheet.append([column.head for column in TABLES[kind]])
        for row in rows:
            sheet.append(row)
    data = io.BytesIO()
    made.save(data)
    return data.getvalue()


def table(kind: str, rows: Rows, encoding: str = "utf-8-sig") -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([column.head for column in TABLES[kind]])
    writer.writerows(rows)
    return text.getvalue().encode(encoding)


def take(data: bytes, *, dry_run: bool = False) -> Report:
    return import_people(data, timezone.now(), dry_run=dry_run)


def found(report: Report) -> list[tuple[str, int, str, str]]:
    return [(one.table, one.row, one.column, one.code) for one in report.findings]


@pytest.mark.django_db
def test_a_good_list_is_taken_and_a_second_time_changes_nothing() -> None:
    assert not take(book(), dry_run=True).is_written
    assert Agency.objects.count() == 0
    first = take(book())
    assert (found(first), first.is_written) == ([], True)
    assert dict(first.counts) == {"agency.added": 2, "officer.added": 3, "certificate.added": 2}
    agency = Agency.objects.get(uscc=ONE)
    with acting(Scope(agency=agency.pk, region="370600")):
        [certificate] = EnforcementCertificate.objects.all()
        assert (certificate.officer.user.name, certificate.checked_through) == ("顾试验", date(2026, 12, 31))
        assert Officer.objects.filter(is_auxiliary=True).count() == 1
    assert not User.objects.get(username="gu").has_usable_password()
    again = take(book())
    assert dict(again.counts) == {"agency.unchanged": 2, "officer.unchanged": 3, "certificate.unchanged": 2}
    assert User.objects.count() == 3


@pytest.mark.django_db
def test_news_is_taken_over_but_nobody_is_moved() -> None:
    take(book())
    longer = [[*CERTIFICATES[0][:7], date(2030, 12, 31), None], CERTIFICATES[1]]
    report = take(book(certificates=longer))
    assert report.counts["certificate.changed"] == 1
    moved = take(book(officers=[["gu", "顾试验", OTHER, "执法人员"]], certificates=[]))
    assert found(moved) == [("人员", 2, "所属机构代码", "conflict")]
    promoted = take(book(officers=[["meng", "孟辅助", ONE, "执法人员"]], certificates=[]))
    assert found(promoted) == [("人员", 2, "人员类别", "conflict")]
    stolen = take(book(certificates=[["3706-T-0001", "shen", *CERTIFICATES[0][2:]]]))
    assert [code for *_, code in found(stolen)] == ["conflict"]
    with acting(Scope(agency=Agency.objects.get(uscc=ONE).pk, region="370600")):
        assert EnforcementCertificate.objects.get().officer.user.username == "gu"


@pytest.mark.django_db
def test_every_mistake_is_named_and_nothing_is_written() -> None:
    agencies: Rows = [
        *AGENCIES,
        ["无码队（演示）", ONE[:-1] + ("0" if ONE[-1] != "0" else "1"), "999999", "t", "交通", "", "公司"],
    ]
    officers: Rows = [
        *OFFICERS,
        ["Wang!", "", ONE, "临时工"],
        ["gu", "顾又来", ONE, "执法人员"],
        ["bai", "白无处", NOBODY, "执法人员"],
    ]
    certificates: Rows = [
        *CERTIFICATES,
        ["3706-T-0003", "meng", "行政执法证", "交通", "烟台市", "370600", "2026-02-30", "2029-01-01", None],
    ]
    certificates += [["3706-T-0004", "meng", "行政执法证", "交通", "烟台市", "370600", "2026-02-01", "2029-01-01", None]]
    certificates += [["3706-T-0005", "gu", "行政执法证", "交通", "烟台市", "370600", "2026-02-01", "2025-01-01", None]]
    report = take(book(agencies, officers, certificates))
    assert set(found(report)) == {
        ("机构", 4, "统一社会信用代码", "malformed"),
        ("机构", 4, "行政区划代码", "malformed"),
        ("机构", 4, "监督电话", "missing"),
        ("机构", 4, "主体性质", "malformed"),
        ("人员", 5, "账号", "malformed"),
        ("人员", 5, "姓名", "missing"),
        ("人员", 5, "人员类别", "malformed"),
        ("人员", 6, "", "duplicate"),
        ("人员", 7, "所属机构代码", "unknown_reference"),
        ("证件", 4, "有效期起", "malformed"),
        ("证件", 5, "持证人账号", "auxiliary"),
        ("证件", 6, "有效期止", "malformed"),
    }
    assert all(one.cause.endswith("。") for one in report.findings)
    assert (Agency.objects.count(), User.objects.count()) == (0, 0)


@pytest.mark.django_db
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "gb18030"])
def test_a_csv_is_one_table(encoding: str) -> None:
    assert take(table("agency", AGENCIES, encoding)).counts["agency.added"] == 2
    assert take(table("officer", OFFICERS, encoding)).counts["officer.added"] == 3
    assert found(take("甲,乙\n1,2\n".encode())) == [("", 1, "", "head_unknown")]


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["=1+1", '=HYPERLINK("http://x")', "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1"])
def test_what_a_spreadsheet_would_run_is_refused(text: str) -> None:
    rows: Rows = [["gu", text, ONE, "执法人员"]]
    take(book(officers=[], certificates=[]))
    for data in (table("officer", rows), book(agencies=[], officers=rows, certificates=[])):
        assert [code for *_, code in found(take(data))] == ["formula"]
    assert not User.objects.exists()


@pytest.mark.parametrize("hidden", ["顾\u202e验试", "顾\u200b试", "顾\x00", "顾\x07"])
def test_characters_nobody_sees_are_refused(hidden: str) -> None:
    [sheet] = read_tables(table("officer", [["gu", hidden, ONE, "执法人员"]]))
    assert sheet.rows[0][1][1].problem == "characters"


def with_part(name: str, content: bytes, data: bytes | None = None) -> bytes:
    made = io.BytesIO(data or book())
    with zipfile.ZipFile(made, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return made.getvalue()


def many_rows(count: int) -> bytes:
    """A sheet of short rows written by hand: the library would take minutes."""
    head = "".join(f'<c t="inlineStr"><is><t>{column.head}</t></is></c>' for column in TABLES["officer"])
    row = '<row><c t="inlineStr"><is><t>x</t></is></c></row>'
    sheet = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    content = f"{sheet}<row>{head}</row>{row * count}</sheetData></worksheet>".encode()
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book())) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            new.writestr(part, content if part == "xl/worksheets/sheet2.xml" else old.read(part))
    return made.getvalue()


ENTITIES = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbbbbbbbb">]><a>&b;</a>'
HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "a zip bomb": (lambda: with_part("xl/bomb.xml", bytes(200 << 20)), "file_too_large"),
    "a million rows": (lambda: many_rows(1_000_000), "too_many_rows"),
    "a csv of a million rows": (lambda: b"a\n" * 1_000_001, "too_many_rows"),
    "too large": (lambda: b"PK" + bytes(6 << 20), "file_too_large"),
    "macros": (lambda: with_part("xl/vbaProject.bin", b"x"), "file_active"),
    "a link to another file": (lambda: with_part("xl/externalLinks/externalLink1.xml", b"<a/>"), "file_active"),
    "entities": (lambda: with_part("xl/more.xml", ENTITIES), "file_active"),
    "entities in UTF-16": (lambda: with_part("xl/more.xml", ENTITIES.decode().encode("utf-16")), "file_active"),
    "a name twice": (lambda: with_part("xl/Workbook.xml", b"<a/>"), "file_unreadable"),
    "a thousand parts": (lambda: many_parts(1000), "file_unreadable"),
    "cut": (lambda: book()[:-30], "file_unreadable"),
    "no book": (lambda: zipped({"a": b"b"}), "file_unreadable"),
    "another encoding": (lambda: b"\xff\xfe\x00\xd8", "file_unreadable"),
    "an open quotation": (lambda: b'a,b\n"', "file_unreadable"),
    "too many columns": (lambda: b"a," * 100 + b"a\n", "too_many_columns"),
}


def zipped(parts: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return made.getvalue()


def many_parts(count: int) -> bytes:
    return zipped({f"part{number}": b"" for number in range(count)})


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_quickly(name: str) -> None:
    make, code = HOSTILE[name]
    data = make()
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    with pytest.raises(BadSpreadsheet) as refused:
        read_tables(data)
    assert refused.value.code == code
    assert time.process_time() - began < 10
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300 * 1024  # kB


def test_control_the_most_rows_that_are_allowed_are_read() -> None:
    assert len(read_tables(many_rows(MOST_ROWS))[1].rows) == MOST_ROWS


def test_the_command_reports_row_by_row(city_like: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "people.xlsx"
    file.write_bytes(book(officers=[["gu", "", ONE, "执法人员"]], certificates=[]))
    done = run(city_like, "import", str(file))
    assert done.returncode == 1
    assert done.stdout.splitlines() == ["人员 第 2 行 姓名: missing: 不能为空。", "agency.added 2", "nothing written"]
    file.write_bytes(book())
    assert run(city_like, "import", str(file), "--dry-run").stdout.endswith("nothing written\n")
    done = run(city_like, "import", str(file))
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "written")
    assert run(city_like, "appoint", "gu", "--reason", "x").returncode == 1  # an officer is no administrator
    assert run(city_like, "import", "no-such-file").returncode == 1


@pytest.fixture
def city_like(data_folder: Path) -> dict[str, str]:
    """A data folder with an empty, migrated database, for commands in processes of their own."""
    environment = os.environ | {"LIANGZHENG_DATA": str(data_folder), "LIANGZHENG_DEMO": "1"}
    subprocess.run([*CLI, "manage", "migrate", "--verbosity", "0"], env=environment, check=True)
    return environment


CLI = [sys.executable, "-m", "liangzheng.server.cli"]


def run(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*CLI, "people", *words], env=environment, capture_output=True, text=True, check=False)
