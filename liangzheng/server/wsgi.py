"""The WSGI application for granian or any other server. It refuses to start with secrets that everyone knows."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "liangzheng.server.settings")

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from liangzheng.server.startup import secrets_problem

application = get_wsgi_application()
get_resolver().url_patterns  # noqa: B018 - read every route now, not while the first officer waits
if _problem := secrets_problem():
    raise SystemExit(_problem)
