"""The API object: the rooms' routes put together under /api/v1."""

from __future__ import annotations

from ninja import NinjaAPI

from liangzheng.auditlog.api import router as auditlog
from liangzheng.catalogue.api import router as catalogue
from liangzheng.codes.api import router as codes
from liangzheng.onsite.api import router as onsite
from liangzheng.onsite.look_up_api import router as look_ups
from liangzheng.people.api import router as people
from liangzheng.people.keeping_api import router as keeping
from liangzheng.people.sign_in_api import router as sign_in
from liangzheng.rights.api import router as rights
from liangzheng.server.problems import install
from liangzheng.supervision.agency_api import router as agency
from liangzheng.supervision.api import router as supervision
from liangzheng.supervision.audit_api import router as audit
from liangzheng.verification.api import router as verification

api = NinjaAPI(title="亮证 Liangzheng", version="1", urls_namespace="v1", docs_url=None, openapi_url=None)
for router in (
    sign_in,
    people,
    keeping,
    catalogue,
    codes,
    verification,
    onsite,
    look_ups,
    rights,
    auditlog,
    supervision,
    agency,
    audit,
):
    api.add_router("", router)
install(api)
