"""`liangzheng issue` and `liangzheng annotate`: a stranger issues and verifies in two commands; every failure has its code."""

from __future__ import annotations

import io
import json
import stat
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from liangzheng.crypto.sm2 import SM2PrivateKey
from liangzheng.formats.ofd.annotated import PagePicture, seal_place
from liangzheng.formats.ofd.annotation import original_of
from liangzheng.formats.ofd.face import SEAL_BOX
from liangzheng.formats.ofd.metadata import read_metadata
from liangzheng.formats.ofd.package import read_ofd
from liangzheng.formats.ofd.render.pages import draw_ofd
from liangzheng.formats.ofd.render.raster import to_png
from liangzheng.server import annotate_command, issue_command, verify_command
from tests.formats.drawn_page import ink, painted, substitutes
from tests.formats.test_ofd_fonts import made_font
from tests.verification.sealed_licence import picture

EXAMPLE = json.loads(files("liangzheng.server").joinpath("data/example-record.json").read_bytes())
PURPOSE = ["--purpose", "客运班线检查", "--user", "演示执法支队（演示）", "--until", "2199-12-31"]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a demo authority and the example licence, made by one command."""
    folder = tmp_path_factory.mktemp("issue")
    assert issue_command.main(["--make-demo-authority", str(folder / "demo"), "-o", str(folder / "licence.ofd")]) == 0
    return folder


def own_files(demo: Path, owner: str = "signer") -> list[str]:
    names = {"--key": f"{owner}.key.pem", "--certificate": f"{owner}.cer", "--seal": f"{owner}.esl"}
    return [word for option, name in names.items() for word in (option, str(demo / "demo" / name))]


def record(folder: Path, **changes: object) -> str:
    """Write the example with changes; None takes an item out."""
    facts = {name: value for name, value in (EXAMPLE | changes).items() if value is not None}
    (folder / "record.json").write_text(json.dumps(facts), "utf-8")
    return str(folder / "record.json")


def verified(path: Path, demo: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, object]]:
    capsys.readouterr()
    code = verify_command.main([str(path), "--trust", str(demo / "demo" / "trust"), "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_two_commands_make_a_licence_and_find_it_valid(demo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, report = verified(demo / "licence.ofd", demo, capsys)
    assert (code, report["standing"], report["reasons"], report["kind"]) == (0, "valid", [], "licence_ofd")
    assert verify_command.main([str(demo / "licence.ofd")]) == 2, "nobody else trusts a demo authority"


def test_every_licence_says_that_it_is_a_demo(demo: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.ofd"
    words = [record(tmp_path, notices=["盖章有效"]), *own_files(demo), "-o", str(out)]
    assert issue_command.main(words) == 0
    package = read_ofd(out.read_bytes())
    metadata = read_metadata(package.custom_items)
    assert metadata
    assert metadata.is_demo
    page = package.files["Doc_0/Pages/Page_0/Content.xml"].decode()
    for text in ("演示样本，不是真实证照", ">演示<", "本证照由演示签发工具签发，仅供演示。"):
        assert text in page


@pytest.mark.parametrize("name", ["is_demo", "LZ_IS_DEMO", "demo", "isDemo"])
def test_no_item_of_the_record_turns_the_demo_off(
    demo: Path, tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [record(tmp_path, **{name: False}), *own_files(demo), "-o", str(tmp_path / "out.ofd")]
    assert issue_command.main(words) == 3
    assert "record_field_unknown" in capsys.readouterr().err
    assert not (tmp_path / "out.ofd").exists()


def test_keys_are_the_owners_and_are_used_again(demo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = demo / "demo"
    keys = {path: path.read_bytes() for path in folder.glob("*.key.pem")}
    assert len(keys) == 4
    assert {stat.S_IMODE(path.stat().st_mode) for path in keys} == {0o600}
    out = tmp_path / "again.ofd"
    assert issue_command.main([record(tmp_path, serial="DEM0AGAIN"), "--make-demo-authority", str(folder), "-o", str(out)]) == 0
    assert {path: path.read_bytes() for path in folder.glob("*.key.pem")} == keys
    for path in (out, demo / "licence.ofd"):
        assert verified(path, demo, capsys)[0] == 0


def test_photo_font_and_rare_characters(demo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "photo.jpg").write_bytes(picture(50, 70, "JPEG"))
    words = [record(tmp_path, photo="photo.jpg", face=[["姓名", "张𠮷"]]), "--make-demo-authority", str(demo / "demo")]
    words += ["-o", str(tmp_path / "out.ofd")]
    assert issue_command.main(words) == 3
    assert "missing_glyph：U+20BB7" in capsys.readouterr().err
    (tmp_path / "rare.ttf").write_bytes(made_font("𠮷"))
    assert issue_command.main([*words, "--font", str(tmp_path / "rare.ttf")]) == 0
    assert verified(tmp_path / "out.ofd", demo, capsys)[0] == 0


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"certificateNumber": ""}, "record_field_missing：certificateNumber"),
        ({"certificateHolderName": None}, "record_field_missing：certificateHolderName"),
        ({"certificateIssuedDate": "1 March"}, "record_field_wrong：certificateIssuedDate"),
        ({"certificateExpiringDate": "2020-01-01"}, "record_field_wrong：certificateExpiringDate"),
        ({"certificateIssuingAuthorityCode": "37"}, "record_field_wrong：certificateIssuingAuthorityCode"),
        ({"serial": "不行"}, "record_field_wrong：serial"),
        ({"certificateVersion": "x"}, "record_field_wrong：serial"),
        ({"certificateIdentifier": "1.2.3"}, "record_field_wrong：certificateIdentifier"),
        ({"face": [["a"]]}, "record_field_wrong：face"),
        ({"face": {"a": "b"}}, "record_field_wrong：face"),
        ({"notices": "x"}, "record_field_wrong：notices"),
        ({"extendInfo": {"a": 1}}, "record_field_wrong：extendInfo"),
        ({"status": {"uri": "x", "index": -1}}, "record_field_wrong：status"),
        ({"status": {"url": "x"}}, "record_field_wrong：status"),
        ({"photo": "missing.png"}, "file_missing"),
        ({"photo": "record.json"}, "bad_picture"),
        ({"face": [["a\u202e", "b"]]}, "unprintable"),
        ({"face": [["项", "字" * 3000]]}, "face_full"),
        ({"certificateIssuingAuthorityCode": "11370600MADEM0099X"}, "issuer_differs"),
    ],
)
def test_what_makes_no_licence_gives_three_and_a_reason(
    demo: Path, tmp_path: Path, changes: dict[str, object], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.ofd"
    assert issue_command.main([record(tmp_path, **changes), *own_files(demo), "-o", str(out)]) == 3
    err = capsys.readouterr().err
    assert reason in err
    assert len(err.splitlines()) == 1
    assert not out.exists()


@pytest.mark.parametrize(
    ("option", "content", "reason"),
    [
        ("--key", b"x", "key_unreadable"),
        ("--key", None, "file_missing"),
        ("--key", SM2PrivateKey.generate().to_pem(), "key_does_not_fit"),
        ("--certificate", b"x", "certificate_unreadable"),
        ("--seal", b"x", "seal_unreadable"),
        ("-o", None, "file_not_written"),
    ],
)
def test_files_that_do_not_serve_give_three_and_a_reason(
    demo: Path, tmp_path: Path, option: str, content: bytes | None, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / "bad" / "file"
    if content is not None:
        bad.parent.mkdir()
        bad.write_bytes(content)
    words = [record(tmp_path), *own_files(demo), "-o", str(tmp_path / "out.ofd")]
    words[words.index(option) + 1] = str(bad)
    assert issue_command.main(words) == 3
    assert reason in capsys.readouterr().err


@pytest.mark.parametrize("content", [b"", b"[]", b'{"a": 1, "a": 2}', b"\xff", b'{"certificateName": 1.5}'])
def test_a_record_that_is_none_gives_three(
    demo: Path, tmp_path: Path, content: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "record.json").write_bytes(content)
    words = [str(tmp_path / "record.json"), *own_files(demo), "-o", str(tmp_path / "out.ofd")]
    assert issue_command.main(words) == 3
    assert "record_unreadable" in capsys.readouterr().err


def test_an_annotated_copy_is_made_and_found_valid_and_told_apart(
    demo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "copy.ofd"
    licence = demo / "licence.ofd"
    assert annotate_command.main([str(licence), *PURPOSE, "--demo-authority", str(demo / "demo"), "-o", str(out)]) == 0
    assert original_of(read_ofd(out.read_bytes())) == licence.read_bytes()
    code, report = verified(out, demo, capsys)
    assert (code, report["kind"], report["standing"]) == (0, "annotated_copy", "valid")
    annotation, inner = report["annotation"], report["inner"]
    assert isinstance(annotation, dict)
    assert isinstance(inner, dict)
    assert (annotation["purpose"], annotation["is_demo"]) == ("客运班线检查", True)
    assert (inner["kind"], inner["standing"], inner["metadata"]["is_demo"]) == ("licence_ofd", "valid", True)


def pale_red(picture: Image.Image) -> int:
    """Pixels of the face as the slanting words have them."""
    face = picture.crop((0, picture.width // 6, picture.width, picture.width // 2)).tobytes()
    return sum(red - green > 15 and red > 225 for red, green in zip(face[::3], face[1::3], strict=True))


def test_a_copy_shows_the_face_the_purpose_and_both_seals(demo: Path, tmp_path: Path) -> None:
    out = tmp_path / "copy.ofd"
    assert (
        annotate_command.main([str(demo / "licence.ofd"), *PURPOSE, "--demo-authority", str(demo / "demo"), "-o", str(out)]) == 0
    )
    drawing = draw_ofd(out.read_bytes(), substitutes())
    assert (drawing.omissions, drawing.substituted, drawing.page_count) == ((), 0, 1)
    picture = painted(drawing.pages[0])
    assert ink(picture, SEAL_BOX, "red") > 0.02
    assert ink(picture, seal_place(PagePicture(b"", 210, 148)), "red") > 0.02
    assert ink(picture, (8, 149, 100, 20)) > 0.005
    plain = draw_ofd((demo / "licence.ofd").read_bytes(), substitutes())
    assert pale_red(picture) > pale_red(painted(plain.pages[0])) + 2000
    (code,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(to_png(drawing.pages[0], 150))))
    assert code.text.startswith("1.2.156.3005.2.")


def test_people_are_told_of_both(demo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "copy.ofd"
    annotate_command.main([str(demo / "licence.ofd"), *PURPOSE, "--demo-authority", str(demo / "demo"), "-o", str(out)])
    for words, texts in (
        (
            [],
            ("加注：客运班线检查（演示）　使用人 演示执法支队（演示）", "内含证照原件：", "  证照：道路运输经营许可证", "  14. "),
        ),
        (["--explain"], ("内含证照原件无法确认", "内含证照原件：", "  结论：无法确认")),
        (["--lang", "en"], ("Annotated: 客运班线检查", "Original inside:", "  Result: ")),
    ):
        capsys.readouterr()
        assert verify_command.main([str(out), *words]) == 2
        told = capsys.readouterr().out
        for text in texts:
            assert text in told


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"--until": "2020-01-01"}, "too_late"),
        ({"--purpose": "用" * 201}, "too_long：--purpose"),
        ({"--user": "人" * 81}, "too_long：--user"),
        ({"--user": "张𠮷"}, "missing_glyph：U+20BB7"),
        ({"FILE": b"%PDF-1.7"}, "not_a_zip"),
        ({"FILE": b""}, "not_a_zip"),
        ({"--demo-authority": "nowhere"}, "file_missing"),
    ],
)
def test_what_cannot_be_annotated_gives_three_and_a_reason(
    demo: Path, tmp_path: Path, changes: dict[str, str | bytes], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    licence = tmp_path / "licence.ofd"
    licence.write_bytes((demo / "licence.ofd").read_bytes())
    words = [str(licence), *PURPOSE, "--demo-authority", str(demo / "demo"), "-o", str(tmp_path / "copy.ofd")]
    for option, value in changes.items():
        if isinstance(value, bytes):
            licence.write_bytes(value)
        else:
            words[words.index(option) + 1] = value
    assert annotate_command.main(words) == 3
    assert reason in capsys.readouterr().err
    assert not (tmp_path / "copy.ofd").exists()


def test_a_copy_is_not_annotated_and_an_original_not_overwritten(
    demo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    authority = ["--demo-authority", str(demo / "demo")]
    licence, copy = tmp_path / "licence.ofd", tmp_path / "copy.ofd"
    licence.write_bytes((demo / "licence.ofd").read_bytes())
    assert annotate_command.main([str(licence), *PURPOSE, *authority, "-o", str(copy)]) == 0
    assert annotate_command.main([str(copy), *PURPOSE, *authority, "-o", str(tmp_path / "second.ofd")]) == 3
    assert "annotated_twice" in capsys.readouterr().err
    assert annotate_command.main([str(licence), *PURPOSE, *authority, "-o", str(licence)]) == 3
    assert "would_overwrite" in capsys.readouterr().err
    assert licence.read_bytes() == (demo / "licence.ofd").read_bytes()


@pytest.mark.parametrize("words", [[], ["record.json", "-o", "x"], ["-o", "x", "--key", "k", "--make-demo-authority", "f"]])
def test_a_wrong_call_to_issue_gives_sixty_four(words: list[str]) -> None:
    with pytest.raises(SystemExit, match="64"):
        issue_command.main(words)


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["x.ofd", *PURPOSE, "-o", "x"],
        ["x.ofd", *PURPOSE[:-1], "soon", "-o", "x"],
        ["x.ofd", *PURPOSE[:-1], "9999-12-31T23:59:59-12:00", "-o", "x"],
    ],
)
def test_a_wrong_call_to_annotate_gives_sixty_four(words: list[str]) -> None:
    with pytest.raises(SystemExit, match="64"):
        annotate_command.main(words)


def test_django_is_not_needed() -> None:
    code = (
        "import sys; import liangzheng.server.issue_command, liangzheng.server.annotate_command;"
        "sys.exit('django' in sys.modules or 'psycopg' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
