"""How each operation of the API is called in the isolation matrix: one line for each, by method and path.

A new route without a line here fails the matrix. `$name` stands for a value of the team whose data is asked for
(`twins.py` makes them), in paths by `PATH`; `$my_name` for one of the asker's own team.

kinds: `public` needs nobody signed in and shows nobody's data; `shared` is the same for everyone who may ask; `list` shows
what the asker may see; `own` changes something of the asker's, without naming anything; `object` names something of somebody.
`who`: the accounts of the owning team for whom it succeeds, the first of them tries first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from liangzheng.crypto.p256 import P256PrivateKey
from tests.journeys.devices import proof_of
from tests.journeys.phones import Json

Kind = Literal["public", "shared", "list", "own", "object"]
PARTY, HOLDERS, TEAM = ("driver",), ("driver", "firm"), ("officer", "second")
EVERYBODY = ("*",)
"""Who holds a signed event may hand it in: it proves itself."""
ANY = ("officer", "second", "colleague", "auxiliary", "driver", "firm")


@dataclass(frozen=True, slots=True)
class Recipe:
    """One operation. `body` is JSON or made by the asker's phone; `path`: values that differ from `PATH`.

    `upload`: a licence file of the demo is sent instead of JSON. `differs`: accounts of the owning team that are rightly told
    something else than that the thing does not exist.
    """

    kind: Kind
    who: tuple[str, ...] = TEAM
    body: Json = None
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, int] = field(default_factory=dict)
    upload: bool = False
    differs: tuple[str, ...] = ()


PATH = {
    "act_id": "$act",
    "scan_id": "$scan",
    "officer_id": "$second_id",
    "exhibit_id": "$exhibit",
    "document_id": "$document",
    "licence_id": "$driver_licence",
    "delegation_id": "$delegation",
    "finding_id": "$finding",
    "device_id": "$device",
    "use": "$use",
    "field": "$field",
    "digest": "$part",
    "petition": "$petition",
    "agency": "$agency",
    "delay": "$delay",
    "alarm_id": "$alarm",
    "access_id": "$access",
    "inquiry_id": "$inquiry",
    "entry_id": "$use",
    "grant_id": "$grant",
    "username": "$second_user",
    "provider": "sandbox",
    "number": "$colleague_certificate",
    "power_id": "$alarm",
    "passkey_id": "$alarm",
}
OPENING = {"subject": "coach", "place": "演示路段", "second_officer": "$second_id", "asks": {"plate": "鲁F0D101"}}
PHYSICAL = {"requirement": "$requirement", "holder_name": "张三", "number": "1"}
DELEGATION = {"licence": "$firm_licence", "to_user": "$driver_user", "purpose": "演示", "until": "$until"}

DELAY = {"scan": "$late_scan", "days": 5, "basis": "hinders_duty", "reason": "演示"}
LOOK_UP = {
    "requirement": "$person_requirement",
    "ground": "no_phone",
    "by": "person",
    "name": "$driver_name",
    "id_number": "$driver_code",
}
INQUIRY = {"agency": "$agency", "question": "演示", "days": 5, "act": "$act"}
FORWARD, ANSWER = {"to": "演示", "reference": "1"}, {"answer": "已核对", "outcome": "rejected"}
HEAD = ("colleague",)
ROSTER = {"shifts": [{"officer": "$second_id", "starts_at": "$until", "ends_at": "$until_later"}]}
SHOWN_ELSEWHERE: tuple[str, ...] = ()
"""Whose it is succeeds in tests/people, which sign in with second factors and outside providers; here others try."""

RECIPES: Mapping[str, Recipe] = {
    # 检查
    "GET /acts": Recipe("list"),
    "POST /acts": Recipe("object", ("officer", "colleague"), OPENING, differs=("second",)),
    "GET /acts/{act_id}": Recipe("object"),
    "POST /acts/{act_id}/badge": Recipe("object", body={}),
    "POST /acts/{act_id}/officers/{officer_id}/declined": Recipe("object", body={"note": "演示"}),
    "POST /acts/{act_id}/scans": Recipe("object", body={"code": "https://ymt.example.cn/resident/9f8e7d6c5b4a"}),
    "GET /acts/{act_id}/scans/{scan_id}": Recipe("object"),
    "GET /acts/{act_id}/scans/{scan_id}/photo": Recipe("object"),
    "POST /acts/{act_id}/scans/{scan_id}/photo-match": Recipe("object", body={"match": True}),
    "POST /acts/{act_id}/scans/{scan_id}/reveal": Recipe("object", body={"field": "holder_code", "reason": "核对"}),
    "POST /acts/{act_id}/scans/{scan_id}/exhibit": Recipe("object", body={}),
    "POST /acts/{act_id}/files": Recipe("object", upload=True),
    "GET /acts/{act_id}/exhibits/{exhibit_id}/file": Recipe("object"),
    "POST /acts/{act_id}/physical": Recipe("object", body=PHYSICAL),
    "PUT /acts/{act_id}/values/{field}": Recipe("object", body={"value": "正常", "reason": "演示"}),
    "POST /acts/{act_id}/record": Recipe("object", body={}),
    "GET /acts/{act_id}/documents/{document_id}.pdf": Recipe("object"),
    "POST /queue": Recipe("object", EVERYBODY, {"device": "$device", "events": ["$my_event"]}),
    "GET /findings": Recipe("list"),
    "POST /findings/{finding_id}/close": Recipe("object", body={"note": "已核对"}),
    # 人员与设备
    "GET /session": Recipe("public"),
    "POST /session": Recipe("public", body={"username": "nobody", "password": "x"}),
    "DELETE /session": Recipe("public"),
    "GET /colleagues": Recipe("list", (*TEAM, "colleague", "auxiliary")),
    "GET /officers/{officer_id}/photo": Recipe("object", (*TEAM, "colleague", "auxiliary")),
    "GET /devices": Recipe("list", ANY),
    "POST /devices/challenge": Recipe("own", ANY, {}),
    "POST /devices": Recipe("own", ("colleague", "firm"), lambda phone: proof_of(phone, P256PrivateKey.generate())),
    "POST /devices/{device_id}/credentials": Recipe("object", ("officer",), {}),
    "POST /devices/{device_id}/revoke": Recipe("object", PARTY, {"reason": "演示"}, {"device_id": "$driver_device"}),
    # 持证主体
    "GET /my/licences": Recipe("list", PARTY),
    "POST /my/licences/{licence_id}/code": Recipe("object", PARTY, {}),
    "GET /my/licences/{licence_id}/photo": Recipe("object", PARTY),
    "GET /my/licences/{licence_id}/file": Recipe("object", PARTY),
    "GET /my/licences/{licence_id}/record": Recipe("object", PARTY),
    "GET /my/delegations": Recipe("list", HOLDERS),
    "POST /my/delegations": Recipe("object", ("firm",), DELEGATION),
    "DELETE /my/delegations/{delegation_id}": Recipe("object", ("firm",)),
    "GET /my/uses": Recipe("list", HOLDERS),
    "GET /my/uses/{use}/receipt": Recipe("object", PARTY),
    "GET /my/uses/{use}": Recipe("object", PARTY),
    "POST /my/uses/{use}/signed-receipt": Recipe("object", PARTY, {}),
    "POST /my/uses/{use}/rating-token": Recipe("object", PARTY, {}),
    "GET /my/petitions": Recipe("list", HOLDERS),
    "POST /my/petitions": Recipe("object", PARTY, {"use": "$use2", "kind": "objection", "text": "演示"}),
    "POST /my/petitions/{petition}/withdraw": Recipe("object", PARTY, {}, {"petition": "$petition2"}),
    # 权益的办理
    "POST /acts/{act_id}/scans/{scan_id}/receipt": Recipe("object", body={}),
    "GET /petitions": Recipe("list", (*TEAM, "colleague")),
    "POST /petitions": Recipe("own", ("officer",), {"kind": "complaint", "text": "演示", "name": "演示人", "contact": "演示"}),
    "GET /petitions/{petition}": Recipe("object", (*TEAM, "colleague")),
    "POST /petitions/{petition}/forward": Recipe("object", HEAD, FORWARD, {"petition": "$petition3"}, differs=TEAM),
    "POST /petitions/{petition}/answer": Recipe("object", HEAD, ANSWER, differs=TEAM),
    "POST /ratings": Recipe("public", body={"token": "nobody's", "score": 3}),
    "GET /agencies/{agency}/ratings": Recipe("public"),
    "GET /receipt-keys": Recipe("public"),
    "GET /notice": Recipe("public"),
    "POST /acts/{act_id}/display-delays": Recipe("object", ("officer",), DELAY, {"act_id": "$late_act"}),
    "GET /display-delays": Recipe("list", ("supervisor",)),
    "POST /display-delays/{delay}/decision": Recipe("object", ("supervisor",), {"approve": False}),
    # 依职能查询与监督
    "GET /acts/{act_id}/look-ups": Recipe("object"),
    "POST /acts/{act_id}/look-ups": Recipe("object", ("officer",), LOOK_UP),
    "POST /acts/{act_id}/break-glass": Recipe("object", ("second",), {"reason": "演示：当事人都没有带手机", "minutes": 5}),
    "GET /supervision/overview": Recipe("list", ("supervisor",)),
    "GET /supervision/acts": Recipe("list", ("supervisor",)),
    "GET /supervision/acts/{act_id}": Recipe("object", ("supervisor",)),
    "GET /supervision/alarms": Recipe("list", ("supervisor",)),
    "POST /supervision/alarms/{alarm_id}/close": Recipe("object", ("supervisor",), {"note": "演示"}),
    "GET /supervision/break-glass": Recipe("list", ("supervisor",)),
    "POST /supervision/break-glass/{access_id}/review": Recipe("object", ("supervisor",), {"accepted": True, "note": "演示"}),
    "GET /supervision/inquiries": Recipe("list", ("supervisor",)),
    "POST /supervision/inquiries": Recipe("object", ("supervisor",), INQUIRY),
    "POST /inquiries/{inquiry_id}/answers": Recipe("object", ("colleague",), {"text": "演示"}),
    "POST /supervision/inquiries/{inquiry_id}/close": Recipe("object", ("supervisor",), {}),
    "GET /inquiries": Recipe("list", ("colleague",)),
    "POST /roster": Recipe("object", ("colleague",), ROSTER),
    "GET /audit/entries": Recipe("list", ("auditor",)),
    "GET /audit/entries/{entry_id}/proof": Recipe("object", ("auditor",)),
    # 账号与岗位
    "GET /posts": Recipe("list", ("administrator",)),
    "POST /posts": Recipe("object", ("administrator",), {"username": "$second_user", "post": "lead_officer", "reason": "演示"}),
    "POST /posts/{grant_id}/approve": Recipe("object", SHOWN_ELSEWHERE, {}),
    "POST /posts/{grant_id}/end": Recipe("object", ("administrator",), {}),
    "POST /accounts/{username}/identities": Recipe("object", SHOWN_ELSEWHERE, {"provider": "sandbox", "subject": "nobody"}),
    "DELETE /accounts/{username}/identities/{provider}": Recipe("object", SHOWN_ELSEWHERE),
    "POST /certificates/{number}/decisions": Recipe("object", SHOWN_ELSEWHERE, {"kind": "suspend", "reason": "演示"}),
    "POST /certificates/{number}/annual-check": Recipe("object", SHOWN_ELSEWHERE, {"through": "2099-01-01", "reason": "演示"}),
    "GET /powers": Recipe("shared", ("administrator",)),
    "POST /powers": Recipe("own", SHOWN_ELSEWHERE, {}),
    "POST /powers/{power_id}/revoke": Recipe("object", SHOWN_ELSEWHERE, {}),
    # 登录
    "POST /session/totp": Recipe("public", body={"code": "000000"}),
    "POST /session/recovery": Recipe("public", body={"code": "x"}),
    "POST /session/passkey/options": Recipe("public", body={}),
    "POST /session/passkey": Recipe("public", body={}),
    "GET /session/outside": Recipe("public"),
    "GET /session/outside/{key}": Recipe("public", path={"key": "nobody"}),
    "GET /session/outside/{key}/back": Recipe("public", path={"key": "nobody"}),
    "GET /security": Recipe("list", ANY),
    "POST /sign-ins/end": Recipe("own", SHOWN_ELSEWHERE, {}),
    "POST /security/totp": Recipe("own", SHOWN_ELSEWHERE, {"password": "x"}),
    "POST /security/totp/confirm": Recipe("own", SHOWN_ELSEWHERE, {"code": "000000"}),
    "POST /security/totp/remove": Recipe("own", SHOWN_ELSEWHERE, {"password": "x"}),
    "POST /security/passkeys/options": Recipe("own", SHOWN_ELSEWHERE, {"password": "x"}),
    "POST /security/passkeys": Recipe("own", SHOWN_ELSEWHERE, {}),
    "POST /security/passkeys/{passkey_id}/remove": Recipe("object", SHOWN_ELSEWHERE, {"password": "x"}),
    "POST /security/recovery": Recipe("own", SHOWN_ELSEWHERE, {"password": "x"}),
    # 人人相同
    "GET /subjects": Recipe("shared", TEAM),
    "GET /pack": Recipe("shared", ANY),
    "GET /pack/key": Recipe("shared", ANY),
    "GET /pack/parts/{digest}": Recipe("shared", ANY),
    "GET /reasons": Recipe("public"),
    "GET /trust": Recipe("public"),
    "GET /log": Recipe("public"),
    "GET /log/consistency": Recipe("public", query={"old": 1, "new": 1}),
}
