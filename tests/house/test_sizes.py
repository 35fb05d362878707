"""Budgets: a file, a function and a route handler stay small enough to be read at once."""

from __future__ import annotations

import ast
from pathlib import Path

PROJECT = Path(__file__).parents[2]
LONGEST_FILE, LONGEST_FUNCTION, LONGEST_HANDLER = 400, 40, 15  # lines
PYTHON = sorted(path for top in ("liangzheng", "dev", "tests") for path in (PROJECT / top).rglob("*.py"))
WEB = sorted(
    path
    for pattern in ("*.ts", "*.vue", "*.css")
    for path in (PROJECT / "web").rglob(pattern)
    if not {"node_modules", "dist"} & set(path.parts) and not path.name.endswith(".d.ts")
)
_VERBS = {"get", "post", "put", "patch", "delete", "api_operation"}


def test_there_is_something_to_measure() -> None:
    assert len(PYTHON) > 50
    assert len(WEB) > 10


def test_files_are_short() -> None:
    lengths = {path.relative_to(PROJECT): len(path.read_text(encoding="utf-8").splitlines()) for path in PYTHON + WEB}
    assert not {str(path): lines for path, lines in lengths.items() if lines > LONGEST_FILE}


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from `def` to the end; decorators and the docstring are not counted."""
    first = function.body[0]
    has_docstring = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
    docstring = (first.end_lineno or 0) - first.lineno + 1 if has_docstring else 0
    return (function.end_lineno or 0) - function.lineno + 1 - docstring


def is_handler(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    calls = [decorator.func for decorator in function.decorator_list if isinstance(decorator, ast.Call)]
    return any(isinstance(call, ast.Attribute) and call.attr in _VERBS for call in calls)


def too_long(source: str, path: str) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            limit = LONGEST_HANDLER if path.endswith("api.py") and is_handler(node) else LONGEST_FUNCTION
            if length(node) > limit:
                found.append(f"{path}:{node.lineno} {node.name} has {length(node)} lines, allowed {limit}")
    return found


def test_functions_and_handlers_are_short() -> None:
    found = [line for path in PYTHON for line in too_long(path.read_text(encoding="utf-8"), str(path.relative_to(PROJECT)))]
    assert not found, "\n".join(found)


def test_a_long_function_and_a_long_handler_would_be_found() -> None:
    body = "\n".join(f"    x = {number}" for number in range(LONGEST_HANDLER))
    handler = f'@router.get("/x")\ndef x():\n    """Say."""\n{body}\n'
    assert too_long(handler, "liangzheng/x/api.py")
    assert not too_long(handler, "liangzheng/x/story.py")
    assert too_long("def x():\n" + "    y = 1\n" * LONGEST_FUNCTION, "liangzheng/x/story.py")
