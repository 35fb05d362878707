"""Finds SoftHSM for the tests of keys in tokens, or installs Debian's without questions where that is allowed; else says how."""

from __future__ import annotations

import sys

from dev.chromium import apt_install
from liangzheng.server.machine import find_softhsm


def main() -> int:
    """Print the module's path; exit 1 with one line when there is none."""
    if find_softhsm().advice:
        apt_install("softhsm2")
    finding = find_softhsm()
    if finding.advice:
        print(f"The token tests need SoftHSM: {finding.advice}.", file=sys.stderr)
        return 1
    print(f"== SoftHSM: {finding.found}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
