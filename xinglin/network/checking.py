"""What a facility's facts must look like: one set of rules for pages, REST and tables."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _
from stdnum.cn import uscc

from xinglin.network import geo
from xinglin.network.models import Facility
from xinglin.platform.errors import InvalidInput

K, T = Facility.Kind, Facility.Tier
#: A kind decides the tier; a kind that is not here may stand at any.
TIER_OF: dict[str, str] = {
    K.COUNTY_HOSPITAL: T.COUNTY, K.TCM_HOSPITAL: T.COUNTY, K.MATERNAL_CHILD: T.COUNTY, K.CDC: T.COUNTY,
    K.SPECIALIST_HOSPITAL: T.COUNTY, K.SHARED_CENTRE: T.COUNTY, K.BUREAU: T.COUNTY,
    K.TOWNSHIP_HOSPITAL: T.TOWNSHIP, K.COMMUNITY_CENTRE: T.TOWNSHIP,
    K.COMMUNITY_STATION: T.VILLAGE, K.VILLAGE_CLINIC: T.VILLAGE, K.SERVICE_POINT: T.VILLAGE,
}  # fmt: skip
#: Facts `edit_facility` may change. Code and status are not among them.
EDITABLE = (
    "name", "short_name", "credit_code", "kind", "tier", "division", "manager", "host", "address", "phone", "latitude",
    "longitude", "opened_on", "publicly_owned", "publicly_owned_since", "integrated_since", "insured_since",
    "telemedicine_since", "timetable",
)  # fmt: skip
LENGTHS = {"code": 22, "name": 80, "short_name": 40, "address": 120, "phone": 20, "credit_code": 18}
DATES = ("opened_on", "publicly_owned_since", "integrated_since", "insured_since", "telemedicine_since", "closed_on")
EARLIEST = date(1900, 1, 1)
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_PHONE = re.compile(r"[0-9+()（） -]{5,20}")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

Faults = dict[str, object]


def is_code(text: str, most: int) -> bool:
    """Whether a text may be a code: letters, digits, ``.``, ``_`` and ``-``."""
    return bool(_CODE.fullmatch(text)) and len(text) <= most


def faults_of(values: Mapping[str, Any], *, today: date) -> Faults:
    """What is wrong with the facts of a facility, by field; empty when nothing is."""
    faults: Faults = {}
    for name, most in LENGTHS.items():
        text = values.get(name) or ""
        if len(text) > most:
            faults[name] = _("最多 %(n)d 个字。") % {"n": most}
        elif CONTROL.search(text):
            faults[name] = _("含有不可见的控制字符。")
    if not values.get("name"):
        faults["name"] = _("请填写机构名称。")
    if values.get("phone") and not _PHONE.fullmatch(values["phone"]):
        faults.setdefault("phone", _("电话号码格式不对。"))
    if values.get("credit_code") and not uscc.is_valid(values["credit_code"]):
        faults.setdefault("credit_code", _("统一社会信用代码校验位不符。"))
    faults.update(_kind_faults(values))
    faults.update(coordinate_faults(values.get("latitude"), values.get("longitude")))
    faults.update(_date_faults(values, today))
    return faults


def _kind_faults(values: Mapping[str, Any]) -> Faults:
    kind, tier = values.get("kind"), values.get("tier")
    if kind not in K.values:
        return {"kind": _("请选择机构类型。")}
    if tier not in T.values:
        return {"tier": _("请选择层级。")}
    if TIER_OF.get(kind, tier) != tier:
        return {"tier": _("机构类型与层级不符。")}
    if kind == K.SERVICE_POINT and not values.get("host"):
        return {"host": _("服务点须有所属卫生室。")}
    if kind != K.SERVICE_POINT and values.get("host"):
        return {"host": _("只有服务点才有所属卫生室。")}
    return {}


def coordinate_faults(latitude: float | None, longitude: float | None) -> Faults:
    """Both or neither, in this country, the right way round."""
    if latitude is None and longitude is None:
        return {}
    if latitude is None or longitude is None:
        return {"longitude" if longitude is None else "latitude": _("经纬度须同时填写。")}
    if _within(latitude, geo.LATITUDES) and _within(longitude, geo.LONGITUDES):
        return {}
    if _within(longitude, geo.LATITUDES) and _within(latitude, geo.LONGITUDES):
        return {"latitude": _("经度和纬度可能写反了。")}
    name = "longitude" if _within(latitude, geo.LATITUDES) else "latitude"
    return {name: _("坐标不在我国范围内。")}


def _within(value: float, bounds: tuple[float, float]) -> bool:
    return bounds[0] <= value <= bounds[1]


def _date_faults(values: Mapping[str, Any], today: date) -> Faults:
    faults: Faults = {}
    for name in DATES:
        day = values.get(name)
        if day is not None and not EARLIEST <= day <= today:
            faults[name] = _("日期须在1900年之后，且不晚于今天。")
    if values.get("status") == Facility.Status.PLANNED and "opened_on" in faults:
        del faults["opened_on"]  # a planned unit may say when it will open
    opened, closed = values.get("opened_on"), values.get("closed_on")
    if opened and closed and closed < opened and "closed_on" not in faults:
        faults["closed_on"] = _("关闭日期早于开业日期。")
    if values.get("publicly_owned_since") and not values.get("publicly_owned"):
        faults.setdefault("publicly_owned_since", _("未填产权公有，却填了公有日期。"))
    return faults


def refuse(faults: Mapping[str, object]) -> None:
    """Raise what is wrong. :raises InvalidInput: anything is"""
    if faults:
        raise InvalidInput(_("请更正标出的内容。"), fields=faults)
