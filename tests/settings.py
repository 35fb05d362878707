"""The product's settings in demo mode, on a data folder of the tests' own."""

from __future__ import annotations

import os

os.environ.setdefault("LIANGZHENG_DATA", "var/test")
os.environ.setdefault("LIANGZHENG_DEMO", "1")

from liangzheng.server.settings import *  # noqa: F403
