"""`liangzheng render FILE -o OUT`: draws a licence file (OFD) as PNG or SVG. Needs no database, no settings and no network.

Exit codes: 0 drawn, 1 drawn with omissions (each is named), 3 not readable, 64 wrong call. It says nothing about whether the
file is genuine: that is `liangzheng verify`.
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from pylopdf_fonts_zh_cn import sans_path, serif_path

from liangzheng.formats.ofd.archive import MAX_FILE
from liangzheng.formats.ofd.errors import OfdError
from liangzheng.formats.ofd.render.pages import Drawing, draw_ofd
from liangzheng.formats.ofd.render.raster import to_png
from liangzheng.formats.ofd.render.typefaces import FontError, Typeface

DRAWN, WITH_OMISSIONS, NOT_READABLE, WRONG_CALL = 0, 1, 3, 64

_KINDS = (".png", ".svg")
_DPI = (20.0, 600.0)
_SHOWN = 40  # lines of omissions; the rest is counted
_OMISSIONS = {
    "bad_path": "图形路径有误，其后部分未绘制",
    "blank_glyph": "内嵌字体中该字为空白",
    "blend_mode": "混合模式未绘制",
    "clip": "裁剪区未绘制",
    "dashes": "虚线按实线绘制",
    "document": "文档无法读取",
    "file_missing": "文件缺失",
    "file_unreadable": "文件无法解析",
    "font_missing": "内嵌字体文件缺失，已用替代字体",
    "font_unreadable": "内嵌字体无法读取，已用替代字体",
    "limit": "超出绘制上限，其后内容未绘制",
    "missing_character": "没有字形，以方框代替",
    "missing_resource": "引用的资源缺失",
    "object": "对象未绘制",
    "page": "页面未绘制",
    "picture_format": "图片格式不支持",
    "picture_mask": "图片蒙版未绘制",
    "picture_missing": "图片缺失",
    "picture_repeated": "图片未绘制",
    "picture_unreadable": "图片无法解码",
    "seal_picture": "印章图片未绘制",
    "shading": "底纹或渐变未绘制或仅近似",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command with these words; gives the exit code."""
    parser = _Parser(prog="liangzheng render", description="绘制电子证照文件（OFD）；不判断真伪")
    parser.add_argument("file", type=Path, metavar="FILE", help="电子证照文件")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="OUT", help="out.png、out.svg 或文件夹")
    parser.add_argument("--page", type=int, metavar="N", help="只绘制第 N 页；单个文件缺省为第 1 页，文件夹缺省为全部")
    parser.add_argument("--dpi", type=_dpi, default=150.0, help="PNG 分辨率，缺省 150")
    parser.add_argument("--font", action="append", type=Path, default=[], metavar="FILE", help="优先使用的替代字体")
    return run(parser.parse_args(argv))


def run(args: argparse.Namespace) -> int:
    """Draw and write the pages, say what is missing in them."""
    logging.getLogger("fontTools").setLevel(logging.ERROR)  # remarks about a font's small print
    try:
        substitutes = [*(Typeface(path.read_bytes()) for path in args.font), *default_substitutes()]
    except (OSError, FontError) as error:
        sys.stderr.write(f"无法使用字体：{error}\n")
        return WRONG_CALL
    try:
        drawings = _draw(args, substitutes)
    except OSError as error:
        sys.stderr.write(f"无法读取或写入文件：{error}\n")
        return NOT_READABLE
    except OfdError as error:
        sys.stderr.write(f"无法绘制：{error.reason}\n")
        return NOT_READABLE
    return _report(drawings)


def default_substitutes() -> list[Typeface]:
    """Give the fonts that stand in for those a file does not carry: black (黑体) and serif (宋体) letters of a locked package."""
    return [Typeface(sans_path().read_bytes()), Typeface(serif_path().read_bytes(), is_serif=True)]


def _draw(args: argparse.Namespace, substitutes: Sequence[Typeface]) -> list[Drawing]:
    """Draw page by page, each within limits of its own."""
    with args.file.open("rb") as file:
        data = file.read(MAX_FILE + 1)
    is_file = args.output.suffix.lower() in _KINDS
    number = args.page or 1
    drawings = [draw_ofd(data, substitutes, pages={number})]
    _write(drawings[0], args, is_file=is_file)
    if not is_file and args.page is None:
        for other in range(2, drawings[0].page_count + 1):
            drawings.append(draw_ofd(data, substitutes, pages={other}))
            _write(drawings[-1], args, is_file=False)
    return drawings


def _write(drawing: Drawing, args: argparse.Namespace, *, is_file: bool) -> None:
    page = drawing.pages[0]
    target: Path = args.output if is_file else args.output / f"page-{page.number:03d}.png"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(page.svg.encode() if target.suffix.lower() == ".svg" else to_png(page, args.dpi))


def _report(drawings: Sequence[Drawing]) -> int:
    """Print what was drawn and what was not. Counts of all pages are added up."""
    omissions: Counter[tuple[str, str]] = Counter()
    for drawing in drawings:
        omissions.update({(omission.kind, omission.detail): omission.count for omission in drawing.omissions})
    sys.stdout.write(f"已绘制 {len(drawings)} 页，共 {drawings[0].page_count} 页\n")
    substituted = sum(drawing.substituted for drawing in drawings)
    if substituted:
        sys.stdout.write(f"提示：{substituted} 个字未内嵌字体，用替代字体绘制\n")
    for (kind, detail), count in sorted(omissions.items())[:_SHOWN]:
        name = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in detail)
        sys.stdout.write(f"未绘制：{_OMISSIONS.get(kind, kind)}{f'（{name}）' if name else ''} × {count}\n")
    if len(omissions) > _SHOWN:
        sys.stdout.write(f"未绘制：另有 {len(omissions) - _SHOWN} 项\n")
    return WITH_OMISSIONS if omissions else DRAWN


def _dpi(text: str) -> float:
    value = float(text)
    if not _DPI[0] <= value <= _DPI[1]:
        raise argparse.ArgumentTypeError(f"{_DPI[0]:g}–{_DPI[1]:g}")
    return value


class _Parser(argparse.ArgumentParser):
    """Leaves the exit code 2 free, as `liangzheng verify` does."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(WRONG_CALL, f"{self.prog}: {message}\n")


if __name__ == "__main__":
    sys.exit(main())
