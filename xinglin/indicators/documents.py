"""The monthly report on paper."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from xinglin.indicators.charts import trend
from xinglin.indicators.charts.drawing import standalone
from xinglin.indicators.reports import Contents, Part
from xinglin.indicators.web import words
from xinglin.web import documents

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
        "unit_heads": [str(words.LEVELS.get(contents.level, "")), _("数值"), _("分子 / 分母"), _("说明")],
        "source": _("来源"), "none": _("无数据"),
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
        "title": indicator.definition.title, "code": str(indicator.content.get("code", "")), "unit": unit,
        "why": words.why_of(indicator), "value": words.number(part.now.value, indicator), "reason": words.reason(part.now),
        "parts": words.both_parts(part.now, indicator), "before": words.number(part.before.value, indicator),
        "year_before": words.number(part.year_before.value, indicator),
        "target": "" if target is None else words.number(float(target), indicator),
        "source": indicator.definition.cited, "version": indicator.definition.version, "image": image,
        "units": [[name, words.number(value.value, indicator), words.both_parts(value, indicator), words.reason(value)] for name, value in part.units],
    }  # fmt: skip
