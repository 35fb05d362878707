"""A licence by the field names of GB/T 36903 (reconstructed, see docs/glossary.md), and its versions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from liangzheng.licences.models import Licence

_HOLDER_CODE_TYPES = {  # GB/T 36903, Annex A
    "001": "统一社会信用代码",
    "099": "其他法人或其他组织有效证件代码",
    "111": "公民身份号码",
    "114": "解放军军官证",
    "115": "武警警官证",
    "118": "解放军士兵证",
    "119": "武警士兵证",
    "120": "解放军文职人员证",
    "122": "武警文职人员证",
    "411": "外交护照",
    "412": "公务护照",
    "413": "公务普通护照",
    "414": "普通护照",
    "511": "台湾居民来往大陆通行证",
    "516": "港澳居民来往内地通行证",
    "999": "其他自然人有效证件",
}
_MOST_VERSIONS = 999  # a version has three digits


def standard_record(licence: Licence) -> Mapping[str, str]:
    """Give the record by the standard's names. Days are YYYYMMDD, no end is ""; `extendInfo` is JSON text {field: value}."""
    holder = licence.holder
    return {
        "certificateIdentifier": licence.identifier,
        "certificateName": licence.type_name,
        "certificateTypeName": licence.type_name,
        "certificateTypeCode": licence.type_code,
        "certificateNumber": licence.number,
        "certificateVersion": licence.version,
        "certificateIssuingAuthorityName": licence.issuing_authority,
        "certificateIssuingAuthorityCode": licence.issuing_authority_code,
        "certificateIssuedDate": _day(licence.issued_on),
        "certificateHolderName": holder.name,
        "certificateHolderCode": holder.code,
        "certificateHolderTypeName": _HOLDER_CODE_TYPES.get(holder.code_type, ""),
        "certificateHolderType": holder.code_type,
        "certificateEffectiveDate": _day(licence.valid_from),
        "certificateExpiringDate": _day(licence.valid_to) if licence.valid_to else "",
        "certificateAreaCode": licence.region,
        "extendInfo": licence.face,
    }


def versions_of(licence: Licence) -> list[Licence]:
    """Give all versions of a licence that the scope shows, the oldest first."""
    first = licence
    for _ in range(_MOST_VERSIONS):
        if first.supersedes_id is None:
            break
        older = Licence.objects.filter(pk=first.supersedes_id).first()
        if older is None:
            break
        first = older
    found = [first]
    for version in found:  # grows while it is walked
        if len(found) < _MOST_VERSIONS:
            found += Licence.objects.filter(supersedes=version.pk).order_by("id")
    return found


def _day(day: date) -> str:
    return f"{day:%Y%m%d}"
