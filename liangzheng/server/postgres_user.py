"""PostgreSQL refuses to run as root. Then a system user without log-in runs it, and is let through to its files.

Only that one user is let in, by an access control entry ("may pass through") on each closed folder above; the folder
stays closed for everybody else. Where the file system has no such entries, the folder is opened for passing through
(not for listing), which `doctor` and the docs say.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import stat
import struct
import subprocess
from pathlib import Path

SERVER_USER = "liangzheng-pg"

_ACL = "system.posix_acl_access"
_ACL_VERSION = 2
_NO_ID = 0xFFFFFFFF
_USER_OBJ, _USER, _GROUP_OBJ, _GROUP, _MASK, _OTHER = 0x01, 0x02, 0x04, 0x08, 0x10, 0x20
_PASS = 0o1
_Entry = tuple[int, int, int]  # tag, permissions, user or group id


class NoServerUserError(RuntimeError):
    """Root has no user to hand PostgreSQL to; the message says what to do instead."""


def server_user() -> pwd.struct_passwd:
    """Give the account that runs the server: oneself, or for root the system user, made when it is missing."""
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid())
    try:
        return pwd.getpwnam(SERVER_USER)
    except KeyError:
        pass
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    advice = "start as an ordinary user, or set DATABASE_URL."
    if useradd is None:
        raise NoServerUserError(f"PostgreSQL does not run as root and `useradd` is missing: {advice}")
    command = [useradd, "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", SERVER_USER]
    made = subprocess.run(command, check=False, capture_output=True, text=True)
    try:
        return pwd.getpwnam(SERVER_USER)  # another process may have made it in the same moment
    except KeyError as error:
        raise NoServerUserError(f"the system user {SERVER_USER} cannot be made ({made.stderr.strip()}): {advice}") from error


def let_pass(path: Path, user: pwd.struct_passwd) -> None:
    """Make every folder above `path` passable for `user`."""
    for folder in path.resolve().parents:
        if not _may_pass(folder, user):
            _open_for(folder, user)


def let_read(folder: Path, program: Path, user: pwd.struct_passwd) -> None:
    """Make a folder of programs readable when an installation under a closed umask left it unreadable."""
    account = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": ()}
    with contextlib.suppress(PermissionError, subprocess.CalledProcessError):
        subprocess.run([program, "--version"], check=True, capture_output=True, cwd="/", **account)  # type: ignore[call-overload]
        return
    for entry in (folder, *folder.rglob("*")):
        if not entry.is_symlink():
            executable = entry.is_dir() or entry.stat().st_mode & stat.S_IXUSR
            entry.chmod(entry.stat().st_mode | (0o555 if executable else 0o444))


def _may_pass(folder: Path, user: pwd.struct_passwd) -> bool:
    status = folder.stat()
    if status.st_uid == user.pw_uid:
        return bool(status.st_mode & stat.S_IXUSR)
    if (_USER, _PASS, user.pw_uid) in {(tag, mode & _PASS, number) for tag, mode, number in _read_acl(folder)}:
        return bool(status.st_mode & stat.S_IXGRP)  # the group bits show the mask
    if status.st_gid == user.pw_gid:
        return bool(status.st_mode & stat.S_IXGRP)
    return bool(status.st_mode & stat.S_IXOTH)


def _open_for(folder: Path, user: pwd.struct_passwd) -> None:
    entries = [entry for entry in _read_acl(folder) if entry[0] != _MASK and entry[::2] != (_USER, user.pw_uid)]
    entries.append((_USER, _PASS, user.pw_uid))
    group_side = [mode for tag, mode, _number in entries if tag in {_USER, _GROUP_OBJ, _GROUP}]
    mask = 0
    for mode in group_side:
        mask |= mode
    entries.append((_MASK, mask, _NO_ID))
    packed = b"".join(struct.pack("<HHI", *entry) for entry in sorted(entries, key=lambda entry: (entry[0], entry[2])))
    try:
        os.setxattr(folder, _ACL, struct.pack("<I", _ACL_VERSION) + packed)
    except (OSError, AttributeError):  # no such entries on this file system or operating system
        folder.chmod(folder.stat().st_mode | stat.S_IXOTH)


def _read_acl(folder: Path) -> list[_Entry]:
    """Read the access control list; a folder without one has the three entries of its mode."""
    try:
        raw = os.getxattr(folder, _ACL)
    except (OSError, AttributeError):
        mode = folder.stat().st_mode
        return [
            (_USER_OBJ, mode >> 6 & 7, _NO_ID),
            (_GROUP_OBJ, mode >> 3 & 7, _NO_ID),
            (_OTHER, mode & 7, _NO_ID),
        ]
    return [struct.unpack_from("<HHI", raw, offset) for offset in range(4, len(raw), 8)]
