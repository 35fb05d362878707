"""Who lives and works in the demo city: agencies, issuing authorities, officers, holders, and who may show whose licences.

All fictional. Codes carry right check digits; their region 3799xx is not allocated (GB/T 2260), so no real one is hit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from liangzheng.formats.identifiers import organisation_check, read_citizen_id, read_uscc

REGION = "370600"  # 烟台: the pilot city whose lists and rules apply
CODE_REGION = "379906"  # not allocated: codes of the demo city's bodies
PASSWORD = "liangzheng-demo"  # noqa: S105 - printed by the demo for everybody
SECTORS = {"transport": "交通运输", "culture_tourism": "文化和旅游"}


@dataclass(frozen=True, slots=True)
class Agency:
    """执法主体. `supervision_phone` is visibly no real number."""

    key: str
    name: str
    uscc: str
    region: str
    sector: str
    sector_label: str
    supervision_phone: str


@dataclass(frozen=True, slots=True)
class Authority:
    """发证机关: issues licences and owns an e-seal; or the body that publishes the status list and owns none."""

    key: str
    name: str
    uscc: str


@dataclass(frozen=True, slots=True)
class Holder:
    """持证主体. `code_type` is 001 (USCC) or 111 (citizen number), GB/T 36903 Annex A; `username` None: has no log-in.

    `sex` and `born` are empty for organisations; `representative` is empty for persons.
    """

    key: str
    username: str | None
    kind: Literal["person", "organisation"]
    name: str
    code: str
    code_type: Literal["001", "111"]
    region: str
    address: str
    sex: str = ""
    born: date | None = None
    representative: str = ""
    form: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """An officer or auxiliary; `holder` is the key of the person as holder of his own certificate."""

    username: str
    name: str
    agency: str
    role: Literal["officer", "auxiliary"]
    holder: str


@dataclass(frozen=True, slots=True)
class Delegation:
    """授权亮证: the person may show the organisation's licences."""

    organisation: str
    person: str


def agencies() -> tuple[Agency, ...]:
    """The two enforcement agencies."""
    return (
        _agency("transport", "烟台市交通运输综合行政执法支队（演示）", "MADEM001", "transport", "0535-000 0001"),
        _agency("culture", "烟台市文化市场综合行政执法支队（演示）", "MADEM002", "culture_tourism", "0535-000 0002"),
    )


def authorities() -> tuple[Authority, ...]:
    """Who issues the licences."""
    return (
        Authority("road", "烟台市交通运输局（演示）", uscc("11", "MADEM011")),
        Authority("market", "烟台市市场监督管理局（演示）", uscc("11", "MADEM012")),
        Authority("tourism", "烟台市文化和旅游局（演示）", uscc("11", "MADEM013")),
        Authority("justice", "烟台市司法局（演示）", uscc("11", "MADEM014")),
    )


def status_publisher() -> Authority:
    """Who publishes the status list of all issuers; each licence names it."""
    return Authority("status", "亮证演示状态服务（演示）", uscc("12", "MADEM015"))


def officers() -> tuple[Person, ...]:
    """Officers and one auxiliary, who has no certificate and never counts."""
    return (
        Person("wang", "王建国", "transport", "officer", "officer-wang"),
        Person("li", "李海霞", "transport", "officer", "officer-li"),
        Person("zhou", "周广平", "transport", "officer", "officer-zhou"),
        Person("qian", "钱小军", "transport", "auxiliary", "officer-qian"),
        Person("zhao", "赵文博", "culture", "officer", "officer-zhao"),
        Person("sun", "孙晓彤", "culture", "officer", "officer-sun"),
        Person("feng", "冯立新", "culture", "officer", "officer-feng"),
    )


@dataclass(frozen=True, slots=True)
class Staff:
    """An account that takes part in no inspection, and its post; `agency` is a key of agencies() or bureau()."""

    username: str
    name: str
    agency: str
    role: str
    post: str


def bureau() -> Agency:
    """The justice bureau, which supervises the enforcement agencies (执法监督)."""
    name = "烟台市司法局行政执法监督处（演示）"
    return Agency("bureau", name, uscc("11", "MADEM016"), REGION, "justice", "行政执法监督", "0535-000 0003")


def staff() -> tuple[Staff, ...]:
    """Who supervises and audits."""
    return (
        Staff("song", "宋清和", "bureau", "supervisor", "supervisor"),
        Staff("he", "何审言", "bureau", "auditor", "auditor"),
        Staff("yu", "于海平", "transport", "officer", "agency_head"),
    )


def holders() -> tuple[Holder, ...]:
    """Persons and firms; those with a log-in first."""
    return (
        _person("zhang", "张三丰", "男", date(1990, 1, 1), 1, login=True),
        _person("liu", "刘明远", "男", date(1985, 6, 15), 3, login=True),
        _person("chen", "陈若溪", "女", date(1996, 9, 9), 2, login=True),
        _person("ma", "马骏", "男", date(1982, 3, 21), 5, login=True),
        _firm("haiyun", "烟台海云客运有限公司（演示）", "91", "MADEM101", "周海云", login=True),
        _firm("xinglan", "星澜歌舞厅（演示）", "92", "MADEM102", "何星澜", login=True),
        _firm("shunda", "烟台顺达物流有限公司（演示）", "91", "MADEM103", "宋顺达", login=True),
        _firm("lvtu", "烟台旅途旅行社（演示）", "91", "MADEM104", "方旅途", login=True),
        _firm("yunxi", "云汐游艺城（演示）", "92", "MADEM105", "汪云汐"),
        _firm("hengtu", "烟台恒途运输有限公司（演示）", "91", "MADEM106", "石恒途"),
        _firm("qihang", "启航货运部（演示）", "92", "MADEM107", "吴启航"),
        _person("lin", "林晓峰", "男", date(1988, 11, 2), 7),
        _person("xu", "许文静", "女", date(1993, 4, 18), 4),
        _person("luo", "罗一鸣", "男", date(1979, 12, 30), 9),
        _person("tang", "唐小雨", "女", date(1991, 7, 7), 6),
        _person("zheng", "郑一诺", "女", date(1994, 2, 14), 8),
        _person("gao", "高远", "男", date(1987, 5, 26), 11),
        _person("officer-wang", "王建国", "男", date(1978, 8, 8), 13),
        _person("officer-li", "李海霞", "女", date(1986, 10, 12), 10),
        _person("officer-zhou", "周广平", "男", date(1974, 1, 19), 15),
        _person("officer-qian", "钱小军", "男", date(1999, 6, 3), 17),
        _person("officer-zhao", "赵文博", "男", date(1989, 9, 27), 19),
        _person("officer-sun", "孙晓彤", "女", date(1992, 12, 5), 12),
        _person("officer-feng", "冯立新", "男", date(1981, 3, 3), 21),
    )


def delegations() -> tuple[Delegation, ...]:
    """A driver or guide on the road shows the operator's licences from his own phone."""
    return (Delegation("haiyun", "zhang"), Delegation("shunda", "liu"), Delegation("lvtu", "chen"))


def uscc(kind: str, organisation: str) -> str:
    """A credit code of the demo city (GB 32100) from kind (11, 12, 91, 92) and eight characters of organisation code."""
    body = kind + CODE_REGION + organisation + organisation_check(organisation)
    return _with_check(body, "0123456789ABCDEFGHJKLMNPQRTUWXY", lambda text: not read_uscc(text).warnings)


def citizen_id(born: date, sequence: int, region: str = CODE_REGION) -> str:
    """A citizen number (GB 11643) that nobody has; an odd sequence is male."""
    body = f"{region}{born:%Y%m%d}{sequence:03d}"
    return _with_check(body, "0123456789X", lambda text: not read_citizen_id(text).warnings)


def _with_check(body: str, alphabet: str, is_right: Callable[[str], bool]) -> str:
    return next(body + check for check in alphabet if is_right(body + check))


def _agency(key: str, name: str, organisation: str, sector: str, phone: str) -> Agency:
    return Agency(key, name, uscc("11", organisation), REGION, sector, SECTORS[sector], phone)


def _person(key: str, name: str, sex: str, born: date, sequence: int, *, login: bool = False) -> Holder:
    return Holder(
        key=key,
        username=key if login else None,
        kind="person",
        name=name,
        code=citizen_id(born, sequence),
        code_type="111",
        region=REGION,
        address=f"山东省烟台市演示区示范路{sequence}号1单元101室",
        sex=sex,
        born=born,
    )


def _firm(key: str, name: str, kind: str, organisation: str, representative: str, *, login: bool = False) -> Holder:
    return Holder(
        key=key,
        username=key if login else None,
        kind="organisation",
        name=name,
        code=uscc(kind, organisation),
        code_type="001",
        region=REGION,
        address=f"山东省烟台市演示区海滨路{int(organisation[-3:])}号",
        representative=representative,
        form="个体工商户" if kind == "92" else "有限责任公司（自然人投资或控股）",
    )
