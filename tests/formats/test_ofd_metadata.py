"""Licence metadata inside OFD.xml: written, read back, and read as other makers write them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from liangzheng.formats.ofd.errors import OfdError
from liangzheng.formats.ofd.metadata import LicenceMetadata, read_metadata
from tests.verification.sealed_licence import METADATA


def read(**items: str) -> LicenceMetadata:
    found = read_metadata({"ZZBS": "1", **items}.items())
    assert found
    return found


@pytest.mark.parametrize(
    "metadata",
    [
        METADATA,
        replace(METADATA, valid_to=None, face=(), is_demo=False, status_uri="", status_index=None),
        replace(METADATA, status_index=0, holder="欧阳明月，演示", status_org="12379906MADEM0150A"),
    ],
)
def test_what_was_written_is_read_back(metadata: LicenceMetadata) -> None:
    assert read_metadata(metadata.custom_data()) == metadata


def test_the_names_are_those_of_the_standard() -> None:
    names = [name for name, _ in METADATA.custom_data()]
    standard = "ZZBS ZZMC ZZLXDM ZZBH ZZBFJG ZZBFJGDM CZZT CZZTDM CZZTDMLX CZZTDMLXDM ZZBFRQ ZZYXQQSRQ ZZYXQJZRQ"
    own = "LZ_STATUS_URI LZ_IS_DEMO LZ_STATUS_IDX KZ_CLHP KZ_JYFW"
    assert set(names) == {*standard.split(), *own.split()}
    assert len(names) == len(set(names))


def test_who_publishes_the_status_list_is_named_once() -> None:
    named = read(LZ_STATUS_ORG=" 12379906MADEM0150A ")
    assert named.status_org == "12379906MADEM0150A"
    assert ("LZ_STATUS_ORG", named.status_org) in named.custom_data()
    assert "LZ_STATUS_ORG" not in dict(read().custom_data())
    with pytest.raises(OfdError, match="ambiguous_metadata"):
        read_metadata([*named.custom_data(), ("lz_status_org", METADATA.issuer_code)])


def test_a_document_without_licence_items_is_no_licence() -> None:
    assert read_metadata([("template-version", "1.0"), ("发票号码", "00000000")]) is None
    assert read_metadata([("ZZBS", " ")]) is None


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("20300228", date(2030, 2, 28)),
        ("2030-02-28", date(2030, 2, 28)),
        ("2030年2月28日", date(2030, 2, 28)),
        ("2030/02/28 00:00:00", date(2030, 2, 28)),
        ("20300228235959", date(2030, 2, 28)),
    ],
)
def test_dates_are_read_as_they_are_met(written: str, day: date) -> None:
    found = read(ZZYXQQSRQ=written, ZZYXQJZRQ=written, ZZBFRQ=written)
    assert (found.valid_from, found.valid_to, found.issued_on, found.unreadable) == (day, day, day, ())


@pytest.mark.parametrize("written", ["", "长期", "99991231", "永久"])
def test_without_end(written: str) -> None:
    found = read(ZZYXQJZRQ=written)
    assert found.valid_to is None
    assert "ZZYXQJZRQ" not in found.unreadable


@pytest.mark.parametrize("written", ["20300230", "soon", "2030", "\uff12\uff10300228", "30000000"])
def test_a_date_that_is_none_is_named(written: str) -> None:
    found = read(ZZYXQJZRQ=written)
    assert found.valid_to is None
    assert "ZZYXQJZRQ" in found.unreadable


def test_a_missing_end_is_not_without_end() -> None:
    assert "ZZYXQJZRQ" in read().unreadable


def test_several_holders_stand_in_one_text_but_two_numbers_are_refused() -> None:
    assert read_metadata([("ZZBS", "1"), ("CZZT", "张三丰"), ("czzt", "李海霞")]) == replace(read(), holder="张三丰，李海霞")
    assert read_metadata([("ZZBS", "1"), ("ZZBS", "1")]) == read()
    with pytest.raises(OfdError, match="ambiguous_metadata"):
        read_metadata([("ZZBS", "1"), ("zzbs", "2")])


@pytest.mark.parametrize("index", ["-1", "1.5", "x", "\uff11", "9999999999"])
def test_a_status_index_that_is_none_is_left_out(index: str) -> None:
    assert read(LZ_STATUS_IDX=index).status_index is None
