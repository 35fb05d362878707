"""Where a stolen disk, dump or phone would be searched for personal values, and the search itself."""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

import psycopg
from playwright.sync_api import Page
from psycopg.sql import SQL, Identifier

_TABLES = """SELECT oid::regclass::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"""
_STORES = """async () => {
  const text = (value) => JSON.stringify(value, (_, one) =>
    one instanceof Uint8Array ? Array.from(one, (byte) => String.fromCharCode(byte)).join('') : one)
  const found = [text({ ...localStorage }), text({ ...sessionStorage }), document.cookie]
  for (const { name } of await indexedDB.databases()) {
    const opened = await new Promise((done, fail) => {
      const asked = indexedDB.open(name)
      asked.onsuccess = () => done(asked.result)
      asked.onerror = () => fail(asked.error)
    })
    for (const store of opened.objectStoreNames) {
      const rows = await new Promise((done) => {
        const asked = opened.transaction(store).objectStore(store).getAll()
        asked.onsuccess = () => done(asked.result)
      })
      found.push(text(rows))
    }
    opened.close()
  }
  for (const name of await caches.keys())
    for (const request of await (await caches.open(name)).keys())
      found.push(request.url, await (await (await caches.open(name)).match(request)).text())
  return found.join('\\n')
}"""


def forms_of(value: str) -> Iterator[bytes]:
    """Give a value as it may lie somewhere: UTF-8, UTF-16, escaped, in hex, in Base64 at each of three places."""
    plain = value.encode()
    yield from (plain, value.encode("utf-16-le"), json.dumps(value)[1:-1].encode(), plain.hex().encode())
    for shift in range(3):
        whole = base64.b64encode(bytes(shift) + plain)
        yield whole[4 if shift else 0 : -4]


def needles(values: Iterable[str], file: Path) -> Path:
    """Write what is searched for, one a line; a form with a line feed in it cannot be, and is left to the others."""
    lines = {form for value in values for form in forms_of(value) if b"\n" not in form and len(form) > 8}
    file.write_bytes(b"\n".join(sorted(lines)) + b"\n")
    return file


def hits(place: Path, searched: Path) -> list[str]:
    """Search a file or folder as bytes; give the files with a hit."""
    command = ["grep", "-raFl", "-f", str(searched), str(place)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"})
    assert done.returncode in {0, 1}, done.stderr
    return done.stdout.split("\n")[:-1]


def dump(superuser: psycopg.Connection[tuple[object, ...]], file: Path) -> None:
    """Write every row of every table as text, as pg_dump does; and have the server write its pages."""
    superuser.execute("CHECKPOINT")
    with file.open("wb") as out:
        for (table,) in superuser.execute(_TABLES).fetchall():
            out.write(f"\n-- {table}\n".encode())
            with superuser.cursor().copy(SQL("COPY {} TO STDOUT").format(Identifier(str(table)))) as copy:
                for block in copy:
                    out.write(block)


def browser_store(page: Page) -> str:
    """Read everything a script can read of what the browser keeps."""
    return str(page.evaluate(_STORES))
