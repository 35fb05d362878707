"""SVG → PNG without a browser, by resvg (MIT). For drawings of `pages`, which bound what there is to paint."""

from __future__ import annotations

import resvg_py

from liangzheng.formats.ofd.errors import OfdError
from liangzheng.formats.ofd.render.pages import DrawnPage

MAX_PIXELS = 20_000_000  # half a second, however little is on the page
_MM_PER_INCH = 25.4


def to_png(page: DrawnPage, dpi: float = 150) -> bytes:
    """Paint a page on white. Raises OfdError `picture_too_large` beyond MAX_PIXELS."""
    width, height = (max(1, round(side / _MM_PER_INCH * dpi)) for side in (page.width, page.height))
    if width * height > MAX_PIXELS:
        raise OfdError("picture_too_large", f"{width} x {height}")
    return resvg_py.svg_to_bytes(svg_string=page.svg, width=width, dpi=dpi, background="white", skip_system_fonts=True)
