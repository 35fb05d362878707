"""Makes the README's pictures anew: runs the screen tests with pictures and keeps some of them, in 128 colours.

Usage: .venv/bin/python -m dev.pictures
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

SHOWN = (
    "officer-badge",
    "officer-result-valid",
    "officer-result-revoked",
    "holder-code",
    "officer-record",
    "party-badge",
    "officer-seen-valid",
    "officer-badge-offline",
    "officer-queue-waiting",
    "party-check-found",
    "firm-delegations",
    "officer-training",
)
FOLDER = Path(__file__).resolve().parents[1] / "docs" / "pictures"


def main() -> int:
    """Run and keep; the tests' exit code is ours."""
    with tempfile.TemporaryDirectory() as folder:
        tests = [sys.executable, "-m", "pytest", "-q", "tests/journeys/test_screens.py", "-k", "phone-light"]
        code = subprocess.run(tests, env=os.environ | {"LIANGZHENG_PICTURES": folder}, check=False).returncode
        if code == 0:
            FOLDER.mkdir(exist_ok=True)
            for name in SHOWN:
                picture = Image.open(Path(folder) / f"{name}-phone-light.png").convert("RGB")
                picture.quantize(128).save(FOLDER / f"{name}.png", optimize=True)
    return code


if __name__ == "__main__":
    sys.exit(main())
