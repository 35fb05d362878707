"""`liangzheng sandbox`: the outside systems, played on this machine for the demo. Refused outside of demo mode."""

from __future__ import annotations

import argparse
import sys


def main(arguments: list[str]) -> int:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(prog="liangzheng sandbox", description="Play the outside systems for the demo until Ctrl-C.")
    parser.parse_args(arguments)
    from django.conf import settings

    from liangzheng.connectors.sandbox.holders import Codes, read_holders
    from liangzheng.connectors.sandbox.identity import IdentityProvider, read_people
    from liangzheng.connectors.sandbox.server import serve
    from liangzheng.server.machine import port_problem

    if not settings.DEMO:
        print("liangzheng sandbox: only in demo mode (LIANGZHENG_DEMO=1).", file=sys.stderr)
        return 1
    if problem := port_problem("127.0.0.1", settings.SANDBOX_PORT, "LIANGZHENG_SANDBOX_PORT"):
        print(f"liangzheng sandbox: {problem}", file=sys.stderr)
        return 1
    codes = Codes(read_holders(settings.DATA_FOLDER / "sandbox" / "holders.json"))
    identity = IdentityProvider(read_people(settings.DATA_FOLDER / "sandbox" / "people.json"), settings.SANDBOX_URL)
    with serve(codes, "127.0.0.1", settings.SANDBOX_PORT, identity) as server:
        print(f"liangzheng sandbox serves http://127.0.0.1:{settings.SANDBOX_PORT}; Ctrl-C stops it.", flush=True)
        server.serve_forever()
    return 0
