"""Load the fictional city into the database (demo mode only)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    """`liangzheng manage load_demo_city`."""

    help = "Load the demo city; a second call only signs its trust material anew."

    def handle(self, *_args: Any, **_options: Any) -> None:  # noqa: ANN401 - Django's signature
        """Load."""
        if not settings.DEMO:
            raise CommandError("only with LIANGZHENG_DEMO=1: its keys and passwords are known to everybody.")
        from dev.load import load_city

        is_new = load_city(settings.DATA_FOLDER)
        self.stdout.write("loaded" if is_new else "trust material signed anew")
