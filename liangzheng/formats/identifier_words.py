"""What a number tells, in words: each part of an identifier, its meaning, and what does not fit. Nothing is looked up outside.

A text may have the form of several identifiers; all are explained, those without warnings first. The words are the standards'.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from liangzheng.formats import identifiers as ids
from liangzheng.formats.identifiers import BadIdentifier, Sex
from liangzheng.formats.regions import ended_before, path_of

Kind = Literal["licence_identifier", "residence_permit", "permanent_residence", "citizen_id", "uscc", "plate", "vin", "region"]
ORGANISATION_CHECK = "organisation_check_mismatch"
REGION_ENDED = "region_ended_before_birth"

TITLES: Mapping[Kind, str] = {
    "licence_identifier": "电子证照标识",
    "residence_permit": "港澳台居民居住证号码",
    "permanent_residence": "外国人永久居留身份证号码",
    "citizen_id": "公民身份号码",
    "uscc": "统一社会信用代码",
    "plate": "机动车号牌号码",
    "vin": "车辆识别代号",
    "region": "行政区划代码",
}
_SEXES = {Sex.FEMALE: "女", Sex.MALE: "男"}
_PLACES = {"hong_kong": "香港特别行政区", "macao": "澳门特别行政区", "taiwan": "台湾地区"}
# GB 32100-2015, tables 1 and 2, and its later amendments.
_REGISTRARS = {
    "1": "机构编制",
    "2": "外交",
    "3": "司法行政",
    "4": "文化",
    "5": "民政",
    "6": "旅游",
    "7": "宗教",
    "8": "工会",
    "9": "市场监管",
    "A": "军队编制",
    "N": "农业农村",
    "Y": "其他",
}
_BODIES = {
    "11": "机关",
    "12": "事业单位",
    "13": "编办直接管理机构编制的群众团体",
    "21": "外国常驻新闻机构",
    "31": "律师执业机构",
    "32": "公证处",
    "33": "基层法律服务所",
    "34": "司法鉴定机构",
    "35": "仲裁委员会",
    "41": "外国在华文化中心",
    "51": "社会团体",
    "52": "民办非企业单位",
    "53": "基金会",
    "61": "外国旅游部门常驻代表机构",
    "62": "港澳台地区旅游部门常驻内地代表机构",
    "71": "宗教活动场所",
    "72": "宗教院校",
    "81": "基层工会",
    "91": "企业",
    "92": "个体工商户",
    "93": "农民专业合作社",
    "A1": "军队事业单位",
    "N1": "组级集体经济组织",
    "N2": "村级集体经济组织",
    "N3": "乡镇级集体经济组织",
    "Y1": "其他机构",
}
_PLATE_KINDS = {
    "new_energy_small": "小型新能源汽车号牌",
    "new_energy_large": "大型新能源汽车号牌",
    "ordinary": "普通号牌",
    "emergency": "应急救援专用号牌",
    "embassy": "使馆号牌",
    "consulate": "领馆号牌",
    "armed_police": "武警号牌",
}
# Traffic police departments of Shandong; F and Y, G and V are both in use.
_SHANDONG_LETTERS = {
    "A": "济南市",
    "B": "青岛市",
    "C": "淄博市",
    "D": "枣庄市",
    "E": "东营市",
    "F": "烟台市",
    "G": "潍坊市",
    "H": "济宁市",
    "J": "泰安市",
    "K": "威海市",
    "L": "日照市",
    "M": "滨州市",
    "N": "德州市",
    "P": "聊城市",
    "Q": "临沂市",
    "R": "菏泽市",
    "S": "原莱芜市（今济南市）",
    "U": "青岛市",
    "V": "潍坊市",
    "Y": "烟台市",
}
_VIN_YEARS = "ABCDEFGHJKLMNPRSTVWXY123456789"  # ISO 3779: a round of thirty years that began in 1980
_FIRST_VIN_YEAR = 1980


@dataclass(frozen=True, slots=True)
class Part:
    """One part of an identifier: what it is called, its characters, and what they mean (empty: nothing more to say)."""

    label: str
    value: str
    meaning: str = ""

    def __str__(self) -> str:
        return f"{self.label}：{self.value}（{self.meaning}）" if self.meaning else f"{self.label}：{self.value}"


@dataclass(frozen=True, slots=True)
class Explanation:
    """One reading of a text. `warnings` are reason codes, whose words stand in `verification/reasons.json`."""

    kind: Kind
    text: str
    parts: tuple[Part, ...]
    warnings: tuple[str, ...]

    @property
    def title(self) -> str:
        return TITLES[self.kind]


def explain(text: str, *, today: date) -> tuple[Explanation, ...]:
    """Explain a text as everything whose form it has, those without warnings first; empty when it has none."""
    found = []
    for kind in TITLES:
        try:
            found.append(explain_as(kind, text, today=today))
        except BadIdentifier:
            continue
    return tuple(sorted(found, key=lambda reading: bool(reading.warnings)))


def explain_as(kind: Kind, text: str, *, today: date) -> Explanation:
    """Explain a text as that identifier. BadIdentifier when it has not the form."""
    return _EXPLAINERS[kind](text, today)


def check(kind: Kind, text: str, *, today: date) -> tuple[str, ...]:
    """Give the warnings of an identifier as reason codes; none means that everything checked fits. BadIdentifier as above."""
    return explain_as(kind, text, today=today).warnings


def _licence(text: str, today: date) -> Explanation:
    read = ids.read_licence_identifier(text)
    is_region = ids.REGION_ISSUER in read.warnings
    parts = (
        Part("证照类型代码", read.type_code, f"由 {read.type_code[:18]} 定义的第 {read.type_code[18:]} 号类型"),
        Part("颁发机构", read.issuer, _region(read.issuer, today.year) if is_region else _body(read.issuer)),
        Part("流水号", read.serial),
        Part("版本", f"{read.version:03d}", f"第 {read.version} 版"),
        Part("校验位", read.check, _said(read.check, read.expected_check)),
    )
    return Explanation("licence_identifier", read.text, parts, read.warnings)


def _uscc(text: str, today: date) -> Explanation:
    read = ids.read_uscc(text)
    expected = ids.organisation_check(read.organisation[:8])
    warnings = read.warnings if read.organisation[8] == expected else (*read.warnings, ORGANISATION_CHECK)
    parts = (
        Part("登记管理部门和机构类别", read.kind, _body(read.text)),
        Part("登记管理机关行政区划", read.region, _region(read.region, today.year)),
        Part("主体标识码（组织机构代码）", read.organisation, _said(read.organisation[8], expected)),
        Part("校验码", read.text[17], "不符" if read.warnings else "相符"),
    )
    return Explanation("uscc", read.text, parts, warnings)


def _body(uscc: str) -> str:
    """Say what a credit code's first two characters mean; a kind that is not listed is other bodies of that registrar."""
    registrar = _REGISTRARS.get(uscc[0])
    if registrar is None:
        return "登记管理部门未收录"
    return f"{registrar}部门登记，{_BODIES.get(uscc[:2], '其他')}" if uscc[0] != "Y" else "其他机构"


def _citizen(text: str, _today: date) -> Explanation:
    read = ids.read_citizen_id(text)
    warnings = _with_region(read.warnings, read.region, read.born.year)
    parts = (Part("地址码", read.region, _region(read.region, read.born.year)), *_person(read.text, read.born, read.sex))
    return Explanation("citizen_id", read.text, parts, warnings)


def _permit(text: str, _today: date) -> Explanation:
    read = ids.read_residence_permit(text)
    parts = (Part("地区码", read.text[:6], _PLACES[read.place]), *_person(read.text, read.born, read.sex))
    return Explanation("residence_permit", read.text, parts, read.warnings)


def _permanent(text: str, today: date) -> Explanation:
    read = ids.read_permanent_residence(text, latest=today)
    is_new = read.form == "2023"
    parts = (
        Part("版式", "2023 版（18 位）" if is_new else "2023 年以前（15 位）"),
        Part("国籍代码", read.nationality, "ISO 3166-1 数字代码" if is_new else "ISO 3166-1 三位字母代码"),
        Part("受理地区", read.region, _region(read.region, today.year)),
        *_person(read.text, read.born, read.sex),
    )
    return Explanation("permanent_residence", read.text, parts, read.warnings)


def _person(text: str, born: date, sex: Sex) -> tuple[Part, ...]:
    return (Part("出生日期", born.isoformat()), Part("性别", _SEXES[sex]), Part("校验码", text[-1]))


def _plate(text: str, _today: date) -> Explanation:
    read = ids.read_plate(text)
    colours = "、".join(ids.COLOURS[code] for code in ids.usual_colours(read))
    parts = [Part("种类", _PLATE_KINDS[read.kind], f"常见颜色：{colours}；同号不同色是不同车辆")]
    if read.text[0] == "鲁":
        parts.append(Part("发牌机关代号", read.text[:2], _SHANDONG_LETTERS.get(read.text[1], "未收录")))
    return Explanation("plate", read.text, tuple(parts), ())


def _vin(text: str, today: date) -> Explanation:
    read = ids.read_vin(text)
    year = _VIN_YEARS.find(read.text[9])
    first = _FIRST_VIN_YEAR + year
    years = [str(one) for one in range(first, today.year + 2, 30)] if year >= 0 else []
    parts = (
        Part("世界制造厂识别代号", read.text[:3], "中国" if read.text[0] == "L" else ""),
        Part("车辆说明部分", read.text[3:9], f"第 9 位校验位 {read.text[8]} {'不符' if read.warnings else '相符'}"),
        Part("年份代码", read.text[9], " 或 ".join(years)),
        Part("装配厂和顺序号", read.text[10:]),
    )
    return Explanation("vin", read.text, parts, read.warnings)


def _region_code(text: str, today: date) -> Explanation:
    read = ids.read_region(text)
    return Explanation("region", read.text, (Part("行政区划", read.text, _region(read.text, today.year)),), read.warnings)


def _region(code: str, year: int) -> str:
    """Name a region code as of a year, and say when it ended or that the table does not hold it."""
    path = path_of(code, year)
    if not path.name:
        return "未收录"
    if not path.is_complete:
        return f"{path.name}，下级代码未收录"
    return f"{path.name}，{path.until} 年后不再使用" if path.until else path.name


def _with_region(warnings: tuple[str, ...], code: str, born: int) -> tuple[str, ...]:
    """Add what does not fit about the region: no such province, or a code that was gone before the person was born."""
    found = list(warnings) + list(ids.read_region(code).warnings if code[0] != "0" else (ids.UNKNOWN_PROVINCE,))
    return (*found, REGION_ENDED) if ended_before(code, born) else tuple(found)


def _said(found: str, expected: str) -> str:
    return "相符" if found == expected else f"不符，应为 {expected}"


_EXPLAINERS: Mapping[Kind, Callable[[str, date], Explanation]] = {
    "licence_identifier": _licence,
    "residence_permit": _permit,
    "permanent_residence": _permanent,
    "citizen_id": _citizen,
    "uscc": _uscc,
    "plate": _plate,
    "vin": _vin,
    "region": _region_code,
}
