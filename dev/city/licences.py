"""The licences of the demo city: what every journey needs in valid form, and one of each way not to be valid.

Days are counted from the building day, so that "expired" stays expired and "valid" stays valid.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType

from dev.city.people import CODE_REGION, REGION, Authority, Holder, authorities, holders, officers
from liangzheng.catalogue.read import LicenceType, catalogue
from liangzheng.formats.identifiers import make_licence_identifier

TYPE_NUMBERS = {  # a block of serial numbers for each type
    "road_transport_permit": 1,
    "vehicle_certificate": 2,
    "driver_qualification": 3,
    "business_licence": 4,
    "guide_certificate": 5,
    "entertainment_permit": 6,
    "enforcement_certificate": 7,
}
ISSUERS = {
    "road_transport_permit": "road",
    "vehicle_certificate": "road",
    "driver_qualification": "road",
    "business_licence": "market",
    "guide_certificate": "tourism",
    "entertainment_permit": "tourism",
    "enforcement_certificate": "justice",
}
YEAR = 365


@dataclass(frozen=True, slots=True)
class Term:
    """Validity in days from the building day; `end` None is without end (长期)."""

    start: int
    end: int | None


GOOD = Term(-YEAR, 3 * YEAR)  # four years, as road transport permits run
TWO_YEARS, THREE_YEARS, SIX_YEARS = Term(-YEAR, YEAR), Term(-YEAR, 2 * YEAR), Term(-2 * YEAR, 4 * YEAR)
FOREVER = Term(-4 * YEAR, None)


@dataclass(frozen=True, slots=True)
class Ending:
    """How a licence stopped being valid: our status word, the issuer's own, how many days ago, and the decision."""

    status: str = "valid"
    source_status: str = "有效"
    days_ago: int = 0
    note: str = ""


VALID = Ending()


@dataclass(frozen=True, slots=True)
class Plan:
    """One licence before it has dates and a file. `face` holds `KZ_` fields; `serial` counts within the type."""

    key: str
    type: str
    holder: str
    serial: int
    number: str
    face: Mapping[str, str]
    term: Term = GOOD
    ending: Ending = VALID
    version: int = 1
    supersedes: str | None = None


@dataclass(frozen=True, slots=True)
class Licence:
    """One licence record, not yet a file. `valid_to` None: without end. `status_index` is its place in the status list."""

    key: str
    type_id: str
    type_code: str
    type_name: str
    holder: Holder
    authority: Authority
    identifier: str
    number: str
    version: str
    issued_on: date
    valid_from: date
    valid_to: date | None
    face: Mapping[str, str]
    status: str
    source_status: str
    status_on: date
    status_note: str
    status_index: int
    region: str
    supersedes: str | None


def licences(today: date) -> tuple[Licence, ...]:
    """All licences as of the building day (Asia/Shanghai)."""
    types = {item.id: item for item in catalogue().licence_types}
    people = {holder.key: holder for holder in holders()}
    issuers = {authority.key: authority for authority in authorities()}
    plans = (*_coach(), *_freight(), *_guides(), *_venues(), *_officers())
    return tuple(
        _licence(plan, index, types[plan.type], people[plan.holder], issuers[ISSUERS[plan.type]], today)
        for index, plan in enumerate(plans)
    )


def _licence(plan: Plan, index: int, kind: LicenceType, holder: Holder, authority: Authority, today: date) -> Licence:
    start = today + timedelta(days=plan.term.start)
    serial = f"DEM0{start.year}{TYPE_NUMBERS[plan.type]}{plan.serial:05d}"
    return Licence(
        key=plan.key,
        type_id=kind.id,
        type_code=kind.code,
        type_name=kind.name,
        holder=holder,
        authority=authority,
        identifier=make_licence_identifier(kind.code, authority.uscc, serial, plan.version),
        number=plan.number,
        version=f"{plan.version:03d}",
        issued_on=min(start, today - timedelta(days=3)),
        valid_from=start,
        valid_to=None if plan.term.end is None else today + timedelta(days=plan.term.end),
        face=_face(plan, holder, start),
        status=plan.ending.status,
        source_status=plan.ending.source_status,
        status_on=today - timedelta(days=plan.ending.days_ago) if plan.ending.days_ago else start,
        status_note=plan.ending.note,
        status_index=index,
        region=REGION,
        supersedes=plan.supersedes,
    )


def _face(plan: Plan, holder: Holder, start: date) -> Mapping[str, str]:
    """The fields that follow from the holder, then those of the plan."""
    known = {
        "road_transport_permit": {"KZ_YHMC": holder.name, "KZ_DZ": holder.address},
        "vehicle_certificate": {"KZ_YHMC": holder.name, "KZ_DZ": holder.address},
        "driver_qualification": {**_personal(holder), "KZ_GJ": "中国", "KZ_ZZ": holder.address, "KZ_CCLZRQ": start.isoformat()},
        "business_licence": {
            "KZ_MC": holder.name,
            "KZ_LX": holder.form,
            "KZ_FDDBR": holder.representative,
            "KZ_CLRQ": start.isoformat(),
            "KZ_YYQX": "长期",
            "KZ_ZS": holder.address,
            "KZ_DJJG": "烟台市市场监督管理局（演示）",
            "KZ_HZRQ": start.isoformat(),
        },
        "guide_certificate": {"KZ_XM": holder.name, "KZ_XB": holder.sex, "KZ_DYZH": plan.number},
        "entertainment_permit": {"KZ_DWMC": holder.name, "KZ_DZ": holder.address, "KZ_FDDBR": holder.representative},
        "enforcement_certificate": {"KZ_XM": holder.name},
    }
    return MappingProxyType({**known[plan.type], **plan.face})


def _personal(holder: Holder) -> dict[str, str]:
    born = holder.born.isoformat() if holder.born else ""
    return {"KZ_XM": holder.name, "KZ_XB": holder.sex, "KZ_CSRQ": born}


def _permit(key: str, holder: str, serial: int, scope: str, ending: Ending = VALID, term: Term = GOOD) -> Plan:
    number = f"鲁交运管许可演字{CODE_REGION}{serial:06d}号"
    return Plan(key, "road_transport_permit", holder, serial, number, {"KZ_JYFW": scope}, term, ending)


def _vehicle(key: str, permit: Plan, serial: int, plate: str, scope: str, term: Term = GOOD, ending: Ending = VALID) -> Plan:
    is_coach = "客运" in scope
    face = {
        "KZ_CLHP": plate,
        "KZ_HPYS": "黄色",
        "KZ_JYXKZH": permit.number,
        "KZ_CLLX": "大型普通客车" if is_coach else "重型仓栅式货车",
        "KZ_DZW": "49座" if is_coach else "18吨",
        "KZ_CLCC": "11980×2550×3650" if is_coach else "9000×2550×3950",
        "KZ_JYFW": scope,
        "KZ_NSZT": "合格",
        "KZ_JSDJ": "一级",
    }
    number = f"鲁交运管演字{CODE_REGION}{serial:06d}号"
    return Plan(key, "vehicle_certificate", permit.holder, serial, number, face, term, ending)


def _driver(holder: str, serial: int, category: str, term: Term = SIX_YEARS, ending: Ending = VALID) -> Plan:
    """The number of a qualification is the person's own citizen number (domain: 证号即身份号)."""
    person = next(item for item in holders() if item.key == holder)
    face = {
        "KZ_ZJCX": "A1A2" if "旅客" in category else "A2B2",
        "KZ_CYZGLB": category,
        "KZ_DAH": f"{CODE_REGION}{serial:06d}",
    }
    return Plan(f"{holder}-driver", "driver_qualification", holder, serial, person.code, face, term, ending)


def _business(holder: str, serial: int, scope: str, capital: str, ending: Ending = VALID) -> Plan:
    firm = next(item for item in holders() if item.key == holder)
    face = {"KZ_JYFW": scope, "KZ_ZCZB": capital}
    return Plan(f"{holder}-business", "business_licence", holder, serial, firm.code, face, FOREVER, ending)


def _guide(holder: str, serial: int, ending: Ending = VALID) -> Plan:
    face = {"KZ_DJ": "初级", "KZ_YZ": "中文（普通话）", "KZ_SSJG": "烟台旅途旅行社（演示）"}
    number = f"演导字{CODE_REGION}{serial:06d}号"
    return Plan(f"{holder}-guide", "guide_certificate", holder, serial, number, face, THREE_YEARS, ending)


def _venue(holder: str, serial: int, scope: str, term: Term = TWO_YEARS) -> Plan:
    face = {"KZ_JYFW": scope, "KZ_HDRS": "180人"}
    return Plan(f"{holder}-venue", "entertainment_permit", holder, serial, f"演娱字{CODE_REGION}{serial:06d}号", face, term)


PASSENGERS, GOODS = "经营性道路旅客运输驾驶员", "经营性道路货物运输驾驶员"
COACH_SCOPE, GOODS_SCOPE = "县际班车客运、市际班车客运、市际包车客运", "道路普通货物运输"


def _coach() -> tuple[Plan, ...]:
    replaced = Ending("superseded", "无效（已换发）", YEAR, "已换发新证，版本002")
    old = _permit("haiyun-permit-old", "haiyun", 1, "县际班车客运", replaced, Term(-3 * YEAR, YEAR))
    new = Plan(
        "haiyun-permit",
        "road_transport_permit",
        "haiyun",
        1,
        old.number,
        {"KZ_JYFW": COACH_SCOPE},
        version=2,
        supersedes=old.key,
    )
    withdrawn = Ending("withdrawn", "撤销", 60, "原许可决定已被撤销（演示）")
    return (
        old,
        new,
        _vehicle("haiyun-coach", new, 101, "鲁F0D101", "市际班车客运、市际包车客运"),
        _vehicle("haiyun-coach-expired", new, 102, "鲁F0D102", "市际包车客运", Term(-4 * YEAR, -40)),
        _business("haiyun", 1, "道路旅客运输经营；汽车租赁", "1000万元人民币"),
        _driver("zhang", 1, PASSENGERS),
        _driver("ma", 2, PASSENGERS, ending=Ending("revoked", "吊销", 65, "演示决定书第118号")),
        _driver("lin", 3, PASSENGERS, Term(-6 * YEAR + 12, 12)),
        _driver("xu", 4, PASSENGERS, Term(20, 6 * YEAR)),
        _permit("hengtu-permit", "hengtu", 2, COACH_SCOPE, withdrawn),
    )


def _freight() -> tuple[Plan, ...]:
    permit = _permit("shunda-permit", "shunda", 3, f"{GOODS_SCOPE}、货物专用运输（冷藏保鲜设备）")
    suspended = Ending("suspended", "暂扣", 9, "暂扣至问题整改完毕（演示）")
    return (
        permit,
        _vehicle("shunda-truck", permit, 201, "鲁F0D201", GOODS_SCOPE),
        _vehicle("shunda-truck-suspended", permit, 203, "鲁F0D203", GOODS_SCOPE, ending=suspended),
        _business("shunda", 2, "道路货物运输；仓储服务", "500万元人民币"),
        _driver("liu", 5, GOODS),
        _driver("luo", 6, GOODS, ending=Ending("transferred_out", "办理转出", 30, "已转往外地管理（演示）")),
        _driver("tang", 7, GOODS, Term(-6 * YEAR, -200)),
        # Drives a van of 4,495 kg (鲁F0D202): law asks for neither permit nor vehicle certificate, so there are none.
        _business("qihang", 3, "普通货物运输（总质量4500千克及以下）", "5万元人民币"),
    )


def _guides() -> tuple[Plan, ...]:
    return (
        _guide("chen", 1),
        _guide("zheng", 2, Ending("suspended", "暂扣", 15, "导游证暂扣三十日（演示）")),
        _guide("gao", 3, Ending("lost", "挂失", 5, "本人申报遗失（演示）")),
        _business("lvtu", 4, "国内旅游业务、入境旅游业务；会议服务", "60万元人民币"),
    )


def _venues() -> tuple[Plan, ...]:
    return (
        _business("xinglan", 5, "歌舞娱乐服务；预包装食品零售", "20万元人民币"),
        _venue("xinglan", 1, "歌舞娱乐"),
        _business("yunxi", 6, "游艺娱乐服务", "30万元人民币", Ending("cancelled", "注销", 120, "经营者申请注销登记（演示）")),
        _venue("yunxi", 2, "游艺娱乐", Term(-2 * YEAR - 90, -90)),
    )


def _officers() -> tuple[Plan, ...]:
    """One enforcement certificate for each officer; the auxiliary has none."""
    expired, suspended = Term(-5 * YEAR, -25), Ending("suspended", "暂扣", 7, "执法证暂扣（演示）")
    plans = []
    for serial, person in enumerate((one for one in officers() if one.role == "officer"), start=1):
        is_transport = person.agency == "transport"
        face = {
            "KZ_ZFJG": f"烟台市{'交通运输综合' if is_transport else '文化市场综合'}行政执法支队（演示）",
            "KZ_ZFLB": "交通运输" if is_transport else "文化和旅游",
            "KZ_ZFQY": "烟台市",
        }
        number = f"1599060{serial:04d}"
        term = expired if person.username == "zhou" else Term(-YEAR, 4 * YEAR)
        ending = suspended if person.username == "feng" else VALID
        plans.append(
            Plan(f"{person.username}-badge", "enforcement_certificate", person.holder, serial, number, face, term, ending)
        )
    return tuple(plans)
