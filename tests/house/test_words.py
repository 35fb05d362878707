"""Words: reason codes are known, nothing leads to a payment, nothing betrays a machine, the commands we print exist."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
PACKAGE = PROJECT / "liangzheng"
WORDS = json.loads((PACKAGE / "verification" / "reasons.json").read_text(encoding="utf-8"))
RAISED = {"NotFound", "NotAllowed", "Refused", "Malformed", "Unavailable"}
JUDGED = {"MalformedCode"}  # an OfdError's reason is a detail of `file_unreadable`
TEXTS = {".py", ".html", ".css", ".ts", ".vue", ".json", ".typ", ".md", ".txt", ".toml", ".in", ".sh", ".sql", ".yml", ""}
SKIPPED = {"node_modules", "dist", ".git", ".venv", "var", "__pycache__", ".stamps", "test-results"}
PAYMENT = re.compile(r"支付二维码|付款码|收款码|扫码支付|扫码缴|weixin://wxpay|alipays?://|wxp://", re.IGNORECASE)
MACHINE = re.compile(r"/(?:root|home|Users|work)/[a-z]|\bpyenv\b")


def files() -> Iterator[Path]:
    for path in PROJECT.rglob("*"):
        parts = set(path.relative_to(PROJECT).parts)
        hidden = any(part.startswith(".") and part not in {".ci", ".gitignore"} for part in parts)
        if path.is_file() and not hidden and not parts & SKIPPED and path.suffix in TEXTS:
            yield path


def codes(source: str) -> Iterator[tuple[int, str, str]]:
    """Give line, kind ("errors" or "reasons") and code of every code written down in a program."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        first = node.args[0] if node.args else None
        if name in RAISED | JUDGED and isinstance(first, ast.Constant) and isinstance(first.value, str):
            yield node.lineno, "errors" if name in RAISED else "reasons", first.value
        third = node.args[2] if name == "Check" and len(node.args) > 2 else None
        named = [keyword.value for keyword in node.keywords if keyword.arg == "reason" and name == "Check"]
        for value in [third, *named]:
            if isinstance(value, ast.Constant) and isinstance(value.value, str) and value.value:
                yield node.lineno, "reasons", value.value


def test_every_code_has_its_words() -> None:
    unknown = []
    for path in PACKAGE.rglob("*.py"):
        for line, kind, code in codes(path.read_text(encoding="utf-8")):
            table = WORDS["errors"] | WORDS if kind == "errors" else WORDS
            if code not in table:
                unknown.append(f"{path.relative_to(PROJECT)}:{line} {code}")
    assert not unknown, "\n".join(unknown)


def test_an_unknown_code_would_be_found() -> None:
    found = list(codes('raise Refused("no_such_code", "…")\nCheck("status", Result.FAIL, "made_up")\nCheck("x", y, reason="z")'))
    assert [code for _line, _kind, code in found] == ["no_such_code", "made_up", "z"]
    assert not {"no_such_code", "made_up", "z"} & WORDS.keys()


def test_every_code_of_a_verdict_has_words_in_both_languages() -> None:
    judged = {code: words for code, words in WORDS.items() if code not in {"check", "standing", "errors"}}
    wanted = {"zh", "en", "cause_zh", "next_zh", "next_en", "level"}
    assert not [code for code, words in judged.items() if not wanted <= words.keys() or not all(words[key] for key in wanted)]


def lines_with(pattern: re.Pattern[str]) -> list[str]:
    found = []
    for path in files():
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), start=1):
            if pattern.search(line) and path != Path(__file__):
                found.append(f"{path.relative_to(PROJECT)}:{number}: {line.strip()[:120]}")
    return found


def test_nothing_leads_to_a_payment() -> None:
    assert PAYMENT.search("请扫码支付罚款")
    assert not lines_with(PAYMENT)


def test_nothing_names_a_machine() -> None:
    assert MACHINE.search("see /home/somebody/notes")
    assert not lines_with(MACHINE)


@pytest.mark.parametrize(
    "path", [*sorted((PROJECT / "requirements").glob("*.txt")), PROJECT / "web" / "package-lock.json"], ids=lambda p: p.name
)
def test_locks_name_no_registry(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"--(?:extra-)?index-url|--find-links|\"resolved\"\s*:\s*\"https?:", text)


@pytest.mark.parametrize("name", ["app.txt", "dev.txt", "node.txt"])
def test_every_locked_package_has_its_hashes(name: str) -> None:
    entries = re.split(r"\n(?=[A-Za-z0-9])", (PROJECT / "requirements" / name).read_text(encoding="utf-8"))
    packages = [entry for entry in entries if re.match(r"[A-Za-z0-9._-]+(\[[^]]*\])?==", entry)]
    assert packages
    assert not [entry.split("==")[0] for entry in packages if "--hash=sha256:" not in entry]
