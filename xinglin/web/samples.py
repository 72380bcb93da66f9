"""Invented data for the gallery. No person, place or figure here is real."""

from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from xinglin.platform import clock
from xinglin.platform.decisions import ALLOWED, refused


def build(now: datetime) -> dict[str, Any]:
    """All samples, seen from the moment `now`."""
    today = clock.today(now)
    return {
        "now": now,
        "today": today,
        "yesterday": today - timedelta(days=1),
        "earlier": now - timedelta(minutes=47),
        "long_ago": now - timedelta(days=3, hours=4),
        "soon": now + timedelta(minutes=9),
        "later": now + timedelta(hours=5, minutes=20),
        "over": now - timedelta(minutes=12),
        "allowed": ALLOWED,
        "refusal": refused("wrong-place", _("您的这项权限不适用于该机构。")),
        "two": ["1", "3"],
        "sample_errors": {"phone": _("请填写11位手机号码")},
        "choices": [("1", _("上午")), ("2", _("下午")), ("3", _("夜间"))],
        **_people(today),
        **_navigation(),
        "rows": _rows(now),
        **_steps(now),
        "readings": [148, 152, 150, None, 143, 139, 141, 136, 134, 131],
        "chart": _chart(),
        "map": _map(),
    }


def _people(today: date) -> dict[str, Any]:
    flags = [
        {"label": _("高血压"), "tone": "info", "icon": "heart"},
        {"label": _("65岁及以上"), "tone": "neutral", "icon": "user"},
        {"label": _("已签约"), "tone": "ok", "icon": "check"},
    ]
    person = {
        "name": "杏小林",
        "sex": _("女"),
        "born_on": date(today.year - 72, 3, 8),
        "number": "P261121-00004K",
        "identity_masked": "370********1234",
        "phone_masked": "138****0000",
        "allergies": ["青霉素", "磺胺类"],
        "flags": flags,
        "url": "#person",
    }
    newborn = {
        "name": "杏小林之子",
        "sex": _("男"),
        "born_on": today - timedelta(days=12),
        "number": "P261109-0001AB",
        "allergies": [],
        "note": _("未办理身份证"),
    }
    unasked = {**person, "name": "梅大树", "sex": _("男"), "allergies": None, "flags": flags[:1]}
    return {"person": person, "person_unasked": unasked, "newborn": newborn}


def _navigation() -> dict[str, Any]:
    return {
        "crumbs": [{"label": _("首页"), "url": "#"}, {"label": _("组件"), "url": "#"}, {"label": _("示例")}],
        "tabs": [
            {"label": _("待处理"), "url": "#t1", "active": True, "count": 12},
            {"label": _("进行中"), "url": "#t2", "active": False, "count": 3, "icon": "timer"},
            {"label": _("已完成"), "url": "#t3", "active": False},
        ],
        "statuses": [
            {"label": _("已发出"), "tone": "info", "icon": "send"},
            {"label": _("已接收"), "tone": "primary", "icon": "check"},
            {"label": _("已退回"), "tone": "warning", "icon": "arrow-left"},
            {"label": _("已完成"), "tone": "ok", "icon": "check-circle"},
        ],
        "columns": [
            {"label": _("姓名"), "url": "#sort", "sort": "asc"},
            _("状态"),
            _("机构"),
            {"label": _("收缩压"), "num": True},
            _("等候"),
            "",
        ],
    }


def _rows(now: datetime) -> list[dict[str, Any]]:
    lines = [
        ("杏小林", "critical", _("危急"), "示例镇南河村卫生室", 186, timedelta(minutes=8)),
        ("梅大树", "warning", _("待复核"), "示例镇卫生院", 152, timedelta(minutes=51)),
        ("欧阳山茶", "ok", _("已完成"), "示例县人民医院", 128, timedelta(hours=26)),
    ]
    return [
        {"name": name, "tone": tone, "word": word, "place": place, "figure": figure, "at": now - ago}
        for name, tone, word, place, figure, ago in lines
    ]


def _steps(now: datetime) -> dict[str, Any]:
    return {
        "steps": [
            {"label": _("提出申请"), "state": "done", "at": now - timedelta(hours=3), "by": "李青山"},
            {"label": _("对方接收"), "state": "done", "at": now - timedelta(hours=2), "by": "周海棠"},
            {"label": _("到达"), "state": "current", "note": _("已留床")},
            {"label": _("办理入院"), "state": "todo"},
            {"label": _("出院"), "state": "todo"},
        ],
        "steps_failed": [
            {"label": _("提出申请"), "state": "done"},
            {"label": _("自动分派"), "state": "skipped"},
            {"label": _("对方接收"), "state": "failed", "note": _("无空床")},
            {"label": _("完成"), "state": "todo"},
        ],
    }


def _chart() -> dict[str, Any]:
    upper = [158, 156, 152, 149, 151, 146, 142, 140, 138, 136, 133, 131]
    lower = [96, 95, 92, 90, 91, 88, 86, 85, 84, 84, 82, 80]
    return {
        "legend": {},
        "xAxis": {"type": "category", "data": [f"{month:02d}" for month in range(1, 13)]},
        "yAxis": {"type": "value", "min": 60},
        "series": [
            {"name": _("收缩压"), "type": "line", "data": upper},
            {"name": _("舒张压"), "type": "line", "data": lower},
        ],
    }


def _map() -> dict[str, Any]:
    places = [
        (36.88, 118.73, "示例县人民医院", _("县级医院"), 10, "accent"),
        (36.95, 118.62, "示例镇卫生院", _("乡镇卫生院"), 7, "primary"),
        (36.80, 118.85, "南河镇卫生院", _("乡镇卫生院"), 7, "warning"),
        (36.84, 118.60, "南河村卫生室", _("村卫生室"), 5, "primary"),
    ]
    areas = [
        ("示例镇", [(118.50, 36.80), (118.70, 36.82), (118.72, 37.00), (118.52, 37.02)], 0.2),
        ("城关街道", [(118.70, 36.82), (118.80, 36.83), (118.82, 36.98), (118.72, 37.00)], 0.8),
        ("南河镇", [(118.66, 36.72), (118.95, 36.70), (118.96, 36.86), (118.80, 36.83), (118.70, 36.82)], 0.5),
    ]
    return {
        "points": [
            {"lat": lat, "lng": lng, "label": label, "note": note, "size": size, "tone": tone}
            for lat, lng, label, note, size, tone in places
        ],
        "areas": {"type": "FeatureCollection", "features": [_area(*area) for area in areas]},
    }


def _area(label: str, ring: list[tuple[float, float]], share: float) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {"label": label, "share": share, "note": f"{share:.0%}"},
        "geometry": {"type": "Polygon", "coordinates": [[*ring, ring[0]]]},
    }
