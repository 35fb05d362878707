"""Every address of the server."""

from __future__ import annotations

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase, JsonResponse
from django.urls import path, re_path

from liangzheng.onsite.public import badge_page, badge_photo
from liangzheng.server.api import api


def web_app(_request: HttpRequest) -> HttpResponseBase:
    """Give the web app's page; the app itself reads the address."""
    page = settings.WEB_FOLDER / "index.html"
    if not page.is_file():
        raise Http404("web app not built: run `make web`")
    return FileResponse(page.open("rb"), content_type="text/html; charset=utf-8", headers={"Cache-Control": "no-cache"})


def trust_file(_request: HttpRequest, name: str) -> HttpResponseBase:
    """Publish the trust folder: roots, revocation list, status list. All of it is public."""
    file = settings.TRUST_FOLDER / name
    if not file.is_file():
        raise Http404
    return FileResponse(file.open("rb"), as_attachment=True)


def health(_request: HttpRequest) -> JsonResponse:
    """Say that the process answers."""
    return JsonResponse({"status": "ok"})


urlpatterns = [
    path("health", health),
    path("api/v1/", api.urls),
    path("b/<str:token>", badge_page, name="badge"),
    path("b/<str:token>/photo", badge_photo, name="badge_photo"),
    re_path(r"^trust/(?P<name>[a-z0-9-]+\.(?:cer|crl|jwt))$", trust_file),
    re_path(r"^(?!api/|static/|assets/)", web_app),
]
