"""Reads the one QR code of a picture, in a process of its own.

Decoding and searching happen in C: nothing inside Python can interrupt them, and small pictures exist that keep them busy for
hours. The system ends the process when its processor time is used up.
"""

from __future__ import annotations

import io
import json
import os
import resource
import signal
import warnings
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from liangzheng.formats.unreadable import UnreadableFile

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_PIXELS = 24_000_000
SECONDS = 0.75
"""Of processor time. A photograph of twelve million pixels takes a quarter of it."""
MAX_BYTES = 2**30
"""Of address space, beyond what the process had before."""
_FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP")


def code_in(picture: bytes) -> str:
    """Give the text of the one code.

    Raises UnreadableFile: no_code_in_picture, several_codes_in_picture, picture_too_large, took_too_long, took_too_much,
    reader_stopped.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        _answer(picture, writing)
    os.close(writing)
    try:
        with open(reading, "rb") as answer:  # noqa: PTH123 - a pipe
            told = answer.read()
    except BaseException:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        raise
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        raise UnreadableFile("took_too_long" if os.WTERMSIG(status) == signal.SIGPROF else "reader_stopped")
    found: dict[str, str] = json.loads(told)
    if "reason" in found:
        raise UnreadableFile(found["reason"])
    return found["text"]


def _answer(picture: bytes, writing: int) -> NoReturn:
    """Write what was found and end the process."""
    signal.signal(signal.SIGALRM, signal.SIG_IGN)
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    with suppress(ValueError, OSError):  # not every system has it
        resource.setrlimit(resource.RLIMIT_AS, (_own_size() + MAX_BYTES, resource.getrlimit(resource.RLIMIT_AS)[1]))
    try:
        told = {"text": _read(picture)}
    except UnreadableFile as error:
        told = {"reason": error.reason}
    except MemoryError:
        told = {"reason": "took_too_much"}
    except BaseException:  # noqa: BLE001 - whatever it was, the parent must not go on as a second parent
        told = {"reason": "no_code_in_picture"}
    os.write(writing, json.dumps(told).encode())
    os._exit(0)


def _own_size() -> int:
    """Give the bytes of address space of this process, 0 where the system does not say."""
    try:
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def _read(picture: bytes) -> str:
    import zxingcpp
    from PIL import Image

    warnings.simplefilter("ignore")  # about sizes, which are judged here
    Image.MAX_IMAGE_PIXELS = None
    try:
        with Image.open(io.BytesIO(picture), formats=_FORMATS) as image:
            grey = _grey(image)
    except UnreadableFile:
        raise
    except (OSError, ValueError, SyntaxError) as error:
        raise UnreadableFile("no_code_in_picture") from error
    kinds = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    texts = sorted({code.text for code in zxingcpp.read_barcodes(grey, formats=kinds)})
    if len(texts) != 1:
        raise UnreadableFile("several_codes_in_picture" if texts else "no_code_in_picture")
    return texts[0]


def _grey(image: Image) -> Image:
    """Give the picture in shades of grey, on white where it lets through. Raises UnreadableFile `picture_too_large`."""
    if image.width * image.height > MAX_PIXELS:
        raise UnreadableFile("picture_too_large", f"{image.width} x {image.height}")
    if image.mode in {"1", "L", "RGB"}:
        return image.convert("L")
    from PIL.Image import alpha_composite, new

    whole = image.convert("RGBA")
    return alpha_composite(new("RGBA", whole.size, "white"), whole).convert("L")
