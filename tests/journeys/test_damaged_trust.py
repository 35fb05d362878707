"""A damaged file in the trust folder: nothing is judged with the rest of it, nothing is used up, and mending it is enough."""

from __future__ import annotations

from tests.journeys.conftest import City
from tests.journeys.phones import open_coach_act, show_and_open


def test_a_scan_waits_for_the_trust_folder_to_be_mended(city: City) -> None:
    wang = city.phone("wang")
    act = str(open_coach_act(wang)["id"])
    show_and_open(city.address, act, wang, city.phone("li"))
    text = city.phone("zhang").code_for("道路运输从业人员从业资格证")["text"]
    licence = next((city.folder / "licences").glob("*.ofd")).read_bytes()
    damaged = city.folder / "trust" / "more.crl"
    damaged.write_bytes(b"-----BEGIN X509 CRL-----\nMIIB")
    try:
        scan = {"code": text, "method": "camera"}
        assert wang.problem("POST", f"/acts/{act}/scans", scan) == (503, "trust_damaged")
        refused = wang.upload(f"/acts/{act}/files", "licence.ofd", licence)
        assert (refused.status_code, refused.json()["code"]) == (503, "trust_damaged")
        assert wang.get(f"/acts/{act}")["scans"] == wang.get(f"/acts/{act}")["exhibits"] == []
    finally:
        damaged.unlink()
    assert wang.scan(act, text)["verdict"]["standing"] == "valid"
