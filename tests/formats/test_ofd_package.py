"""An OFD read without trust: where things stand in it, and what is refused because two readers could see two documents."""

from __future__ import annotations

import pytest

from liangzheng.formats.ofd.archive import pack
from liangzheng.formats.ofd.errors import OfdError
from liangzheng.formats.ofd.package import OfdPackage, Reference, read_ofd, resolve

NEW, OLD = "http://www.ofdspec.org/2016", "http://www.ofdspec.org"
BODY = "<o:DocBody><o:DocInfo><o:Title>甲</o:Title>{info}</o:DocInfo><o:DocRoot>Doc_0/Document.xml</o:DocRoot>{more}</o:DocBody>"
INDEX = "Doc_0/Signs/Signatures.xml"
SIGNED = "<o:Signatures>Doc_0/Signs/Signatures.xml</o:Signatures>"


def entry(*, info: str = "", more: str = "", namespace: str = NEW, before: str = "", body: str = BODY) -> bytes:
    inside = body.format(info=info, more=more)
    return f'{before}<o:OFD xmlns:o="{namespace}" Version="1.0" DocType="OFD">{inside}</o:OFD>'.encode()


def read(main: bytes, **files: bytes) -> OfdPackage:
    return read_ofd(pack({"OFD.xml": main, **files}))


def reason_of(main: bytes, files: dict[str, bytes] | None = None) -> str:
    with pytest.raises(OfdError) as caught:
        read_ofd(pack({"OFD.xml": main, **(files or {})}))
    return caught.value.reason


@pytest.mark.parametrize("namespace", [NEW, OLD])
@pytest.mark.parametrize(("group", "item", "name"), [
    ("CustomDatas", "CustomData", "Name"),
    ("CuslomDatas", "CuslomData", "Name"),
    ("customdatas", "CUSTOMDATA", "name"),
])  # fmt: skip
def test_custom_items_are_read_in_every_spelling(namespace: str, group: str, item: str, name: str) -> None:
    info = f'<o:{group}><o:{item} {name}="ZZBS"> 1 </o:{item}><o:{item} {name}="KZ_A">乙</o:{item}></o:{group}>'
    package = read(entry(info=info, namespace=namespace))
    assert package.custom_items == (("ZZBS", "1"), ("KZ_A", "乙"))
    assert (package.titles, package.document_roots) == (("甲",), ("Doc_0/Document.xml",))


def test_items_of_a_foreign_namespace_are_not_metadata() -> None:
    info = '<x:CustomDatas xmlns:x="urn:x"><x:CustomData Name="ZZBS">1</x:CustomData></x:CustomDatas>'
    assert read(entry(info=info)).custom_items == ()


def signature(references: str = "", value: str = "<o:SignedValue>SignedValue.dat</o:SignedValue>") -> bytes:
    return (
        f'<o:Signature xmlns:o="{OLD}"><o:SignedInfo><o:Provider ProviderName="p"/><o:SignatureMethod>m</o:SignatureMethod>'
        f"<o:SignatureDateTime>t</o:SignatureDateTime>{references}<o:Seal><o:BaseLoc>Seal.esl</o:BaseLoc></o:Seal></o:SignedInfo>"
        f"{value}</o:Signature>"
    ).encode()


def test_a_signature_is_described_with_paths_from_the_root() -> None:
    index = f'<s:Signatures xmlns:s="{NEW}"><s:Signature ID="7" Type="Seal" BaseLoc="Sign_0/Signature.xml"/></s:Signatures>'
    references = (
        '<o:References CheckMethod="SM3"><o:Reference FileRef="/OFD.xml"><o:CheckValue>AA==</o:CheckValue></o:Reference>'
        '<o:Reference FileRef="../../Document.xml"><o:CheckValue>BB==</o:CheckValue></o:Reference></o:References>'
    )
    files = {INDEX: index.encode(), "Doc_0/Signs/Sign_0/Signature.xml": signature(references)}
    (found,) = read(entry(more=SIGNED), **files).signatures
    assert (found.id, found.kind, found.provider, found.method, found.date_time) == ("7", "Seal", "p", "m", "t")
    assert found.references == (Reference("OFD.xml", "AA=="), Reference("Doc_0/Document.xml", "BB=="))
    assert (found.value_path, found.seal_path) == ("Doc_0/Signs/Sign_0/SignedValue.dat", "Doc_0/Signs/Sign_0/Seal.esl")
    assert (found.digest_method, found.index_path) == ("SM3", INDEX)


@pytest.mark.parametrize(
    ("main", "reason"),
    [
        (b"<broken", "bad_xml"),
        (b"", "bad_xml"),
        (b"\xff\xfe<\x00a\x00", "bad_xml"),
        (entry(namespace="urn:x"), "no_ofd_xml"),
        (b'<Document xmlns="http://www.ofdspec.org/2016"/>', "no_ofd_xml"),
        (entry(body=""), "bad_document_count"),
        (entry(body=BODY * 21), "bad_document_count"),
        (entry(more=SIGNED), "signature_list_missing"),
        (entry(more="<o:Signatures>../../x</o:Signatures>"), "unsafe_path"),
        (entry(more=SIGNED * 2), "ambiguous_element"),
        (entry(more="<o:DocInfo/>"), "ambiguous_element"),
        (entry(before="<!DOCTYPE x>"), "doctype"),
        (entry(before='<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>', info="<o:Author>&e;</o:Author>"), "doctype"),
        (entry(before='<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">'), "doctype"),
        (("<a>" * 400 + "</a>" * 400).encode(), "bad_xml"),
        (entry(info="\x00"), "bad_xml"),
    ],
)
def test_hostile_entries_are_refused(main: bytes, reason: str) -> None:
    assert reason_of(main) == reason


def test_billion_laughs_are_not_laughed() -> None:
    entities = '<!ENTITY a "ha">' + "".join(f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(12))
    assert reason_of(entry(before=f"<!DOCTYPE x [{entities}]>", info="<o:Author>&m;</o:Author>")) in {"doctype", "bad_xml"}


def test_a_control_reads_where_the_hostile_ones_fail() -> None:
    assert read(entry(more=SIGNED), **{INDEX: f'<Signatures xmlns="{NEW}"/>'.encode()}).signatures == ()


@pytest.mark.parametrize(
    ("index", "files", "reason"),
    [
        ('<s:Signature ID="1" BaseLoc="/Doc_0/none.xml"/>', {}, "signature_missing"),
        ('<s:Signature ID="1" BaseLoc="/s.xml"/>', {"s.xml": b"<a/>"}, "bad_signature_description"),
        ('<s:Signature ID="1" BaseLoc="/s.xml"/>' * 51, {"s.xml": signature()}, "too_many_signatures"),
        ('<s:Signature ID="1" BaseLoc="/s.xml"/>', {"s.xml": signature("<o:References/><o:References/>")}, "ambiguous_element"),
        (
            '<s:Signature ID="1" BaseLoc="/s.xml"/>',
            {"s.xml": signature("<o:References>" + '<o:Reference FileRef="/a"/>' * 2001 + "</o:References>")},
            "too_many_references",
        ),
    ],
)
def test_hostile_signature_lists_are_refused(index: str, files: dict[str, bytes], reason: str) -> None:
    listed = {INDEX: f'<s:Signatures xmlns:s="{NEW}">{index}</s:Signatures>'.encode()}
    assert reason_of(entry(more=SIGNED), listed | files) == reason


@pytest.mark.parametrize(
    ("folder", "location", "path"),
    [
        ("", "Doc_0/a.xml", "Doc_0/a.xml"),
        ("Doc_0/Signs", "/OFD.xml", "OFD.xml"),
        ("Doc_0/Signs", "Sign_0/a", "Doc_0/Signs/Sign_0/a"),
        ("Doc_0/Signs", "./../a", "Doc_0/a"),
        ("Doc_0", "Res\\a.png", "Doc_0/Res/a.png"),
        ("", "", ""),
    ],
)
def test_locations_are_resolved(folder: str, location: str, path: str) -> None:
    assert resolve(folder, location) == path
