"""`liangzheng doctor`: what this machine has, what is missing, and how to get it."""

from __future__ import annotations

import argparse

from liangzheng.server import machine
from liangzheng.server.machine import Finding

_NEEDED_FOR = {"run": "needed", "web": "builds the pages", "test": "for the tests", "": "optional"}


def main(arguments: list[str]) -> int:
    """Print the table; exit 1 when something needed to run is missing."""
    parser = argparse.ArgumentParser(prog="liangzheng doctor", description="Say what is missing and how to get it.")
    parser.parse_args(arguments)
    findings = examine()
    print_table(findings)
    missing = [finding for finding in findings if finding.advice and finding.needed_for == "run"]
    return 1 if missing else 0


def examine() -> list[Finding]:
    """Look at everything."""
    from django.conf import settings

    return [
        machine.find_python(),
        machine.find_sm2(),
        _database(),
        _place("data folder", str(settings.DATA_FOLDER), machine.folder_problem(settings.DATA_FOLDER)),
        _place("port", f"{settings.HOST}:{settings.PORT}", machine.port_problem(settings.HOST, settings.PORT)),
        _secrets(),
        _document_fonts(),
        _web(),
        machine.find_node(),
        machine.find_chromium(),
        machine.find_cjk_font(),
        machine.find_softhsm(),
        machine.find_ffmpeg(),
    ]


def print_table(findings: list[Finding]) -> None:
    """Show the findings, each advice on its own line so that it can be copied."""
    from rich.console import Console

    console = Console(highlight=False, soft_wrap=True)
    for finding in findings:
        bad = "[red]✗[/]" if finding.needed_for == "run" else "[yellow]–[/]"
        mark = bad if finding.advice else "[green]✓[/]"
        console.print(f"{mark} {finding.what:<22}{finding.found}  [dim]({_NEEDED_FOR[finding.needed_for]})[/]")
        if finding.advice:
            console.print(f"    → {finding.advice}", markup=False)


def _place(what: str, found: str, problem: str) -> Finding:
    return Finding(what, found, "run", problem)


def _database() -> Finding:
    from django.conf import settings

    from liangzheng.server.postgres import DatabaseDownError, program_folder

    if not settings.EMBEDDED_DATABASE:
        return Finding("PostgreSQL", "DATABASE_URL", "run")
    try:
        program = program_folder() / "postgres"
    except DatabaseDownError as error:
        return Finding("PostgreSQL", "missing", "run", str(error))
    return Finding(
        "PostgreSQL", "embedded" if program.exists() else "missing", "run", "" if program.exists() else "run `make demo`"
    )


def _secrets() -> Finding:
    from liangzheng.server.startup import secrets_problem

    problem = secrets_problem()
    return Finding("own secrets", "not set (demo only)" if problem else "set", "", problem)


def _document_fonts() -> Finding:
    import importlib.util

    there = importlib.util.find_spec("pylopdf_fonts_zh_cn") is not None
    return Finding("document fonts", "in the wheel" if there else "missing", "run", "" if there else "run `make demo`")


def _web() -> Finding:
    from liangzheng.server.startup import web_problem

    problem = web_problem()
    return Finding("web pages", "not built" if problem else "built", "web", problem)
