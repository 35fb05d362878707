"""What the documents promise exists: settings, commands, targets, files, links."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from liangzheng.server.cli import _COMMANDS

PROJECT = Path(__file__).parents[2]
SETTINGS = PROJECT / "docs" / "reference" / "settings.md"
MOST_SETTINGS = 60
READERS = {"envstr", "envint", "envbool", "envchoice", "envpath", "envsecret"}
NOT_OURS = {"PATH", "DJANGO_SETTINGS_MODULE", "DEBIAN_FRONTEND"}
DOCUMENTS = sorted([*PROJECT.glob("*.md"), *(PROJECT / "docs").rglob("*.md")])
MADE_LATER = {"officer-badge", "officer-result-valid", "officer-result-revoked", "holder-code", "officer-record", "party-badge"}


def names_read() -> set[str]:
    """Every environment variable that the product reads."""
    names = set()
    for path in (PROJECT / "liangzheng").rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in READERS and isinstance(node.args[0], ast.Constant):
                name = str(node.args[0].value)
                names |= {name, f"{name}_FILE"} if getattr(node.func, "id", "") == "envsecret" else {name}
        names |= set(re.findall(r'os\.environ(?:\.get\(|\.setdefault\(|\[)\s*"([A-Z_]+)"', source))
        names |= set(re.findall(r'"(LIANGZHENG_[A-Z_]+)"', source))
    return names - NOT_OURS


def test_every_setting_is_explained_and_every_explained_setting_exists() -> None:
    explained = set(re.findall(r"^\| `([A-Z_]+)`", SETTINGS.read_text(encoding="utf-8"), flags=re.MULTILINE))
    assert explained == names_read()
    assert len(explained) <= MOST_SETTINGS


def targets() -> set[str]:
    return set(re.findall(r"^([a-z]+):", (PROJECT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))


def test_there_are_few_targets_and_help_lists_them() -> None:
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    assert len(targets()) <= 12
    assert targets() - {"help"} <= set(re.findall(r"^([a-z]+):.*## ", makefile, flags=re.MULTILINE))


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(PROJECT)))
def test_commands_in_a_document_exist(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert set(re.findall(r"(?:`|^)make ([a-z]+)", text, flags=re.MULTILINE)) <= targets()
    assert set(re.findall(r"(?:`|^|/)liangzheng ([a-z]+)", text, flags=re.MULTILINE)) <= set(_COMMANDS)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(PROJECT)))
def test_links_in_a_document_lead_somewhere(path: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", path.read_text(encoding="utf-8"))
    local = [link for link in links if not link.startswith(("http://", "https://", "mailto:"))]
    missing = [link for link in local if not (path.parent / link).exists()]
    assert not [link for link in missing if Path(link).stem not in MADE_LATER]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(PROJECT)))
def test_files_named_in_a_document_exist(path: Path) -> None:
    named = re.findall(
        r"`((?:liangzheng|tests|dev|docs|web|requirements)/[\w./-]+\.(?:py|json|md|ts|vue|html|typ|txt))`",
        path.read_text(encoding="utf-8"),
    )
    assert not [name for name in named if not (PROJECT / name).exists()]
