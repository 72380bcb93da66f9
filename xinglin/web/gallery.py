"""The gallery: every component in its variants, with invented samples. Shows nothing of the database."""

import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from xinglin.platform import clock
from xinglin.platform.decisions import ALLOWED, refused

COMPONENTS = Path(__file__).parent / "templates" / "cotton"
SPRITE = Path(__file__).parent / "static" / "web" / "icons.svg"
#: Pages that an error shows; see `templates/errors/`.
ERRORS = ("400", "401", "403", "404", "409", "413", "422", "500", "503", "offline")
FRUITS = (("A01", "杏"), ("A02", "银杏"), ("A03", "杏仁"), ("B01", "桃"), ("B02", "李"), ("C01", "山楂"), ("C02", "海棠"))


@require_GET
def show(request: HttpRequest) -> HttpResponse:
    """All components on one page."""
    return render(request, "web/gallery.html", samples())


@require_GET
def options(request: HttpRequest) -> HttpResponse:
    """Answers of the sample combobox."""
    query = request.GET.get("q", "").strip().upper()
    rows = [(code, word) for code, word in FRUITS if query and (query in code or query in word)]
    return render(request, "web/gallery/options.html", {"rows": rows})


@require_http_methods(["GET", "POST"])
def echo(request: HttpRequest) -> HttpResponse:
    """Where the sample forms go: says thank you and comes back."""
    if request.method == "POST":
        messages.success(request, _("示例表单已收到，什么都没有保存。"))
    return redirect("web:gallery")


@require_GET
def error(request: HttpRequest, status: str) -> HttpResponse:
    """One error page as it looks."""
    if status not in ERRORS:
        raise Http404
    fields = {"phone": _("请填写11位手机号码")} if status == "422" else {}
    return render(request, f"errors/{status}.html", {"status": status, "code": "sample", "message": "", "fields": fields})


@require_GET
def shortcuts(request: HttpRequest) -> HttpResponse:
    """The keyboard shortcuts as a page, for browsers without script."""
    return render(request, "web/shortcuts.html")


def component_names() -> list[str]:
    """Names of all components as written in templates: ``data-table`` for ``cotton/data_table.html``."""
    return sorted(path.stem.replace("_", "-") for path in COMPONENTS.glob("*.html"))


def usage(name: str) -> str:
    """The head comment of a component: what it is and how to write it."""
    source = (COMPONENTS / f"{name.replace('-', '_')}.html").read_text(encoding="utf-8")
    return source.split("{% comment %}", 1)[1].split("{% endcomment %}", 1)[0].strip()


def icon_names() -> list[str]:
    """Names in the icon sprite."""
    return re.findall(r'<symbol id="([^"]+)"', SPRITE.read_text(encoding="utf-8"))


class SampleForm(forms.Form):
    """A Django form in the house style."""

    note = forms.CharField(label=gettext_lazy("备注"), help_text=gettext_lazy("可不填"), required=False)
    period = forms.ChoiceField(
        label=gettext_lazy("时段"), choices=[("1", gettext_lazy("上午")), ("2", gettext_lazy("下午"))], widget=forms.RadioSelect
    )
    agreed = forms.BooleanField(label=gettext_lazy("已核对"))


def samples() -> dict[str, Any]:
    """Invented data for each component."""
    now = clock.now()
    today = clock.today(now)
    return {
        "components": [(name, usage(name)) for name in component_names()],
        "errors": ERRORS,
        "icons": icon_names(),
        "two": ["1", "3"],
        "sample_errors": {"phone": _("请填写11位手机号码")},
        "django_form": SampleForm(),
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
        **_people(today),
        **_lists(now),
        **_figures(),
    }


def _people(today: date) -> dict[str, Any]:
    flags = [
        {"label": _("高血压"), "tone": "info", "icon": "heart"},
        {"label": _("65岁及以上"), "tone": "neutral", "icon": "user"},
        {"label": _("已签约"), "tone": "ok", "icon": "check"},
    ]
    person = {
        "name": "杏小林", "sex": _("女"), "born_on": date(today.year - 72, 3, 8), "number": "P261121-00004K",
        "identity_masked": "370********1234", "phone_masked": "138****0000", "allergies": ["青霉素", "磺胺类"], "flags": flags,
        "url": "#person",
    }  # fmt: skip
    return {
        "person": person,
        "person_unasked": {**person, "name": "梅大树", "sex": _("男"), "allergies": None, "flags": flags[:1]},
        "newborn": {
            "name": "杏小林之子", "sex": _("男"), "born_on": today - timedelta(days=12), "number": "P261109-0001AB",
            "identity_masked": "", "allergies": [], "flags": [], "note": _("未办理身份证"),
        },
    }  # fmt: skip


def _lists(now: Any) -> dict[str, Any]:
    return {
        "crumbs": [{"label": _("首页"), "url": "#"}, {"label": _("组件"), "url": "#"}, {"label": _("示例"), "url": ""}],
        "tabs": [
            {"label": _("待处理"), "url": "#t1", "active": True, "count": 12},
            {"label": _("进行中"), "url": "#t2", "active": False, "count": 3, "icon": "timer"},
            {"label": _("已完成"), "url": "#t3", "active": False},
        ],
        "columns": [
            {"label": _("姓名"), "url": "#sort", "sort": "asc"}, _("状态"), _("机构"),
            {"label": _("收缩压"), "num": True}, _("等候"), "",
        ],
        "rows": [
            {"name": "杏小林", "tone": "critical", "word": _("危急"), "place": "示例镇南河村卫生室", "figure": 186, "at": now - timedelta(minutes=8)},
            {"name": "梅大树", "tone": "warning", "word": _("待复核"), "place": "示例镇卫生院", "figure": 152, "at": now - timedelta(minutes=51)},
            {"name": "欧阳山茶", "tone": "ok", "word": _("已完成"), "place": "示例县人民医院", "figure": 128, "at": now - timedelta(hours=26)},
        ],
        "statuses": [
            {"label": _("已发出"), "tone": "info", "icon": "send"}, {"label": _("已接收"), "tone": "primary", "icon": "check"},
            {"label": _("已退回"), "tone": "warning", "icon": "arrow-left"}, {"label": _("已完成"), "tone": "ok", "icon": "check-circle"},
        ],
        "choices": [("1", _("上午")), ("2", _("下午")), ("3", _("夜间"))],
        "steps": [
            {"label": _("提出申请"), "state": "done", "at": now - timedelta(hours=3), "by": "李青山"},
            {"label": _("对方接收"), "state": "done", "at": now - timedelta(hours=2), "by": "周海棠"},
            {"label": _("到达"), "state": "current", "note": _("已留床")},
            {"label": _("办理入院"), "state": "todo"}, {"label": _("出院"), "state": "todo"},
        ],
        "steps_failed": [
            {"label": _("提出申请"), "state": "done"}, {"label": _("自动分派"), "state": "skipped"},
            {"label": _("对方接收"), "state": "failed", "note": _("无空床")}, {"label": _("完成"), "state": "todo"},
        ],
    }  # fmt: skip


def _figures() -> dict[str, Any]:
    months = [f"{month}月" for month in range(1, 13)]
    return {
        "readings": [148, 152, 150, None, 143, 139, 141, 136, 134, 131],
        "chart": {
            "legend": {}, "xAxis": {"type": "category", "data": months}, "yAxis": {"type": "value", "min": 60},
            "series": [
                {"name": _("收缩压"), "type": "line", "data": [158, 156, 152, 149, 151, 146, 142, 140, 138, 136, 133, 131]},
                {"name": _("舒张压"), "type": "line", "data": [96, 95, 92, 90, 91, 88, 86, 85, 84, 84, 82, 80]},
            ],
        },
        "map": {
            "points": [
                {"lat": 36.88, "lng": 118.73, "label": "示例县人民医院", "note": _("县级医院"), "size": 10, "tone": "accent"},
                {"lat": 36.95, "lng": 118.62, "label": "示例镇卫生院", "note": _("乡镇卫生院"), "size": 7},
                {"lat": 36.80, "lng": 118.85, "label": "南河镇卫生院", "note": _("乡镇卫生院"), "size": 7, "tone": "warning"},
                {"lat": 36.84, "lng": 118.60, "label": "南河村卫生室", "note": _("村卫生室"), "size": 5},
            ],
            "areas": {"type": "FeatureCollection", "features": [
                _area("示例镇", [(118.50, 36.80), (118.70, 36.82), (118.72, 37.00), (118.52, 37.02)], 0.2),
                _area("城关街道", [(118.70, 36.82), (118.80, 36.83), (118.82, 36.98), (118.72, 37.00)], 0.8),
                _area("南河镇", [(118.66, 36.72), (118.95, 36.70), (118.96, 36.86), (118.80, 36.83), (118.70, 36.82)], 0.5),
            ]},
        },
    }  # fmt: skip


def _area(label: str, ring: list[tuple[float, float]], share: float) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {"label": label, "share": share, "note": f"{share:.0%}"},
        "geometry": {"type": "Polygon", "coordinates": [[*ring, ring[0]]]},
    }
