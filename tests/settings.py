"""The product's settings in demo mode, on a data folder of the tests' own."""

from __future__ import annotations

import os

# Each of several test processes has a data folder, and so a database server, of its own.
os.environ.setdefault("LIANGZHENG_DATA", f"var/test{os.environ.get('PYTEST_XDIST_WORKER', '')}")
os.environ.setdefault("LIANGZHENG_DEMO", "1")

from liangzheng.server.settings import *  # noqa: F403
