"""Changes of bytes, and of DER, CBOR, JSON and XML field by field: every result is well-formed again, lengths and all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from typing import TypeAlias, cast

from lxml import etree

from liangzheng.crypto import der
from liangzheng.formats.cbor import CborKey, CborValue, Tagged

Path: TypeAlias = tuple[int, ...]
_OIDS = ("1.2.156.10197.1.401", "1.2.156.10197.1.401.2", "1.2.156.10197.1.501", "1.2.840.10045.4.3.2", "2.16.840.1.101.3.4.2.1")
_TIMES = (b"20200101000000Z", b"20260302000000Z", b"20351231235959Z", b"200101000000Z", b"351231235959Z", b"99991231235959Z")


def bytewise(data: bytes, dice: Random) -> bytes:
    """Flip bits, cut, insert, repeat or swap a few bytes; what comes out is never what went in."""
    while (changed := _bytewise(data, dice)) == data:
        continue
    return changed


def _bytewise(data: bytes, dice: Random) -> bytes:
    if not data:
        return bytes((dice.randrange(256),))
    place = dice.randrange(len(data))
    size = dice.choice((1, 1, 1, 2, 4, 16))
    kind = dice.randrange(8)
    if kind < 3:
        return data[:place] + bytes((data[place] ^ 1 << dice.randrange(8),)) + data[place + 1 :]
    if kind == 3:
        return data[:place] + dice.randbytes(1) + data[place + 1 :]
    if kind == 4:
        return data[:place] + data[place + (size if dice.random() < 0.7 else len(data)) :]
    if kind < 7:
        return data[:place] + (dice.randbytes(size) if kind == 5 else data[place : place + size]) + data[place:]
    other = dice.randrange(len(data))
    first, second = sorted((place, other))
    return data[:first] + data[second : second + 1] + data[first + 1 : second] + data[first : first + 1] + data[second + 1 :]


def der_paths(data: bytes, prefix: Path = ()) -> list[Path]:
    """Give the path of every element; those inside OCTET and BIT STRINGs that hold DER count on through them."""
    found = [prefix]
    for number, child in enumerate(_inside(der.read(data))):
        found += der_paths(child, (*prefix, number))
    return found


def der_at(data: bytes, path: Path) -> bytes:
    """Give the element at a path."""
    for number in path:
        data = _inside(der.read(data))[number]
    return data


def der_with(data: bytes, path: Path, change: Callable[[bytes], bytes]) -> bytes:
    """Replace the element at a path by what `change` makes of it: nothing, one, or several."""
    if not path:
        return change(data)
    node = der.read(data)
    children = list(_inside(node))
    children[path[0]] = der_with(children[path[0]], path[1:], change)
    content = b"".join(children)
    return der.element(node.tag, (b"\x00" + content) if node.tag == der.BIT_STRING else content)


def _inside(node: der.Node) -> list[bytes]:
    content = node.content
    if node.tag == der.BIT_STRING:
        content = content[1:] if content[:1] == b"\x00" else b""
    if not node.tag & 0x20 and node.tag not in {der.BIT_STRING, der.OCTET_STRING}:
        return []
    if not node.tag & 0x20 and content[:1] != b"\x30":
        return []
    try:
        return [child.encoded for child in der.read(der.element(der.SEQUENCE, content)).children()]
    except der.DerError:
        return []


def der_change(data: bytes, dice: Random, below: Path = ()) -> bytes:
    """Change one element below a path: another value of its kind, gone, twice, another kind, or another one's."""
    paths = [path for path in der_paths(der_at(data, below)) if path]
    path = below + dice.choice(paths)
    kind = dice.randrange(10)
    if kind == 0:
        return der_with(data, path, lambda _: b"")
    if kind == 1:
        return der_with(data, path, lambda element: element * 2)
    if kind == 2:
        other = der_at(data, below + dice.choice(paths))
        return der_with(data, path, lambda _: other)
    if kind == 3:
        return der_with(data, path, lambda element: bytes((dice.choice((element[0] ^ 1, 0x30, 0x04, 0x02, 0x0C)),)) + element[1:])
    return der_with(data, path, lambda element: other_value(element, dice))


def other_value(element: bytes, dice: Random) -> bytes:
    """Give an element of the same kind with another value."""
    while (changed := _other_value(element, dice)) == element:
        continue
    return changed


def _other_value(element: bytes, dice: Random) -> bytes:
    node = der.read(element)
    if node.tag == der.INTEGER:
        value = int.from_bytes(node.content, "big", signed=True)
        return der.integer(dice.choice((value + 1, value - 1, 0, -value - 1, value ^ 1 << dice.randrange(64))))
    if node.tag == der.OID:
        return der.oid(dice.choice(_OIDS))
    if node.tag == der.BOOLEAN:
        return der.boolean(node.content == b"\x00")
    if node.tag in {der.UTC_TIME, der.GENERALIZED_TIME}:
        fitting = [time for time in _TIMES if len(time) == len(node.content)] or list(_TIMES)
        return der.element(node.tag, dice.choice(fitting))
    start = 1 if node.tag == der.BIT_STRING and len(node.content) > 1 else 0
    return der.element(node.tag, node.content[:start] + bytewise(node.content[start:], dice))


def cbor_change(value: CborValue, dice: Random) -> CborValue:
    """Change one value somewhere inside."""
    if isinstance(value, Tagged):
        return Tagged(dice.choice((18, 61, value.number)), cbor_change(value.value, dice))
    if isinstance(value, tuple) and value:
        return _changed_array(value, dice)
    if isinstance(value, Mapping) and value:
        return _changed_map(value, dice)
    return _changed_scalar(value, dice)


def _changed_array(value: tuple[CborValue, ...], dice: Random) -> CborValue:
    place, kind = dice.randrange(len(value)), dice.randrange(8)
    if kind == 0:
        return value[:place] + value[place + 1 :]
    if kind == 1:
        return (*value, value[place])
    return (*value[:place], cbor_change(value[place], dice), *value[place + 1 :])


def _changed_map(value: Mapping[CborKey, CborValue], dice: Random) -> CborValue:
    key, kind = dice.choice(list(value)), dice.randrange(8)
    if kind == 0:
        return {name: item for name, item in value.items() if name != key}
    if kind == 1:
        return {**value, dice.choice((0, 2, 4, 9, -70009, "x")): value[key]}
    return {**value, key: cbor_change(value[key], dice)}


def _changed_scalar(value: CborValue, dice: Random) -> CborValue:
    if dice.random() < 0.15:
        return dice.choice(cast("tuple[CborValue, ...]", (None, True, 0, -1, 1.5, "", b"", (), {})))
    if isinstance(value, bool) or value is None or isinstance(value, float | tuple | Mapping | Tagged):
        return not value
    if isinstance(value, int):
        return dice.choice((value + 1, value - 1 if value else 1, value ^ 1 << dice.randrange(31), 2**63 - 1))
    if isinstance(value, str):
        return text_change(value, dice)
    return bytewise(value, dice)


def json_change(value: object, dice: Random) -> object:
    """Change one value somewhere inside."""
    if isinstance(value, dict) and value:
        key, kind = dice.choice(list(value)), dice.randrange(8)
        if kind == 0:
            return {name: item for name, item in value.items() if name != key}
        return {**value, ("x" if kind == 1 else key): json_change(value[key], dice)}
    if isinstance(value, list) and value:
        place = dice.randrange(len(value))
        return [*value[:place], *(dice.choice(([], [value[place]] * 2, [json_change(value[place], dice)]))), *value[place + 1 :]]
    if isinstance(value, bool) or value is None or isinstance(value, dict | list):
        return 7
    if isinstance(value, int):
        return dice.choice((value + 1, value - 1, -value - 1, str(value), None, 2**70))
    return dice.choice((text_change(str(value), dice), 7, None, []))


def text_change(text: str, dice: Random) -> str:
    """Change, drop or add one character."""
    place, letter = dice.randrange(len(text) + 1), dice.choice("0189aAzZ-_演示 /")
    return text[:place] + letter + text[place + dice.randrange(2) :]


def xml_change(data: bytes, dice: Random) -> bytes:
    """Change one element: its text, an attribute, gone, twice, or moved to the end."""
    root = etree.fromstring(data)
    elements = list(root.iter("*"))
    element = dice.choice(elements)
    parent, kind = element.getparent(), dice.randrange(8)
    if parent is not None and kind == 0:
        parent.remove(element)
    elif parent is not None and kind == 1:
        parent.append(etree.fromstring(etree.tostring(element)))
    elif parent is not None and kind == 2:
        parent.append(element)
    elif element.attrib and kind < 6:
        name = dice.choice(list(element.attrib))
        element.attrib[name] = text_change(str(element.attrib[name]), dice)
    else:
        element.text = text_change(element.text or "", dice)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")
