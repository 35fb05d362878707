"""The demo city is complete, fictional, consistent, and each of its files is judged as it should be."""

from __future__ import annotations

import io
import json
import stat
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zipfile import ZipFile

import pytest
import zxingcpp
from PIL import Image

from dev.city import pictures
from dev.city.authority import STATUS_URI, Identity, open_authority, replace_file
from dev.city.build import City, build_city
from dev.city.files import metadata
from dev.city.licences import licences
from dev.city.people import authorities, status_publisher
from liangzheng.catalogue.read import catalogue, subjects
from liangzheng.crypto.certificates import Subject, issue_certificate
from liangzheng.formats.identifiers import CitizenId, Uscc, read_citizen_id, read_licence_identifier, read_plate, read_uscc
from liangzheng.formats.ofd.errors import OfdError
from liangzheng.formats.status_list import Publication, encode_status_list
from liangzheng.server.verify_command import main, read_trust
from liangzheng.verification import licence_checks
from liangzheng.verification.file_checks import TrustMaterial, judge_licence_file
from liangzheng.verification.verdict import Standing

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
EXPECTED = {  # every licence that is not simply valid
    "haiyun-permit-old": "superseded",
    "haiyun-coach-expired": "expired",
    "ma-driver": "revoked",
    "xu-driver": "not_yet_effective",
    "hengtu-permit": "withdrawn",
    "shunda-truck-suspended": "suspended",
    "luo-driver": "transferred_out",
    "tang-driver": "expired",
    "zheng-guide": "suspended",
    "gao-guide": "lost",
    "yunxi-business": "cancelled",
    "yunxi-venue": "expired",
    "zhou-badge": "expired",
    "feng-badge": "suspended",
}


def trust(city: City) -> TrustMaterial:
    return read_trust([city.trust])


def values(city: City, key: str) -> dict[str, str]:
    licence = next(item for item in city.licences if item.key == key)
    core = {"holder_name": licence.holder.name, "holder_code": licence.holder.code, "number": licence.number}
    return {**licence.face, **core}


def test_it_is_large_enough(city: City) -> None:
    assert len(city.licences) >= 24
    assert {licence.type_id for licence in city.licences} == {item.id for item in catalogue().licence_types}
    valid = [officer for officer in city.officers if officer.certificate and officer.certificate.status == "valid"]
    assert len(valid) >= 4
    assert {officer.agency for officer in city.officers} == {agency.key for agency in city.agencies} == {"transport", "culture"}
    assert [officer.username for officer in city.officers if officer.role == "auxiliary"] == ["qian"]
    kinds = Counter(holder.kind for holder in city.holders)
    assert kinds["person"] >= 4
    assert kinds["organisation"] >= 4


def test_the_log_ins_of_the_demo(city: City) -> None:
    assert [officer.username for officer in city.officers] == ["wang", "li", "zhou", "qian", "zhao", "sun", "feng"]
    assert [holder.username for holder in city.holders if holder.username] == [
        "zhang",
        "liu",
        "chen",
        "ma",
        "haiyun",
        "xinglan",
        "shunda",
        "lvtu",
    ]


def test_officer_certificates(city: City) -> None:
    certificates = {officer.username: officer.certificate for officer in city.officers}
    assert certificates["qian"] is None
    assert certificates["zhou"] is not None
    assert certificates["zhou"].valid_to < NOW.date()
    assert certificates["feng"] is not None
    assert certificates["feng"].status == "suspended"
    found = [certificate for certificate in certificates.values() if certificate]
    assert len({certificate.number for certificate in found}) == len(found)
    assert all(len(certificate.number) == 11 for certificate in found)


def test_every_code_is_right_and_belongs_to_nobody(city: City) -> None:
    read: list[Uscc | CitizenId] = [read_uscc(item.uscc) for item in city.agencies]
    read += [read_uscc(item.uscc) for item in (*city.authorities, status_publisher())]
    read += [(read_citizen_id if item.kind == "person" else read_uscc)(item.code) for item in city.holders]
    assert all(code.warnings == () for code in read)
    assert {code.region[:4] for code in read} == {"3799"}
    assert len({code.text for code in read}) == len(read)
    for holder in city.holders:
        if holder.kind == "person":
            citizen = read_citizen_id(holder.code)
            assert (citizen.born, citizen.sex.value) == (holder.born, "male" if holder.sex == "男" else "female")


def test_every_licence_identifier_is_right_and_unique(city: City) -> None:
    read = [read_licence_identifier(licence.identifier) for licence in city.licences]
    assert all(item.warnings == () for item in read)
    assert len({item.text for item in read}) == len(read)
    assert [item.type_code for item in read] == [licence.type_code for licence in city.licences]


def test_faces_have_the_fields_of_their_type_and_no_other(city: City) -> None:
    fields = {item.id: {field.name for field in item.face_fields} for item in catalogue().licence_types}
    for licence in city.licences:
        assert set(licence.face) == fields[licence.type_id], licence.key
        assert all(licence.face.values()), licence.key


def test_plates_have_the_form_of_plates(city: City) -> None:
    plates = [licence.face["KZ_CLHP"] for licence in city.licences if "KZ_CLHP" in licence.face]
    assert len(plates) == len(set(plates)) == 4
    assert {read_plate(plate).kind for plate in plates} == {"ordinary"}


def test_each_file_is_judged_as_expected(city: City) -> None:
    for licence in city.licences:
        verdict = judge_licence_file(city.files[licence.key].read_bytes(), trust(city), NOW).verdict
        expected = EXPECTED.get(licence.key)
        assert verdict.standing is (Standing.INVALID if expected else Standing.VALID), licence.key
        assert verdict.reasons == ((expected,) if expected else ()), licence.key


def test_files_carry_their_record_and_the_demo_mark(city: City) -> None:
    for licence in city.licences:
        data = city.files[licence.key].read_bytes()
        report = judge_licence_file(data, trust(city), NOW)
        assert report.metadata == metadata(licence)
        assert report.metadata is not None
        assert report.metadata.is_demo
        assert report.seals[0].organisation_code == licence.authority.uscc
        assert city.files[licence.key].name == f"{licence.identifier}.ofd"
        page = ZipFile(io.BytesIO(data)).read("Doc_0/Pages/Page_0/Content.xml").decode()
        assert "演示" in page


def test_the_verify_command_gives_each_licence_its_standing(city: City, capsys: pytest.CaptureFixture[str]) -> None:
    keys = {str(path): key for key, path in city.files.items()}
    assert main([*keys, "--trust", str(city.trust), "--at", NOW.isoformat(), "--json"]) == 1
    reports = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    found = {keys[report["file"]]: (report["standing"], report["reasons"]) for report in reports}
    reasons = {licence.key: EXPECTED.get(licence.key) for licence in city.licences}
    assert found == {key: ("invalid", [reason]) if reason else ("valid", []) for key, reason in reasons.items()}


def all_valid(signer: Identity) -> bytes:
    """A status list of the city's address, newer than its own, that clears every licence."""
    publication = Publication(STATUS_URI, NOW, NOW + timedelta(days=1))
    return encode_status_list({}, size=64, publication=publication, key=signer.key, chain=(signer.certificate,))


def test_another_seal_holder_cannot_clear_a_revoked_licence(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = open_authority(city.trust.parent / "keys", authorities(), NOW)
    data, full = city.files["ma-driver"].read_bytes(), trust(city)
    for key in ("market", "justice", "road"):  # road issued it, but the licence names the status service
        forged = all_valid(authority.signers[key])
        both = judge_licence_file(data, replace(full, status_tokens=(forged, *full.status_tokens)), NOW).verdict
        assert (both.standing, both.reasons) == (Standing.INVALID, ("revoked",))
        alone = judge_licence_file(data, replace(full, status_tokens=(forged,)), NOW).verdict
        assert (alone.standing, alone.reasons) == (Standing.CANNOT_CONFIRM, ("status_unknown",))
        assert alone.checks[-1].detail == "signer_does_not_fit"
        with monkeypatch.context() as without:  # control: the rule alone stands between this list and "valid"
            without.setattr(licence_checks, "_may_speak", lambda _signer, _metadata: True)
            fooled = judge_licence_file(data, replace(full, status_tokens=(forged, *full.status_tokens)), NOW).verdict
            assert fooled.standing is Standing.VALID
    honest = judge_licence_file(data, replace(full, status_tokens=(all_valid(authority.status), *full.status_tokens)), NOW)
    assert honest.verdict.standing is Standing.VALID  # control: the status service itself may take a revocation back


def test_root_alone_or_no_trust_cannot_confirm(city: City) -> None:
    data = city.files["haiyun-permit"].read_bytes()
    full = trust(city)
    for less in (replace(full, status_tokens=()), replace(full, crls=()), TrustMaterial(roots=full.roots), TrustMaterial()):
        assert judge_licence_file(data, less, NOW).verdict.standing is Standing.CANNOT_CONFIRM


def test_a_changed_file_is_found_out(city: City) -> None:
    data = city.files["haiyun-permit"].read_bytes()
    source = ZipFile(io.BytesIO(data))
    for name in source.namelist():
        changed = io.BytesIO()
        with ZipFile(changed, "w") as target:
            for entry in source.namelist():
                content = source.read(entry)
                target.writestr(entry, content[:-9] + bytes([content[-9] ^ 1]) + content[-8:] if entry == name else content)
        try:
            assert judge_licence_file(changed.getvalue(), trust(city), NOW).verdict.standing is Standing.INVALID, name
        except OfdError:
            continue  # no longer readable: as good


def test_the_successor_names_what_it_replaced(city: City) -> None:
    by_key = {licence.key: licence for licence in city.licences}
    new = by_key["haiyun-permit"]
    assert new.supersedes == "haiyun-permit-old"
    assert (by_key[new.supersedes].version, new.version) == ("001", "002")
    assert by_key[new.supersedes].number == new.number


@pytest.mark.parametrize(
    ("subject", "scanned", "asks"),
    [
        (
            "coach",
            {"operator_permit": "haiyun-permit", "vehicle_certificate": "haiyun-coach", "driver_qualification": "zhang-driver"},
            {"plate": "鲁F0D101"},
        ),
        (
            "freight_vehicle",
            {"operator_permit": "shunda-permit", "vehicle_certificate": "shunda-truck", "driver_qualification": "liu-driver"},
            {"plate": "鲁F0D201", "total_mass_kg": "18000", "cargo": "普通货物"},
        ),
        ("guide", {"guide_certificate": "chen-guide", "agency_licence": "lvtu-business"}, {"agency_name": "旅途旅行社"}),
        ("entertainment_venue", {"business_licence": "xinglan-business", "entertainment_permit": "xinglan-venue"}, {}),
    ],
)
def test_every_journey_has_its_licences_and_they_agree(
    city: City, subject: str, scanned: dict[str, str], asks: dict[str, str]
) -> None:
    described = subjects()[subject]
    assert set(scanned) == {requirement.id for requirement in described.requirements}
    types = {licence.key: licence.type_id for licence in city.licences}
    assert {item.id: item.licence_type for item in described.requirements} == {name: types[key] for name, key in scanned.items()}
    results = described.compare({name: values(city, key) for name, key in scanned.items()}, asks)
    assert {result.result for result in results} == {"pass"}


def test_a_driver_may_show_his_operators_licences(city: City) -> None:
    assert {(item.organisation, item.person) for item in city.delegations} == {
        ("haiyun", "zhang"),
        ("shunda", "liu"),
        ("lvtu", "chen"),
    }
    assert all(item.valid_from < NOW < item.valid_to for item in city.delegations)


def test_keys_are_for_their_owner_only(city: City) -> None:
    keys = city.trust.parent / "keys"
    assert stat.S_IMODE(keys.stat().st_mode) == 0o700
    found = list(keys.glob("*.key.pem"))
    assert len(found) == 8
    assert {stat.S_IMODE(path.stat().st_mode) for path in found} == {0o600}
    assert not list(city.trust.glob("*key*"))


def test_keys_are_used_again_and_a_lost_one_is_made_anew(tmp_path: Path) -> None:
    first = open_authority(tmp_path, authorities()[:1], NOW)
    second = open_authority(tmp_path, authorities()[:1], NOW + timedelta(days=3))
    assert second.root.certificate.der == first.root.certificate.der
    assert second.signers["road"].certificate.der == first.signers["road"].certificate.der
    (tmp_path / "road.key.pem").unlink()
    third = open_authority(tmp_path, authorities()[:1], NOW)
    assert third.signers["road"].certificate.der != first.signers["road"].certificate.der
    (tmp_path / "root.key.pem").unlink()  # what a lost root had issued is issued again by the new one
    fourth = open_authority(tmp_path, authorities()[:1], NOW)
    assert fourth.signers["road"].certificate.is_signed_by(fourth.root.certificate.public_key)


def test_a_certificate_of_earlier_words_is_issued_again(tmp_path: Path) -> None:
    first = open_authority(tmp_path, authorities()[:1], NOW)
    assert first.status.certificate.organisation_code == status_publisher().uscc
    nameless = issue_certificate(
        Subject(status_publisher().name),
        first.status.key.public_key,
        issuer=first.root.certificate,
        issuer_key=first.root.key,
        validity=(NOW, NOW + timedelta(days=1)),
    )
    (tmp_path / "status.cer").write_bytes(nameless)
    second = open_authority(tmp_path, authorities()[:1], NOW)
    assert second.status.certificate.organisation_code == status_publisher().uscc
    assert second.status.certificate.public_key == first.status.certificate.public_key


def test_a_write_that_was_cut_off_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / ".key.pem.part").write_bytes(b"half")
    replace_file(tmp_path / "key.pem", b"whole", mode=0o600)
    assert [path.name for path in tmp_path.iterdir()] == ["key.pem"]
    assert (tmp_path / "key.pem").read_bytes() == b"whole"


def test_rows_depend_on_the_day_in_china_alone(city: City) -> None:
    assert licences(date(2026, 11, 22)) == city.licences
    assert licences(date(2026, 11, 22)) != licences(date(2026, 11, 23))


def test_a_moment_without_time_zone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="time zone"):
        build_city(tmp_path, datetime(2026, 11, 22))  # noqa: DTZ001 - that is the point
    assert not list(tmp_path.iterdir())


def test_faces_are_drawn_and_differ(city: City) -> None:
    faces = {key: path.read_bytes() for key, path in city.photos.items()}
    assert set(faces) == {holder.key for holder in city.holders if holder.kind == "person"}
    assert {officer.photo for officer in city.officers} <= set(city.photos.values())
    with Image.open(io.BytesIO(faces["zhang"])) as picture:
        assert picture.size == pictures.PHOTO
    assert pictures.face("张三丰", female=False) == faces["zhang"] != faces["liu"]


def test_the_code_on_the_face_is_the_identifier(city: City) -> None:
    identifier = city.licences[0].identifier
    with Image.open(io.BytesIO(pictures.code(identifier))) as picture:
        assert [found.text for found in zxingcpp.read_barcodes(picture)] == [identifier]


def test_the_seal_is_mostly_clear_and_square() -> None:
    with Image.open(io.BytesIO(pictures.seal(("烟台市文化和旅游局", "电子印章样式")))) as picture:
        assert (picture.size, picture.mode) == ((pictures.SEAL, pictures.SEAL), "RGBA")
        alpha = picture.getchannel("A").histogram()
    assert alpha[0] > sum(alpha) * 0.6
