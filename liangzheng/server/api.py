"""The API object: the rooms' routes put together under /api/v1."""

from __future__ import annotations

from ninja import NinjaAPI

from liangzheng.auditlog.api import router as auditlog
from liangzheng.catalogue.api import router as catalogue
from liangzheng.codes.api import router as codes
from liangzheng.onsite.api import router as onsite
from liangzheng.people.api import router as people
from liangzheng.rights.api import router as rights
from liangzheng.server.problems import install
from liangzheng.verification.api import router as verification

api = NinjaAPI(title="亮证 Liangzheng", version="1", urls_namespace="v1", docs_url=None, openapi_url=None)
for router in (people, catalogue, codes, verification, onsite, rights, auditlog):
    api.add_router("", router)
install(api)
