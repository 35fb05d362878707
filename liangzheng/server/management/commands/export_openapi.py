"""Write the API's OpenAPI document to `web/openapi.json`, from which the web app's types are generated."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from liangzheng.server.api import api


class Command(BaseCommand):
    """`liangzheng manage export_openapi [--check]`."""

    help = "Write web/openapi.json, or with --check say whether it is up to date."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Take --check."""
        parser.add_argument("--check", action="store_true", help="change nothing; fail when the file is out of date")

    def handle(self, *_args: Any, **options: Any) -> None:  # noqa: ANN401 - Django's signature
        """Write or compare."""
        document = json.dumps(api.get_openapi_schema(path_prefix="/api/v1/"), ensure_ascii=False, indent=1, sort_keys=True) + "\n"
        file = settings.PROJECT / "web" / "openapi.json"
        if options["check"]:
            if not file.is_file() or file.read_text(encoding="utf-8") != document:
                raise CommandError("web/openapi.json is out of date: run `liangzheng manage export_openapi` and commit it.")
            return
        file.write_text(document, encoding="utf-8")
