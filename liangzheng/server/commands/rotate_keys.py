"""`liangzheng keys`: new keys for the encrypted columns and objects while the platform serves.

Run by the owner of the tables. `rotate` may be stopped or killed at any moment and is then simply run again.
"""

from __future__ import annotations

import argparse
import os
import sys
import time

_DONE, _REFUSED = 0, 1


def main(arguments: list[str]) -> int:
    """Run one of the key commands."""
    parser = argparse.ArgumentParser(prog="liangzheng keys", description="Keys of the encrypted columns and objects.")
    actions = parser.add_subparsers(required=True, metavar="show|rotate|retire|rewrap", dest="action")
    actions.add_parser("show", help="say which keys there are and what still lies under older ones")
    actions.add_parser("rotate", help="make a new key and seal everything anew with it; goes on where a run was stopped")
    actions.add_parser("retire", help="destroy the keys that nothing needs any more")
    actions.add_parser("rewrap", help="wrap the keys with LIANGZHENG_NEW_MASTER_KEY; no data is touched")
    action = parser.parse_args(arguments).action
    os.environ["LIANGZHENG_DATABASE_ROLE"] = "owner"
    import django

    from liangzheng.server import startup

    if problem := startup.secrets_problem():
        return _refuse(problem)
    with startup.database():
        django.setup()
        from liangzheng.errors import Refused

        try:
            print(_ACTIONS[action](), flush=True)
        except Refused as refused:
            return _refuse(refused.message)
    return _DONE


def _show() -> str:
    from liangzheng.storage.keystore import keyring
    from liangzheng.storage.rotation import cells_under_older_keys

    ring = keyring()
    older = sorted(set(ring.data_keys) - {ring.current})
    return (
        f"current key {ring.current} ({ring.cipher}); older keys {older or 'none'}; under them {cells_under_older_keys()} cells"
    )


def _rotate() -> str:
    from liangzheng.storage.rotation import begin_rotation, seal_cells_anew

    number, done = begin_rotation(), 0
    while changed := seal_cells_anew():  # until a whole pass finds nothing that a writer left behind
        done += changed
    return f"current key {number}: {done} cells and objects sealed anew; `liangzheng keys retire` destroys the old key"


def _retire() -> str:
    from liangzheng.storage.rotation import retire_keys

    return f"destroyed {retire_keys(time.time())} keys"


def _rewrap() -> str:
    from django.conf import settings

    from liangzheng.errors import Refused
    from liangzheng.server.startup import is_master_key
    from liangzheng.storage.rotation import change_master_key

    if not is_master_key(settings.NEW_MASTER_KEY):
        raise Refused("keys_in_use", "LIANGZHENG_NEW_MASTER_KEY is not set or not 32 or 64 hex digits.")
    change_master_key(settings.NEW_MASTER_KEY)
    return "wrapped; start every process anew with the new key as LIANGZHENG_MASTER_KEY"


_ACTIONS = {"show": _show, "rotate": _rotate, "retire": _retire, "rewrap": _rewrap}


def _refuse(sentence: str) -> int:
    print(f"liangzheng keys: {sentence}", file=sys.stderr)
    return _REFUSED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
