"""`liangzheng people`: import agencies, officers and certificates; appoint the first security administrators.

Exit codes of `import`: 0 written (or would be), 1 findings and nothing written.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from django.utils import timezone


def main(arguments: list[str]) -> int:
    """Run one of the two."""
    parser = argparse.ArgumentParser(prog="liangzheng people", description="Agencies and people (机构人员).")
    actions = parser.add_subparsers(required=True, metavar="import|appoint")
    importer = actions.add_parser("import", help="take a spreadsheet (xlsx, csv): all of it or nothing")
    importer.add_argument("file", type=Path)
    importer.add_argument("--dry-run", action="store_true", help="say what would happen, write nothing")
    importer.add_argument("--json", action="store_true", help="print the report as JSON")
    importer.set_defaults(action=_import)
    appointer = actions.add_parser("appoint", help="make one of the first two security administrators")
    appointer.add_argument("username")
    appointer.add_argument("--reason", required=True)
    appointer.set_defaults(action=_appoint)
    args = parser.parse_args(arguments)
    import django

    from liangzheng.server import startup

    if problem := startup.secrets_problem():
        return _fail(problem)
    with startup.database():
        django.setup()
        code: int = args.action(args)
    return code


def _import(args: argparse.Namespace) -> int:
    from liangzheng.formats.spreadsheet import LARGEST
    from liangzheng.people.import_file import Report, import_people

    try:
        with args.file.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        return _fail(f"{args.file}: {error.strerror}")
    report: Report = import_people(data, timezone.now(), dry_run=args.dry_run)
    if args.json:
        found = [asdict(one) for one in report.findings]
        print(json.dumps({"written": report.is_written, "counts": report.counts, "findings": found}, ensure_ascii=False))
        return 1 if report.findings else 0
    for one in report.findings:
        place = " ".join(part for part in (one.table, f"第 {one.row} 行" if one.row else "", one.column) if part)
        print(f"{place or args.file.name}: {one.code}: {one.cause}")
    for name, count in sorted(report.counts.items()):
        print(f"{name} {count}")
    print("written" if report.is_written else "nothing written")
    return 1 if report.findings else 0


def _appoint(args: argparse.Namespace) -> int:
    from liangzheng.errors import CannotDo
    from liangzheng.people.posts import appoint

    try:
        row = appoint(args.username, args.reason, timezone.now())
    except CannotDo as problem:
        return _fail(problem.message)
    print(f"{row.user.username} {row.post}")
    return 0


def _fail(sentence: str) -> int:
    print(f"liangzheng people: {sentence}", file=sys.stderr)
    return 1
