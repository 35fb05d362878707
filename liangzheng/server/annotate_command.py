"""`liangzheng annotate FILE -o OUT.ofd`: makes an annotated copy (加注件) of a licence file, for one purpose and one user.

The original lies inside untouched. The copy says 演示, as everything that is issued here. It does not judge the original: that is
`liangzheng verify`, on the copy as on the original. Exit codes: 0 written, 3 not written (the reason is named), 64 wrong call.
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from liangzheng.formats.ofd.annotated import (
    LONGEST_NAME,
    LONGEST_PURPOSE,
    MOST_PAGES,
    PagePicture,
    seal_place,
    write_annotated_copy,
)
from liangzheng.formats.ofd.annotation import Annotation, read_annotation
from liangzheng.formats.ofd.errors import FaceError
from liangzheng.formats.ofd.package import read_ofd
from liangzheng.formats.ofd.render.pages import Drawing, draw_ofd
from liangzheng.formats.ofd.render.raster import to_png
from liangzheng.formats.ofd.sealing import seal_ofd
from liangzheng.formats.unreadable import UnreadableFile
from liangzheng.server.demo_authority import PLATFORM, replace_file
from liangzheng.server.render_command import default_substitutes
from liangzheng.server.signing_files import (
    DONE,
    CannotSign,
    Parser,
    add_signing,
    end_of,
    failed,
    now,
    read_file,
    read_fonts,
    read_signing,
)
from liangzheng.server.verify_report import shown

_DPI = 160


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command with these words; gives the exit code."""
    parser = Parser(prog="liangzheng annotate", description="制作加注件：写明用途、使用人和有效期，原件原样附在其中（演示）")
    parser.add_argument("file", type=Path, metavar="FILE", help="证照原件（OFD）")
    parser.add_argument("--purpose", required=True, help=f"用途，不超过 {LONGEST_PURPOSE} 字")
    parser.add_argument("--user", required=True, help="使用人")
    parser.add_argument(
        "--until", required=True, type=end_of, metavar="ISO8601", help="有效期截止；只写日期的到当日结束，北京时间"
    )
    parser.add_argument("--demo-authority", type=Path, metavar="FOLDER", dest="authority", help="用此演示签发机构的加注平台签章")
    add_signing(parser)
    args = parser.parse_args(argv)
    own = (args.key, args.certificate, args.seal)
    if (args.authority and any(own)) or not (args.authority or all(own)):
        parser.error("--key --certificate --seal, or --demo-authority")
    logging.getLogger("fontTools").setLevel(logging.ERROR)  # remarks about a font's small print
    return run(args)


def run(args: argparse.Namespace) -> int:
    """Draw the original, annotate, seal, write; say what was done."""
    try:
        omitted = _annotate(args, now())
    except (CannotSign, FaceError, UnreadableFile) as error:
        return failed(error.reason, error.detail)
    except OSError as error:
        return failed("file_not_written", str(error.filename or args.output))
    sys.stdout.write(f"已加注（演示）：{shown(str(args.output))}\n")
    if omitted:
        sys.stderr.write(f"提示：原件照面有 {omitted} 处未能绘出，请以内含原件为准\n")
    return DONE


def _annotate(args: argparse.Namespace, at: datetime) -> int:
    """Make the copy; gives how many things of the original could not be drawn."""
    if args.output.exists() and args.output.samefile(args.file):
        raise CannotSign("would_overwrite", str(args.output))
    if args.until <= at:
        raise CannotSign("too_late", args.until.isoformat())
    if len(args.purpose) > LONGEST_PURPOSE or len(args.user) > LONGEST_NAME:
        raise CannotSign("too_long", "--purpose" if len(args.purpose) > LONGEST_PURPOSE else "--user")
    folder: Path | None = args.authority
    names = (f"{PLATFORM}.key.pem", f"{PLATFORM}.cer", f"{PLATFORM}.esl")
    signing = read_signing(*(folder / name for name in names) if folder else (args.key, args.certificate, args.seal))
    original = read_file(args.file)
    if read_annotation(read_ofd(original).custom_items):
        raise CannotSign("annotated_twice", str(args.file))
    drawings = _drawn(original)
    pages = [PagePicture(to_png(drawing.pages[0], _DPI), drawing.pages[0].width, drawing.pages[0].height) for drawing in drawings]
    annotation = Annotation(
        args.purpose.strip(),
        args.user.strip(),
        signing.certificate.organisation,
        created_at=at,
        expires_at=args.until,
        is_demo=True,
    )
    copy = write_annotated_copy(original, annotation, pages, *read_fonts(args.font))
    replace_file(args.output, seal_ofd(copy, signing.seal, signing.key, at, boundary=seal_place(pages[0])))
    return sum(omission.count for drawing in drawings for omission in drawing.omissions)


def _drawn(original: bytes) -> list[Drawing]:
    """Draw page by page, each within limits of its own."""
    substitutes = default_substitutes()
    drawings = [draw_ofd(original, substitutes, pages={1})]
    count = drawings[0].page_count
    if count > MOST_PAGES:
        raise CannotSign("too_many_pages", str(count))
    return [*drawings, *(draw_ofd(original, substitutes, pages={number}) for number in range(2, count + 1))]


if __name__ == "__main__":
    sys.exit(main())
