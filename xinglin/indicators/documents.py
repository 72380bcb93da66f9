"""The monthly report on paper."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from xinglin.indicators.charts import trend
from xinglin.indicators.charts.drawing import standalone
from xinglin.indicators.definitions.reading import Indicator
from xinglin.indicators.reports import Contents, Part
from xinglin.indicators.web import words
from xinglin.web import documents
from xinglin.web.formats import aside_text

TEMPLATE = "indicators/monthly.typ"


def monthly_pdf(contents: Contents, *, language: str) -> bytes:
    """A report as PDF, in the language wanted."""
    images: dict[str, bytes] = {}
    with override(language):
        parts = [_part(each, n, images) for n, each in enumerate(contents.parts)]
        data = _frame(contents, language) | {"parts": parts}
    return documents.render(documents.source_of(TEMPLATE), data, images=images)


def _frame(contents: Contents, language: str) -> dict[str, Any]:
    snapshot = contents.snapshot
    scope = _("全县") if contents.is_whole_county else _("只统计您权限范围内的机构")
    return {
        "language": "en" if language == "en" else "zh",
        "title": _("医共体指标月报"), "period": contents.period.text, "scope": scope,
        "reader": _("订阅人：%(name)s") % {"name": contents.reader},
        "made": _("生成时间 %(at)s") % {"at": f"{timezone.localtime(contents.made_at):%Y-%m-%d %H:%M}"},
        "frozen": _("数据冻结于 %(at)s，数据版本 %(digest)s")
        % {"at": f"{timezone.localtime(snapshot.frozen_at):%Y-%m-%d %H:%M}", "digest": snapshot.version.digest[:12]},
        "note": _("同一版数据和口径可以重新算出同样的数字。人数太少的单位不列出；无数据不是零。"),
        "heads": [_("指标"), _("数值"), _("分子 / 分母"), _("上一期"), _("上年同期"), _("目标")],
        "level": str(words.LEVELS.get(contents.level, "")), "none": _("无数据"),
    }  # fmt: skip


def _part(part: Part, n: int, images: dict[str, bytes]) -> dict[str, Any]:
    indicator, unit = part.indicator, str(words.UNITS.get(part.indicator.unit, part.indicator.unit))
    target = indicator.content.get("target")
    points = [
        trend.Point(text, now.value, before.value, words.number(now.value, indicator))
        for text, now, before in part.trend
    ]
    image = ""
    if any(each.value is not None for each in points):
        image = f"trend-{n}.svg"
        drawn = trend.draw(
            points, label=indicator.definition.title, unit=unit, target=None if target is None else float(target)
        )
        images[image] = standalone(drawn).encode()
    return {
        "title": f"{indicator.content.get('code', '')} {indicator.definition.title}".strip(),
        "why": aside_text(words.why_of(indicator), words.reason(part.now)), "parts": words.both_parts(part.now, indicator),
        "values": [_with_unit(each.value, indicator, unit) for each in (part.now, part.before, part.year_before)],
        "target": "" if target is None else _with_unit(float(target), indicator, unit),
        "unit_heads": [aside_text(_("数值"), unit), _("分子 / 分母"), _("说明")], "image": image,
        "source": _("来源：%(source)s") % {"source": f"{indicator.definition.cited} · {indicator.definition.version}"},
        "units": [[name, words.number(value.value, indicator), words.both_parts(value, indicator), words.reason(value)] for name, value in part.units],
    }  # fmt: skip


def _with_unit(value: float | None, indicator: Indicator, unit: str) -> str:
    written = words.number(value, indicator)
    return f"{written} {unit}" if written else ""
