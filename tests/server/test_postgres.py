"""The embedded database: who may use it, who may not, and what a crash leaves."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from liangzheng.server.database import APP_ROLE, OWNER_ROLE
from liangzheng.server.postgres import SUPERUSER, DatabaseDownError, EmbeddedPostgres, socket_folder
from liangzheng.server.postgres_user import _may_pass, _open_for, let_pass, let_read
from tests.conftest import own_folder

CLOSED = 0o700


@pytest.fixture(scope="module")
def closed_folder() -> Iterator[Path]:
    """A folder that only its owner may enter, as `mktemp -d` makes it."""
    with own_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def server(closed_folder: Path) -> Iterator[EmbeddedPostgres]:
    with EmbeddedPostgres(closed_folder / "var") as running:
        yield running


def rows(server: EmbeddedPostgres, role: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(server.conninfo(role)) as connection:
        return connection.execute(query.encode()).fetchall()


def postmaster(server: EmbeddedPostgres) -> int:
    return int((server.cluster / "postmaster.pid").read_text().split()[0])


def runs(number: int) -> bool:
    return bool(psutil.pid_exists(number) and psutil.Process(number).status() != psutil.STATUS_ZOMBIE)


def test_the_two_roles_have_no_special_right(server: EmbeddedPostgres) -> None:
    query = "SELECT rolsuper, rolbypassrls, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = current_user"
    assert rows(server, APP_ROLE, query) == rows(server, OWNER_ROLE, query) == [(False, False, False, False)]


def test_the_app_role_cannot_make_tables_and_the_owner_role_can(server: EmbeddedPostgres) -> None:
    with psycopg.connect(server.conninfo(OWNER_ROLE)) as connection:
        connection.execute("CREATE TABLE mine (id int)")
        connection.rollback()
    with psycopg.connect(server.conninfo(APP_ROLE)) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("CREATE TABLE mine (id int)")


def test_commits_are_durable(server: EmbeddedPostgres) -> None:
    assert rows(server, APP_ROLE, "SELECT current_setting('fsync'), current_setting('full_page_writes')") == [("on", "on")]


def test_nothing_listens_on_the_network_and_everybody_is_asked_who_he_is(server: EmbeddedPostgres) -> None:
    assert rows(server, SUPERUSER, "SELECT current_setting('listen_addresses')") == [("",)]
    assert rows(server, SUPERUSER, "SELECT type, auth_method, options FROM pg_hba_file_rules") == [
        ("local", "peer", ["map=liangzheng"])
    ]
    account = pwd.getpwuid(os.geteuid()).pw_name
    assert {row[0] for row in rows(server, SUPERUSER, "SELECT sys_name FROM pg_ident_file_mappings")} == {account}


def test_socket_and_folders_are_closed_to_other_users(server: EmbeddedPostgres, closed_folder: Path) -> None:
    for path in (server.socket / ".s.PGSQL.5432", server.socket, server.home, server.cluster):
        assert stat.S_IMODE(path.stat().st_mode) == CLOSED
    assert closed_folder.stat().st_mode & stat.S_IRWXO == 0  # the folder above was not opened to the world


def what_a_stranger_gets(conninfo: str) -> str:
    """Connect as the user nobody, in a child process."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
        answer = "connected"
        try:
            psycopg.connect(conninfo).close()
        except psycopg.OperationalError as error:
            answer = str(error)
        os.write(writing, answer.encode())
        os._exit(0)
    os.waitpid(child, 0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        return pipe.read()


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_another_user_of_the_machine_cannot_connect(server: EmbeddedPostgres, closed_folder: Path) -> None:
    if os.geteuid() != 0:  # only root can act as somebody else; the rules themselves are tested above for everybody
        return
    conninfo = server.conninfo(APP_ROLE)
    assert "Permission denied" in what_a_stranger_gets(conninfo)
    walls = [closed_folder, server.data_folder, server.home, server.socket, server.socket / ".s.PGSQL.5432"]
    modes = [path.stat().st_mode for path in walls]
    for path in walls:
        path.chmod(0o777)
    try:
        assert "Peer authentication failed" in what_a_stranger_gets(conninfo)  # the second wall
        (server.cluster / "pg_hba.conf").write_text("local all all trust\n")  # control: without both walls he is in
        rows(server, SUPERUSER, "SELECT pg_reload_conf()")
        assert "connected" in [what_a_stranger_gets(conninfo) for _ in range(50)]
    finally:
        for path, mode in zip(walls, modes, strict=True):
            path.chmod(mode)


def test_the_last_user_stops_the_server(data_folder: Path) -> None:
    first, second = EmbeddedPostgres(data_folder / "v"), EmbeddedPostgres(data_folder / "v")
    first.start()
    number = postmaster(first)
    second.start()
    first.stop()
    assert postmaster(second) == number
    assert rows(second, APP_ROLE, "SELECT 1") == [(1,)]
    second.stop()
    assert not runs(number)


def test_a_killed_user_does_not_keep_the_server_alive(data_folder: Path) -> None:
    hold = "import sys; from pathlib import Path; from liangzheng.server.postgres import EmbeddedPostgres as E;"
    hold += "E(Path(sys.argv[1])).start(); print('started', flush=True); sys.stdin.read()"
    other = subprocess.Popen([sys.executable, "-c", hold, str(data_folder / "v")], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert other.stdout is not None
    assert other.stdin is not None
    with other.stdout, contextlib.closing(other.stdin):
        assert other.stdout.readline() == b"started\n"
        other.kill()
        other.wait()
    server = EmbeddedPostgres(data_folder / "v")
    server.start()
    number = postmaster(server)
    server.stop()
    assert not runs(number)


def kill_all(server: EmbeddedPostgres) -> None:
    """As when the machine's power fails: everything is gone at once, the lease of the user too."""
    family = [psutil.Process(postmaster(server))]
    family += family[0].children(recursive=True)
    for process in family:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGKILL)


def test_after_a_crash_what_was_committed_is_there(data_folder: Path) -> None:
    server = EmbeddedPostgres(data_folder / "v")
    server.start()
    with psycopg.connect(server.conninfo(OWNER_ROLE)) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
    kill_all(server)
    with EmbeddedPostgres(data_folder / "v") as again:
        assert rows(again, OWNER_ROLE, "SELECT number FROM kept") == [(7,)]
        server.stop()
        assert rows(again, OWNER_ROLE, "SELECT number FROM kept") == [(7,)]


def test_folders_closed_again_from_above_do_not_keep_it_from_stopping(data_folder: Path) -> None:
    server = EmbeddedPostgres(data_folder / "v")
    server.start()
    number = postmaster(server)
    data_folder.chmod(CLOSED)  # takes root's server user its way in
    server.stop()
    assert not runs(number)


def test_a_server_that_died_is_stopped_without_complaint(data_folder: Path) -> None:
    server = EmbeddedPostgres(data_folder / "v")
    server.start()
    kill_all(server)
    server.stop()
    assert not server.is_used()


def test_a_leftover_pid_file_that_names_another_program_is_no_obstacle(data_folder: Path) -> None:
    server = EmbeddedPostgres(data_folder / "v")
    server.start()
    server.stop()
    file = server.cluster / "postmaster.pid"
    file.write_text(f"{os.getpid()}\n{server.cluster}\n0\n5432\n\n\n0 0\nready\n")
    os.chown(file, server.cluster.stat().st_uid, -1)
    with server:
        assert rows(server, APP_ROLE, "SELECT 1") == [(1,)]


def test_an_interrupted_first_start_is_begun_again(data_folder: Path) -> None:
    (data_folder / "v" / "postgres" / "cluster.new").mkdir(parents=True)
    (data_folder / "v" / "postgres" / "cluster.new" / "PG_VERSION").write_text("18")
    with EmbeddedPostgres(data_folder / "v") as server:
        assert rows(server, APP_ROLE, "SELECT 1") == [(1,)]


def test_a_path_too_long_for_a_socket_gets_a_short_one(data_folder: Path) -> None:
    folder = data_folder / ("long" * 25)
    assert not socket_folder(folder).is_relative_to(folder)
    with EmbeddedPostgres(folder) as server:
        assert rows(server, APP_ROLE, "SELECT 1") == [(1,)]
        assert stat.S_IMODE(server.socket.stat().st_mode) == CLOSED
    shutil.rmtree(server.socket)


def test_a_socket_folder_that_a_stranger_prepared_is_refused(data_folder: Path) -> None:
    folder = data_folder / ("long" * 26)
    link = socket_folder(folder)
    link.symlink_to(data_folder)
    try:
        with pytest.raises(DatabaseDownError, match="belongs to another user"):
            EmbeddedPostgres(folder).start()
    finally:
        link.unlink()


def test_a_test_database_is_empty_and_gone_afterwards(server: EmbeddedPostgres) -> None:
    with server.new_database("short_lived") as name:
        conninfo = server.conninfo(OWNER_ROLE, name)
        with psycopg.connect(conninfo) as connection:
            assert connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (0,)
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(conninfo)


def test_passing_through_is_given_to_one_user_only(data_folder: Path) -> None:
    folder = data_folder / "closed" / "inner"
    folder.mkdir(parents=True)
    folder.parent.chmod(CLOSED)
    nobody, daemon = pwd.getpwnam("nobody"), pwd.getpwnam("daemon")
    assert not _may_pass(folder.parent, nobody)
    _open_for(folder.parent, nobody)
    assert _may_pass(folder.parent, nobody)
    assert not _may_pass(folder.parent, daemon)
    assert folder.parent.stat().st_mode & stat.S_IRWXO == 0
    _open_for(folder.parent, daemon)
    assert _may_pass(folder.parent, nobody)
    assert _may_pass(folder.parent, daemon)


def test_programs_installed_under_a_closed_umask_are_made_readable(data_folder: Path) -> None:
    if os.geteuid() != 0:  # only root runs them as somebody else
        return
    programs = data_folder / "programs"
    (programs / "lib").mkdir(parents=True)
    (programs / "postgres").write_text('#!/bin/sh\ncat "${0%/*}/lib/part"\n')
    (programs / "lib" / "part").write_text("PostgreSQL")
    for path, mode in (
        (programs / "postgres", 0o700),
        (programs / "lib" / "part", 0o600),
        (programs / "lib", 0o700),
        (programs, 0o700),
    ):
        path.chmod(mode)
    nobody = pwd.getpwnam("nobody")
    let_pass(programs, nobody)
    let_read(programs, programs / "postgres", nobody)
    command = [programs / "postgres"]
    done = subprocess.run(command, check=True, capture_output=True, user=nobody.pw_uid, group=nobody.pw_gid, extra_groups=[])
    assert done.stdout == b"PostgreSQL"
    assert (programs / "lib" / "part").stat().st_mode & 0o022 == 0
