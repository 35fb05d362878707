"""Which outside code gateways and sign-in providers this installation speaks with: the operator's JSON files, or the sandbox.

A file of gateways is a list of objects: `connector` (one_code, business_licence), `label`, `pattern` (a regular expression for
the whole text), and the connector's own settings; a file of providers is a list of objects with the fields of `OpenIdProvider`.
A secret is named by its file (`pin_token_file`, `client_secret_file`), never written down here.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from liangzheng.codes.foreign import ForeignGateway
from liangzheng.connectors.business_licence.gateway import BusinessLicenceGateway
from liangzheng.connectors.identity_provider.client import OpenIdProvider
from liangzheng.connectors.one_code.gateway import OneCodeGateway
from liangzheng.connectors.sandbox.identity import CLIENT_ID, CLIENT_SECRET
from liangzheng.people.outside import Provider

SANDBOX_PATTERNS = {"居民码": r"RC-SBX-[0-9A-Z]{26}", "企业码": r"EC-SBX-[0-9A-Z]{26}", "电子营业执照": r"BL-SBX-[0-9A-Z]{26}"}
"""What the sandbox's codes look like; the real ones' form is not published."""


@cache
def gateways() -> tuple[ForeignGateway, ...]:
    """Give the gateways, in the order in which a text is offered to them."""
    if settings.CODE_GATEWAYS:
        return _read_file(Path(settings.CODE_GATEWAYS))
    return _sandbox(settings.SANDBOX_URL) if settings.SANDBOX_URL else ()


def _sandbox(url: str) -> tuple[ForeignGateway, ...]:
    def one_code(label: str) -> ForeignGateway:
        pattern = re.compile(SANDBOX_PATTERNS[label])
        return OneCodeGateway(label, pattern, f"{url}/ymt/verify", f"{url}/ymt/message", "LZ-DEMO", "370600", "demo", "demo")

    licence = BusinessLicenceGateway(
        "电子营业执照",
        re.compile(SANDBOX_PATTERNS["电子营业执照"]),
        f"{url}/authenticationService/httpserver.do",
        "demo",
        "demo",
        "demo",
    )
    return (one_code("居民码"), one_code("企业码"), licence)


def _read_file(path: Path) -> tuple[ForeignGateway, ...]:
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
        return tuple(_gateway(dict(row), path.parent) for row in rows)
    except (OSError, ValueError, TypeError, KeyError, re.error) as error:
        raise ImproperlyConfigured(f"LIANGZHENG_CODE_GATEWAYS={str(path)!r}: {error.__class__.__name__}: {error}") from error


def _gateway(row: dict[str, str], folder: Path) -> ForeignGateway:
    connector, label, pattern = row.pop("connector"), row.pop("label"), re.compile(row.pop("pattern"))
    secrets = {name.removesuffix("_file"): (folder / row.pop(name)).read_text(encoding="utf-8").strip() for name in _files(row)}
    values = {**row, **secrets}
    if connector == "one_code":
        return OneCodeGateway(label, pattern, **values)
    if connector == "business_licence":
        return BusinessLicenceGateway(label, pattern, **values)
    raise ValueError(f"no connector {connector!r}")


@cache
def sign_in_providers() -> tuple[Provider, ...]:
    """Give the sign-in providers, in the order in which they are offered."""
    if settings.SIGN_IN_FILE:
        return _read_providers(Path(settings.SIGN_IN_FILE))
    return (sandbox_provider(settings.SANDBOX_URL),) if settings.SANDBOX_URL else ()


def sandbox_provider(url: str) -> OpenIdProvider:
    """Describe the sandbox's provider."""
    authorize, token, jwks = (f"{url}/oidc/{name}" for name in ("authorize", "token", "jwks"))
    return OpenIdProvider("sandbox", "统一认证（演示）", url, authorize, token, jwks, CLIENT_ID, CLIENT_SECRET)


def _read_providers(path: Path) -> tuple[Provider, ...]:
    try:
        found = tuple(_provider(dict(row), path.parent) for row in json.loads(path.read_text(encoding="utf-8")))
        if len({provider.key for provider in found}) != len(found):
            raise ValueError("a key twice")  # noqa: TRY301 - told like every other mistake in the file
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ImproperlyConfigured(f"LIANGZHENG_SIGN_IN_PROVIDERS={str(path)!r}: {error.__class__.__name__}: {error}") from error
    return found


def _provider(row: dict[str, str], folder: Path) -> OpenIdProvider:
    secret = (folder / row.pop("client_secret_file")).read_text(encoding="utf-8").strip()
    provider = OpenIdProvider(**row, client_secret=secret)
    if not re.fullmatch(r"[a-z0-9-]{1,40}", provider.key):
        raise ValueError(f"key {provider.key!r}: lower-case letters, digits and hyphens")
    for url in (provider.issuer, provider.authorization_url, provider.token_url, provider.jwks_url):
        if not url.startswith("https://") and not settings.DEMO:
            raise ValueError(f"{url!r} is not https")
    return provider


def _files(row: dict[str, str]) -> list[str]:
    return [name for name in row if name.endswith("_file")]
