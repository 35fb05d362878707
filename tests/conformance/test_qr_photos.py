"""Photographs of QR codes: what the server's reader makes of them, and that it never reads what is not there."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from tests.conformance.tally import Tally

ENOUGH = 100  # of 108 photographs


def read(path: Path) -> list[str]:
    with Image.open(path) as picture:
        whole = picture.convert("RGBA")
        grey = Image.alpha_composite(Image.new("RGBA", whole.size, "white"), whole).convert("L")
        return [
            plain(code.text)
            for code in zxingcpp.read_barcodes(grey, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode))
        ]


def plain(text: str) -> str:
    """Whatever system wrote the line ends."""
    return text.replace("\r\n", "\n").strip("\n")


def test_photographs(corpora: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tally = Tally("qr-zxing, photographs by the server's reader")
    unread = 0
    for path in sorted((corpora / "qr-zxing").glob("*qrcode-*/*.png")):
        found = read(path)
        if not found:
            unread += 1
            continue
        label = path.with_suffix(".txt")
        passes = (
            plain(label.read_text(encoding="utf-8")) in found if label.is_file() else True
        )  # one picture of four codes has no text
        tally.judge(f"{path.parent.name}/{path.name}: {found}", should_pass=True, passes=passes)
    with capsys.disabled():
        sys.stdout.write(f"\n    {unread} not read")
    tally.settle(capsys, at_least=ENOUGH)


def test_nothing_is_read_where_nothing_is(corpora: Path) -> None:
    pictures = sorted((corpora / "qr-zxing").glob("falsepositives*/*.png"))
    assert len(pictures) >= 28
    assert [path for path in pictures if read(path)] == []
