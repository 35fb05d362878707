"""`liangzheng render`: files, exit codes, what it says. It runs without Django."""

from __future__ import annotations

from pathlib import Path

import pytest

from liangzheng.server.render_command import main
from tests.formats.drawn_page import line_of_text, one_page
from tests.verification.sealed_licence import unsealed


@pytest.fixture
def licence(tmp_path: Path) -> Path:
    path = tmp_path / "licence.ofd"
    path.write_bytes(unsealed())
    return path


def test_png_svg_and_folder(licence: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = licence.parent
    assert main([str(licence), "-o", str(folder / "a.png"), "--dpi", "50"]) == 0
    assert main([str(licence), "-o", str(folder / "a.svg")]) == 0
    assert main([str(licence), "-o", str(folder / "pages"), "--dpi", "50"]) == 0
    assert (folder / "a.png").read_bytes() == (folder / "pages" / "page-001.png").read_bytes()
    assert (folder / "a.svg").read_text("utf-8").startswith("<svg ")
    assert "已绘制 1 页，共 1 页" in capsys.readouterr().out


def test_omissions_give_one_and_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.ofd").write_bytes(one_page(line_of_text("\U000f0000")))
    assert main([str(tmp_path / "a.ofd"), "-o", str(tmp_path / "a.png")]) == 1
    assert "没有字形，以方框代替（U+F0000） × 1" in capsys.readouterr().out


@pytest.mark.parametrize("page", ["1", "7"])
def test_not_readable_gives_three(licence: Path, page: str, capsys: pytest.CaptureFixture[str]) -> None:
    if page == "1":
        licence.write_bytes(b"no archive")
    assert main([str(licence), "-o", str(licence.parent / "a.png"), "--page", page]) == 3
    assert "无法绘制" in capsys.readouterr().err


def test_a_wrong_call_gives_sixty_four(licence: Path) -> None:
    assert main([str(licence), "-o", "a.png", "--font", str(licence)]) == 64
    with pytest.raises(SystemExit, match="64"):
        main([str(licence), "-o", "a.png", "--dpi", "9999"])
