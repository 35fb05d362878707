"""The party hands over an annotated copy (加注件): it is judged with the original inside, and kept as what it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from pylopdf_fonts_zh_cn import sans_path

from dev.city import people
from dev.city.authority import open_authority
from liangzheng.formats.ofd.annotated import PagePicture, seal_place, write_annotated_copy
from liangzheng.formats.ofd.annotation import Annotation
from liangzheng.formats.ofd.sealing import seal_ofd
from tests.journeys.conftest import City
from tests.journeys.phones import open_coach_act, show_and_open
from tests.verification.sealed_licence import picture


def copy_of(city: City, original: bytes, until: datetime) -> bytes:
    """The city's transport authority annotates a licence of its own."""
    now = datetime.now(UTC).replace(microsecond=0)
    authority = open_authority(city.folder / "keys", people.authorities(), now)
    signer = authority.signers["road"]
    page = PagePicture(picture(420, 296), 210, 148)
    maker = signer.certificate.organisation
    annotation = Annotation("客运检查", "张三丰", maker, created_at=now - timedelta(days=2), expires_at=until, is_demo=True)
    copy = write_annotated_copy(original, annotation, [page], sans_path().read_bytes())
    return seal_ofd(copy, authority.seals["road"], signer.key, now, boundary=seal_place(page))


def test_a_copy_is_kept_with_the_verdict_on_it_and_on_its_original(city: City) -> None:
    wang = city.phone("wang")
    act = str(open_coach_act(wang)["id"])
    show_and_open(city.address, act, wang, city.phone("li"))
    original = next((city.folder / "licences").glob("*19713D071.*300001.001.*.ofd")).read_bytes()
    now = datetime.now(UTC).replace(microsecond=0)
    tomorrow, yesterday = now + timedelta(days=1), now - timedelta(days=1)
    for until, standing, reasons in ((tomorrow, "valid", []), (yesterday, "invalid", ["annotation_expired"])):
        kept = wang.upload(f"/acts/{act}/files", "copy.ofd", copy_of(city, original, until))
        assert kept.is_success, kept.text
        assert (kept.json()["standing"], kept.json()["reasons"], kept.json()["is_demo"]) == (standing, reasons, True)
