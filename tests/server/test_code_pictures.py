"""Pictures of codes: one code is read, none and several are told; what keeps the reader busy is ended by the system."""

from __future__ import annotations

import io
import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from PIL import Image

from liangzheng.codes.signed import make_code
from liangzheng.crypto.sm2 import SM2PrivateKey
from liangzheng.formats.unreadable import UnreadableFile
from liangzheng.server import code_pictures
from liangzheng.server.code_pictures import code_in
from liangzheng.server.verify_command import main
from liangzheng.server.verify_many import Limits, judge_file
from liangzheng.verification.signer_checks import TrustMaterial
from tests.hostile.drawings import jpeg, png
from tests.hostile.encodings import finders, picture_of
from tests.verification.sealed_licence import NOW

CODE_ID = UUID("01968f00-0000-7000-8000-000000000001")


def reason(picture: bytes) -> str:
    with pytest.raises(UnreadableFile) as caught:
        code_in(picture)
    return caught.value.reason


def children() -> set[str]:
    """Processes that this one has started and not yet seen to the end."""
    return set(Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii").split())


@pytest.fixture(autouse=True)
def before() -> Iterator[set[str]]:
    """What ran before; nothing more may run afterwards."""
    before = children()
    yield before
    assert children() <= before


def otherwise(picture: bytes, kind: str, mode: str = "L") -> bytes:
    """The same picture in another format."""
    written = io.BytesIO()
    with Image.open(io.BytesIO(picture)) as image:
        image.convert(mode).save(written, kind)
    return written.getvalue()


FORMATS = [("PNG", "L"), ("PNG", "1"), ("JPEG", "RGB"), ("GIF", "P"), ("WEBP", "RGB"), ("BMP", "L")]


@pytest.mark.parametrize(("kind", "mode"), FORMATS)
def test_one_code_is_read_from_every_format(kind: str, mode: str) -> None:
    assert code_in(otherwise(picture_of("LZ1:一个码"), kind, mode)) == "LZ1:一个码"


def test_a_code_on_a_ground_that_lets_through_is_read_as_on_paper() -> None:
    with Image.open(io.BytesIO(picture_of("HELLO"))) as image:
        ink = Image.new("RGBA", image.size, (0, 0, 0, 0))
        ink.putalpha(image.point(lambda value: 255 - value))
    written = io.BytesIO()
    ink.save(written, "PNG")
    assert code_in(written.getvalue()) == "HELLO"


def test_none_and_several_are_told_and_the_same_twice_is_one() -> None:
    assert reason(picture_of()) == "no_code_in_picture"
    assert reason(picture_of("one", "two")) == "several_codes_in_picture"
    assert code_in(picture_of("one", "one")) == "one"


@pytest.mark.parametrize("data", [b"\x89PNG\r\n\x1a\n", png(50, 50)[:60], b"GIF89a", b"RIFF0000WEBP", b"\xff\xd8\xff\xe0", b"BM"])
def test_what_is_no_picture_holds_no_code(data: bytes) -> None:
    assert reason(data) == "no_code_in_picture"


def test_a_picture_too_large_is_not_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    assert reason(png(20_000, 20_000, 1, 0)) == "picture_too_large"
    assert reason(jpeg(7_000, 7_000)) == "picture_too_large"
    monkeypatch.setattr(code_pictures, "MAX_PIXELS", 50_000_000)
    assert reason(jpeg(7_000, 7_000)) == "no_code_in_picture", "the control: without the limit it is decoded"


def test_a_search_without_end_is_ended_by_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing in Python could: the search holds no bytecode between which a signal is served."""
    busy = finders(2_700, 2_700)
    monkeypatch.setattr(code_pictures, "SECONDS", 0.2)
    assert reason(busy) == "took_too_long"
    monkeypatch.setattr(code_pictures, "SECONDS", 600)
    assert reason(finders(200, 200)) == "no_code_in_picture", "the control: a small one of the kind comes to an end"


def test_memory_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(code_pictures, "SECONDS", 600)
    large = png(6_000, 3_900)
    assert reason(large) == "no_code_in_picture"
    monkeypatch.setattr(code_pictures, "MAX_BYTES", 64 * 2**20)
    assert reason(large) == "took_too_much"


def test_a_reader_that_dies_is_told(before: set[str]) -> None:
    """Killed from outside, as by a system that runs out of memory."""

    def kill() -> None:
        while not (mine := children() - before):
            time.sleep(0.005)
        os.kill(int(mine.pop()), signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    assert reason(finders(2_700, 2_700)) == "reader_stopped"
    killer.join()


def test_the_time_limit_of_the_whole_file_ends_the_search_too(tmp_path: Path) -> None:
    path = tmp_path / "code.png"
    path.write_bytes(finders(2_700, 2_700))
    outcome = judge_file(path, None, TrustMaterial(), NOW, Limits(seconds=0.2))
    assert isinstance(outcome, UnreadableFile)
    assert outcome.reason == "took_too_long"


def test_the_command_judges_the_code_of_a_picture(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = make_code("holder", CODE_ID, NOW - timedelta(seconds=10), 60, SM2PrivateKey.generate())
    for name, texts in {"one.png": (code.holder_text(),), "none.png": (), "two.png": (code.holder_text(), "LZ1:OTHER")}.items():
        (tmp_path / name).write_bytes(picture_of(*texts))
    exits = {name: main([str(tmp_path / name), "--at", NOW.isoformat(), "--json"]) for name in ("one.png", "none.png", "two.png")}
    one, none, two = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert exits == {"one.png": 2, "none.png": 3, "two.png": 3}
    assert (one["kind"], one["reasons"][0]) == ("code", "issuer_unknown"), "its key is in no list that is trusted here"
    assert [report["checks"][0]["detail"] for report in (none, two)] == ["no_code_in_picture", "several_codes_in_picture"]
    assert main([str(tmp_path / "two.png")]) == 3
    assert "几个不同的二维码" in capsys.readouterr().out
    assert main([str(tmp_path / "two.png"), "--lang", "en"]) == 3
    assert "several codes" in capsys.readouterr().out
