"""Every address of the server."""

from __future__ import annotations

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.urls import path, re_path

from liangzheng.auditlog.public import add_checkpoint, log_file
from liangzheng.formats.jws import token_type
from liangzheng.formats.status_list import CWT_TYPE
from liangzheng.onsite.public import badge_page, badge_photo
from liangzheng.onsite.public_check import check_page, check_photo
from liangzheng.rights import public as rights
from liangzheng.server.api import api

_MEDIA_TYPES = {
    ".cer": "application/pkix-cert",
    ".crt": "application/pkix-cert",
    ".pem": "application/x-pem-file",
    ".crl": "application/pkix-crl",
    ".cwt": CWT_TYPE,
}


def web_app(_request: HttpRequest) -> HttpResponseBase:
    """Give the web app's page; the app itself reads the address."""
    page = settings.WEB_FOLDER / "index.html"
    if not page.is_file():
        raise Http404("web app not built: run `make web`")
    return FileResponse(page.open("rb"), content_type="text/html; charset=utf-8", headers={"Cache-Control": "no-cache"})


def trust_file(_request: HttpRequest, name: str) -> HttpResponseBase:
    """Publish the trust folder: roots, revocation lists, status and trust lists. All of it is public."""
    file = settings.TRUST_FOLDER / name
    if not file.is_file():
        raise Http404
    data = file.read_bytes()
    return HttpResponse(
        data,
        content_type=_media_type(file.suffix, data),
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-cache"},
    )


def _media_type(suffix: str, data: bytes) -> str:
    """Name the type by the suffix (RFC 5280, 4.2.1.13 and RFC 2585 for certificates and CRLs); a token says itself what it is."""
    if data.startswith(b"-----BEGIN"):
        return "application/x-pem-file"
    if suffix == ".jwt":
        return f"application/{token_type(data.strip()) or 'jwt'}"
    return _MEDIA_TYPES[suffix]


def health(_request: HttpRequest) -> JsonResponse:
    """Say that the process answers."""
    return JsonResponse({"status": "ok"})


urlpatterns = [
    path("health", health),
    path("api/v1/", api.urls),
    path("b/<str:token>", badge_page, name="badge"),
    path("b/<str:token>/photo", badge_photo, name="badge_photo"),
    path("check", check_page, name="check"),
    path("check/photo/<uuid:officer>", check_photo, name="check_photo"),
    path("r/<str:code>", rights.receipt_page),
    path("r/<str:code>/print", rights.receipt_print),
    path("r/<str:code>/file", rights.receipt_file),
    path("r/<str:code>/qr.svg", rights.receipt_picture),
    path("r/<str:code>/petition", rights.receipt_petition),
    path("r/<str:code>/rating", rights.receipt_token),
    path("rate", rights.rating_page),
    path("notice/<str:version>", rights.notice_page),
    path("forms/petition", rights.paper_form),
    re_path(r"^trust/(?P<name>[a-z0-9-]+\.(?:cer|crt|pem|crl|jwt|cwt))$", trust_file),
    path("log/<path:name>", log_file),
    path("witness/add-checkpoint", add_checkpoint),
    re_path(r"^(?!api/|static/|assets/)", web_app),
]
