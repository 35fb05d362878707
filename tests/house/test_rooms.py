"""The rooms: their names, their two lines, and what may not happen inside."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import Field

PROJECT = Path(__file__).parents[2]
PACKAGE = PROJECT / "liangzheng"
FORBIDDEN = {"utils", "helpers", "common", "base", "manager", "service", "services", "repository", "misc", "core"}
ORDER = [
    "errors",
    "crypto",
    "formats",
    "rules",
    "storage",
    "auditlog",
    "people",
    "mandates",
    "holders",
    "catalogue",
    "licences",
    "codes",
    "verification",
    "cases",
    "evidence",
    "rights",
    "onsite",
    "supervision",
    "connectors",
    "server",
]
WITH_FOLDERS = {"formats", "crypto", "connectors", "server"}
DJANGO_FOLDERS = {"migrations", "data", "templates", "static", "locale", "management", "__pycache__"}
PURE = [
    *sorted((PACKAGE / "formats").rglob("*.py")),
    *sorted((PACKAGE / "rules").glob("*.py")),
    *(PACKAGE / "auditlog" / f"{name}.py" for name in ("commitment", "merkle", "note", "receipt", "tile_paths", "verify_log")),
    *(PACKAGE / name for name in ("codes/signed.py", "codes/offline_code.py", "codes/foreign.py")),
    *(
        PACKAGE / "verification" / f"{name}.py"
        for name in (
            "annotated_checks",
            "checks",
            "cms_checks",
            "code_texts",
            "field_pack",
            "file_checks",
            "issuer_checks",
            "judge",
            "licence_checks",
            "lone_files",
            "offline",
            "pack_trust",
            "pack_wire",
            "pdf_checks",
            "seal_checks",
            "signer_checks",
            "timestamp_checks",
            "trust_anchors",
            "trust_files",
            "trust_overview",
            "verdict",
        )
    ),
]
EDGE = ("api.py", "shapes.py")  # a room with many routes has several such files, and keeps their shapes beside them
CLOCKS = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.monotonic", "timezone.now"}
FILES = {"open", "read_text", "read_bytes", "write_text", "write_bytes"}
ROOMS = sorted(path for path in PACKAGE.iterdir() if path.is_dir() and path.name != "__pycache__")


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def test_every_room_has_its_place_in_the_order() -> None:
    assert {room.name for room in ROOMS} | {"errors"} == set(ORDER)


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.name)
def test_a_room_says_in_two_lines_what_it_is_and_what_it_is_not(room: Path) -> None:
    module = tree(room / "__init__.py")
    docstring = ast.get_docstring(module)
    assert docstring is not None
    assert len([line for line in docstring.splitlines() if line.strip()]) == 2
    assert len(module.body) == 1, "an __init__ holds no code"


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.name)
def test_a_room_has_no_hidden_rooms(room: Path) -> None:
    inner = {path.name for path in room.iterdir() if path.is_dir()} - DJANGO_FOLDERS
    assert not inner or room.name in WITH_FOLDERS


def test_no_module_is_a_dumping_ground() -> None:
    names = {path: {part.removesuffix(".py") for part in path.relative_to(PROJECT).parts} for path in PACKAGE.rglob("*.py")}
    assert not [path for path, parts in names.items() if parts & FORBIDDEN]


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


def test_http_shapes_stay_at_the_edge() -> None:
    users = {path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py") if "ninja" in imports(path)}
    assert users, "the API is built with ninja"
    assert not [path for path in users if not path.name.endswith(EDGE) and path.parts[0] != "server"]


def called(module: ast.Module) -> set[str]:
    """Give the names of what is called: `open`, `datetime.now` and, for any object, the bare method name."""
    names: set[str] = set()
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            names |= {node.func.attr, f"{getattr(node.func.value, 'id', '')}.{node.func.attr}"}
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            names.add(node.func.id)
    return names


@pytest.mark.parametrize("path", PURE, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_what_decides_reads_no_clock(path: Path) -> None:
    assert not called(tree(path)) & CLOCKS


@pytest.mark.parametrize(
    "path", [path for path in PURE if "rules" not in path.parts], ids=lambda path: str(path.relative_to(PACKAGE))
)
def test_what_decides_reads_no_file(path: Path) -> None:
    reading = called(tree(path)) & FILES
    assert not reading or "formats" in path.parts  # an archive in memory is opened there, too


def test_a_clock_would_be_found() -> None:
    assert called(ast.parse("from datetime import datetime\ndatetime.now()")) & CLOCKS


def upward(field: Field[object, object], own_room: str) -> str:
    target = field.related_model
    room = target._meta.app_label if isinstance(target, type) else ""
    if room not in ORDER or ORDER.index(room) <= ORDER.index(own_room):
        return ""
    return f"{own_room}.{field.model.__name__}.{field.name} points up to {room}"


def test_foreign_keys_point_downwards_only() -> None:
    checked, found = 0, []
    for model in apps.get_models():
        if model._meta.app_label in ORDER:
            for field in model._meta.get_fields():
                if isinstance(field, Field) and field.is_relation:
                    checked += 1
                    found.append(upward(field, model._meta.app_label))
    assert checked > 5
    assert not [line for line in found if line]
