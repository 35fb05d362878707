"""Every setting, read once. `docs/reference/settings.md` explains each environment variable; a test compares the two."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from liangzheng.server import database
from liangzheng.server.postgres import socket_folder
from liangzheng.server.settings_env import SettingError, envbool, envchoice, envint, envpath, envsecret, envstr

PROJECT = Path(__file__).resolve().parents[2]

# --- what the operator sets -------------------------------------------------------------------------------------------
DATA_FOLDER = envpath("LIANGZHENG_DATA", Path("var"))
HOST = envstr("LIANGZHENG_HOST", "127.0.0.1")
PORT = envint("LIANGZHENG_PORT", 8000, least=1, most=65535)
WORKERS = envint("LIANGZHENG_WORKERS", 2, least=1, most=64)
PUBLIC_URL = envstr("LIANGZHENG_PUBLIC_URL", f"http://{HOST}:{PORT}").rstrip("/")
DEMO = envbool("LIANGZHENG_DEMO", default=False)
DATABASE_ROLE = envchoice("LIANGZHENG_DATABASE_ROLE", "app", ("app", "owner"))
COLUMN_CIPHER = envchoice("LIANGZHENG_COLUMN_CIPHER", "sm4", ("sm4", "aes"))
PACK_HOURS = envint("LIANGZHENG_PACK_HOURS", 12, least=1, most=72)
CODE_GATEWAYS = envstr("LIANGZHENG_CODE_GATEWAYS")
SANDBOX_PORT = envint("LIANGZHENG_SANDBOX_PORT", 8010, least=1, most=65535)
SANDBOX_URL = f"http://127.0.0.1:{SANDBOX_PORT}" if DEMO else ""
SIGN_IN_FILE = envstr("LIANGZHENG_SIGN_IN_PROVIDERS")
SIGN_IN_PROVIDERS = "liangzheng.connectors.configured.sign_in_providers"  # who implements what `people.outside` asks for
FOREIGN_GATEWAYS = "liangzheng.connectors.configured.gateways"  # who implements what `codes.foreign` asks for
LOOK_UPS_A_DAY = envint("LIANGZHENG_LOOK_UPS_A_DAY", 50, least=1, most=500)
LATE_ENTRY_HOURS = envint("LIANGZHENG_LATE_ENTRY_HOURS", 24, least=1, most=720)
LOG_ORIGIN = envstr("LIANGZHENG_LOG_ORIGIN", f"{PUBLIC_URL.partition('://')[2]}/log")  # never changes once there are entries
LOG_PEERS = envstr("LIANGZHENG_LOG_PEERS")
LOG_TSA_URL = envstr("LIANGZHENG_LOG_TSA_URL")
WITNESS_NAME = envstr("LIANGZHENG_WITNESS_NAME", f"{PUBLIC_URL.partition('://')[2]}/witness")

# Everyone can read these two: they protect nothing, and `server/startup.py` refuses them outside demo mode.
DEMO_SECRET_KEY = "demo-only-secret-key-that-protects-nothing-and-is-refused-elsewhere"  # noqa: S105
DEMO_MASTER_KEY = "de" * 16
SECRET_KEY = envsecret("LIANGZHENG_SECRET_KEY", DEMO_SECRET_KEY)
MASTER_KEY = envsecret("LIANGZHENG_MASTER_KEY", DEMO_MASTER_KEY)  # 32 hex digits: the SM4 key that wraps the column keys
NEW_MASTER_KEY = envsecret("LIANGZHENG_NEW_MASTER_KEY", "")  # only for `liangzheng keys rewrap`

# --- folders ----------------------------------------------------------------------------------------------------------
KEYS_FOLDER = DATA_FOLDER / "keys"
OBJECTS_FOLDER = DATA_FOLDER / "objects"
LOG_FOLDER = DATA_FOLDER / "log-tiles"  # public: the log's tree and checkpoints
WITNESS_FOLDER = DATA_FOLDER / "witness"  # what this machine has cosigned of other logs
TRUST_FOLDER = DATA_FOLDER / "trust"  # public: roots, revocation lists, status and trust lists
WEB_FOLDER = PROJECT / "web" / "mobile" / "dist"

# --- database ---------------------------------------------------------------------------------------------------------
APP_ROLE = database.APP_ROLE
_urls = {"app": ("DATABASE_URL", envsecret("DATABASE_URL", ""))}
_urls["owner"] = ("LIANGZHENG_OWNER_DATABASE_URL", envsecret("LIANGZHENG_OWNER_DATABASE_URL", ""))
EMBEDDED_DATABASE = not _urls["app"][1]


def _database_address() -> database.DatabaseAddress:
    if EMBEDDED_DATABASE:
        role = database.OWNER_ROLE if DATABASE_ROLE == "owner" else database.APP_ROLE
        return database.DatabaseAddress(database.DATABASE_NAME, role, "", str(socket_folder(DATA_FOLDER)), "5432")
    variable, url = _urls[DATABASE_ROLE]
    if not url:
        raise SettingError(f"{variable} is needed beside DATABASE_URL for commands that change the schema.")
    return database.read_database_url(variable, url)


DATABASES = {
    "default": database.django_database(
        _database_address(), statement_timeout_ms=0 if DATABASE_ROLE == "owner" else database.STATEMENT_TIMEOUT_MS
    )
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Django -----------------------------------------------------------------------------------------------------------
DEBUG = False
_public = urlsplit(PUBLIC_URL)
if _public.scheme not in {"http", "https"} or not _public.hostname:
    raise SettingError(f"LIANGZHENG_PUBLIC_URL={PUBLIC_URL!r}: expected http(s)://host.")
ALLOWED_HOSTS = [_public.hostname, "127.0.0.1", "localhost", "[::1]"]
CSRF_TRUSTED_ORIGINS = [f"{_public.scheme}://{_public.netloc}"]
ROOT_URLCONF = "liangzheng.server.urls"
WSGI_APPLICATION = "liangzheng.server.wsgi.application"
ROOMS = [
    "storage",
    "auditlog",
    "people",
    "mandates",
    "holders",
    "catalogue",
    "licences",
    "codes",
    "verification",
    "cases",
    "evidence",
    "rights",
    "onsite",
    "supervision",
]
INSTALLED_APPS = [
    *(f"liangzheng.{room}" for room in ROOMS),
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "liangzheng.server",  # its management command
    "procrastinate.contrib.django",
]
MIDDLEWARE = [
    "liangzheng.server.headers.SecurityHeaders",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
APPEND_SLASH = False

AUTH_USER_MODEL = "people.User"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 12 * 3600  # seconds: one shift
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _public.scheme == "https"
CSRF_COOKIE_SAMESITE = "Lax"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _public.scheme == "https" else None
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024  # bytes of a JSON body
FILE_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024  # bytes; larger uploads go to a temporary file

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
WHITENOISE_ROOT = WEB_FOLDER if WEB_FOLDER.is_dir() else None
WHITENOISE_INDEX_FILE = False  # `server/urls.py` gives the page, for every address of the app
WHITENOISE_USE_FINDERS = True  # no collectstatic step: the few server-rendered pages bring one stylesheet
WHITENOISE_AUTOREFRESH = False
WHITENOISE_ALLOW_ALL_ORIGINS = False
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/assets/.+-[\w-]{8,}\.\w+$"  # the build puts a digest of the content into these names

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"  # a room's jobs are in its jobs.py

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {"liangzheng": {"level": "INFO"}},
}
