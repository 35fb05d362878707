"""Which PostgreSQL to use: the one of `DATABASE_URL`, or the embedded one whose socket lies in the data folder."""

from __future__ import annotations

from dataclasses import dataclass

from psycopg.conninfo import conninfo_to_dict
from psycopg.errors import Error as PsycopgError

from liangzheng.server.settings_env import SettingError

OWNER_ROLE = "liangzheng_owner"
APP_ROLE = "liangzheng_app"
DATABASE_NAME = "liangzheng"
STATEMENT_TIMEOUT_MS = 15_000

_NETWORK = {
    "connect_timeout": 5,  # seconds
    "keepalives": 1,
    "keepalives_idle": 30,  # seconds
    "keepalives_interval": 10,  # seconds
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,  # milliseconds: a dead peer is given up while the officer still waits
}


@dataclass(frozen=True, slots=True)
class DatabaseAddress:
    """Where one role reaches the database; `host` may be a folder with a Unix socket."""

    name: str
    user: str
    password: str
    host: str
    port: str
    extra: tuple[tuple[str, str], ...] = ()


def read_database_url(variable: str, url: str) -> DatabaseAddress:
    """Read a libpq URL (`postgresql://user:password@host:port/name?sslmode=verify-full`)."""
    if not url.startswith(("postgres://", "postgresql://")):
        raise SettingError(f"{variable}: expected postgresql://user:password@host:port/name.")
    try:
        parts = {key: str(value) for key, value in conninfo_to_dict(url).items() if value is not None}
    except PsycopgError as error:
        raise SettingError(f"{variable}: not a PostgreSQL address ({error.__class__.__name__}).") from error
    if not (parts.get("dbname") and parts.get("user")):
        raise SettingError(f"{variable}: needs a user and a database name.")
    known = {"dbname", "user", "password", "host", "port"}
    extra = tuple((key, value) for key, value in sorted(parts.items()) if key not in known)
    return DatabaseAddress(
        parts["dbname"], parts["user"], parts.get("password", ""), parts.get("host", ""), parts.get("port", ""), extra
    )


def django_database(address: DatabaseAddress, *, statement_timeout_ms: int) -> dict[str, object]:
    """Give the entry of Django's DATABASES. A timeout of 0 means none, for migrations."""
    options = {**_NETWORK, **dict(address.extra)}
    options["options"] = f"{options.get('options', '')} -c statement_timeout={statement_timeout_ms}".strip()
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": address.name,
        "USER": address.user,
        "PASSWORD": address.password,
        "HOST": address.host,
        "PORT": address.port,
        "CONN_MAX_AGE": 60,  # seconds
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }
