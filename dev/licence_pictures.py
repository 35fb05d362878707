"""Makes the pictures of demo licences in the documents: one of each kind, one sealed twice, one annotated copy.

Usage: .venv/bin/python -m dev.licence_pictures
"""

from __future__ import annotations

import io
import logging
import sys
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from PIL import Image

from dev.city import people
from dev.city.authority import open_authority
from dev.city.build import build_city
from liangzheng.formats.ofd.render.pages import draw_ofd
from liangzheng.formats.ofd.render.raster import to_png
from liangzheng.formats.ofd.sealing import seal_ofd
from liangzheng.server import annotate_command
from liangzheng.server.demo_authority import make_demo_authority
from liangzheng.server.render_command import default_substitutes

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "pictures" / "licences"
TODAY = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)
SECOND_SEAL = (113.0, 102.0, 40.0, 40.0)  # mm, beside the first
_DPI, _COLOURS = 120, 96
_ANNOTATION = ("--purpose", "客运班线检查备案", "--user", "演示市交通运输综合行政执法支队（演示）")
_LASTS = timedelta(days=7)


def main() -> int:
    """Build, draw, keep."""
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for name, data in _files(Path(folder)).items():
            picture = Image.open(io.BytesIO(to_png(draw_ofd(data, default_substitutes(), pages={1}).pages[0], _DPI)))
            picture.convert("RGB").quantize(_COLOURS).save(FOLDER / f"{name}.png", optimize=True)
    return 0


def _files(folder: Path) -> Mapping[str, bytes]:
    """Give the files to be drawn by the name of their picture."""
    city = build_city(folder, TODAY)
    shown = {licence.type_id.replace("_", "-"): licence for licence in reversed(city.licences) if licence.status == "valid"}
    found = {name: city.files[licence.key].read_bytes() for name, licence in shown.items()}
    authority = open_authority(folder / "keys", people.authorities(), TODAY)
    key = authority.signers["road"].key
    found["sealed-twice"] = seal_ofd(found["vehicle-certificate"], authority.seals["road"], key, TODAY, boundary=SECOND_SEAL)
    make_demo_authority(folder / "demo", "演示", "11370600MADEM0011A", datetime.now(UTC))
    original, copy = folder / "original.ofd", folder / "copy.ofd"
    original.write_bytes(found["driver-qualification"])
    until = (datetime.now(UTC) + _LASTS).date().isoformat()
    words = [str(original), *_ANNOTATION, "--until", until, "--demo-authority", str(folder / "demo"), "-o", str(copy)]
    if annotate_command.main(words):
        raise RuntimeError("the copy was not made")
    return {**found, "annotated-copy": copy.read_bytes()}


if __name__ == "__main__":
    sys.exit(main())
