"""Filters and tags for all templates (a builtin: no ``{% load %}`` needed). They know no domain word.

Words for people come from `xinglin.web.formats`, drawings from `xinglin.web.drawings`.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from django import template
from django.core.serializers.json import DjangoJSONEncoder
from django.forms import CheckboxSelectMultiple, RadioSelect
from django.http import QueryDict
from django.template.context import Context
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from xinglin.platform import clock
from xinglin.platform.ids import new_uuid
from xinglin.platform.logs import scrub
from xinglin.web import drawings, formats, marks

register = template.Library()

#: Tones carry meaning by icon and word as well; this is the icon of each.
TONE_ICONS = {
    "critical": "alert-octagon",
    "warning": "alert-triangle",
    "ok": "check-circle",
    "info": "info",
    "accent": "blossom",
    "primary": "dot",
    "neutral": "dot",
}


# Words ---------------------------------------------------------------------------------------------------------------
@register.filter
def age(born_on: date | None, on: date | datetime | None = None) -> str:
    """Age today, or on a given day: ``{{ person.born_on|age }}``, ``{{ born_on|age:visit.started_at }}``."""
    if born_on is None:
        return ""
    if isinstance(on, datetime):
        on = timezone.localdate(on)
    return formats.age_text(born_on, on or clock.today())


@register.filter
def since(moment: datetime | None, until: datetime | None = None) -> str:
    """How long ago, or between two moments: ``{{ sent_at|since }}``, ``{{ sent_at|since:answered_at }}``."""
    return "" if moment is None else formats.span_text((until or clock.now()) - moment)


@register.filter
def local_datetime(moment: datetime | None) -> str:
    """Local day and minute: ``11-21 08:05``; with the year when it is not this one."""
    return "" if moment is None else formats.datetime_text(moment, now=clock.now())


@register.filter
def local_time(moment: datetime | None) -> str:
    """Local hour and minute: ``08:05``."""
    return "" if moment is None else timezone.localtime(moment).strftime("%H:%M")


@register.filter
def local_date(day: date | datetime | None) -> str:
    """A calendar day: ``2026-11-21``. Of a moment, its local day."""
    if isinstance(day, datetime):
        day = timezone.localdate(day)
    return "" if day is None else day.isoformat()


@register.filter
def day_heading(day: date | datetime) -> str:
    """A day as a heading: ``今天 · 2026-11-21 周六``."""
    if isinstance(day, datetime):
        day = timezone.localdate(day)
    return formats.day_text(day, today=clock.today())


@register.filter
def due_day(day: date) -> str:
    """How far away a day is by which something is due."""
    return formats.due_day_text(day, today=clock.today())


@register.filter
def day_state(day: date) -> str:
    """``over`` after the day, ``soon`` on it, else ``calm``."""
    left = (day - clock.today()).days
    return "over" if left < 0 else "soon" if left == 0 else "calm"


@register.filter
def remaining(due: datetime | None) -> str:
    """Time left until a moment, or how long it is over."""
    return "" if due is None else formats.remaining_text(due, now=clock.now())


@register.filter
def due_state(due: datetime | None, warn: object = 15) -> str:
    """``calm``, ``soon`` (at most `warn` minutes left) or ``over``."""
    if due is None:
        return "calm"
    return formats.due_state(due, now=clock.now(), warn=timedelta(minutes=int(str(warn) or 0)))


@register.simple_tag
def moment(value: datetime | None) -> SafeString:
    """A moment as ``<time>``: short for the eye, whole for machines and on hover."""
    if value is None:
        return mark_safe("")
    local = timezone.localtime(value)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        local.isoformat(timespec="seconds"),
        local.strftime("%Y-%m-%d %H:%M:%S"),
        local_datetime(value),
    )


@register.filter
def mask(value: object, shown: str = "3,4") -> str:
    """Cover the middle of an identifier: ``{{ number|mask }}`` or ``{{ number|mask:"1,1" }}``."""
    first, last = (int(part) for part in shown.split(","))
    return formats.masked(str(value or ""), first=first, last=last)


@register.filter
def figure(value: object, digits: int | None = None) -> str:
    """A figure with thousands separators; "无数据" for None: missing is never shown as zero."""
    text = formats.figure_text(value, digits)
    return _("无数据") if text is None else text


@register.filter
def percent(ratio: float | None, digits: int = 1) -> str:
    """A ratio of 0..1 as a percentage, "无数据" for None."""
    text = formats.percent_text(ratio, digits)
    return _("无数据") if text is None else text


@register.filter
def plain(value: object) -> str:
    """A value as programs read it (no separators, ISO dates): for the attributes of inputs."""
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, date) else str(value)


# Tones and icons -----------------------------------------------------------------------------------------------------
@register.filter
def tone(value: object) -> str:
    """A known tone name, or ``neutral``."""
    name = str(value or "")
    return name if name in TONE_ICONS else "neutral"


@register.filter
def tone_icon(value: object) -> str:
    """The icon that stands for a tone."""
    return TONE_ICONS[tone(value)]


@register.simple_tag
def icon(name: str, label: str = "", size: str = "") -> SafeString:
    """An icon from the sprite; with `label` it is announced, without it is decoration."""
    return _drawn(name, str(label), size) if label else _decoration(name, size)


@lru_cache(maxsize=1024)  # a page has a hundred and more
def _decoration(name: str, size: str) -> SafeString:
    return _drawn(name, "", size)


def _drawn(name: str, label: str, size: str) -> SafeString:
    announced = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html(
        '<svg class="icon{}" {} focusable="false"><use href="{}#{}"/></svg>',
        f" icon-{size}" if size else "",
        announced,
        static("web/icons.svg"),
        name,
    )


# Drawings ------------------------------------------------------------------------------------------------------------
@register.simple_tag
def sparkline(
    values: Sequence[float | None], label: str = "", low: float | None = None, high: float | None = None
) -> SafeString:
    """A line over `values` as inline SVG; None is a gap; `low` and `high` draw the target band."""
    return drawings.sparkline_svg(values, label=label or _("走势"), low=low, high=high)


@register.simple_tag
def bar(
    value: float | None, maximum: float = 100, label: str = "", tone: str = "primary", target: float | None = None
) -> SafeString:
    """A horizontal bar as inline SVG; nothing for None."""
    if value is None:
        return mark_safe("")
    return drawings.bar_svg(value, maximum, label=label or f"{value:g}/{maximum:g}", tone=tone, target=target)


# Requests and forms --------------------------------------------------------------------------------------------------
@register.simple_tag(takes_context=True)
def query_with(context: Context, **changes: Any) -> str:
    """The present query string with some parameters changed; None or an empty text removes one.

    ``<a href="{% query_with status="open" after=None %}">``
    """
    request = context.get("request")
    query = request.GET.copy() if request is not None else QueryDict(mutable=True)
    for key, value in changes.items():
        if value is None or value == "":
            query.pop(key, None)
        else:
            query[key] = str(value)
    return f"?{query.urlencode()}"


@register.simple_tag(takes_context=True)
def pager_urls(context: Context, page: Any, param: str = "cursor", anchor: str = "") -> dict[str, str]:
    """Addresses of the first and the next page of a `xinglin.platform.paging.Page`; empty where there is none."""
    return {
        "first": "" if page.is_first else query_with(context, **{param: None}) + anchor,
        "next": query_with(context, **{param: page.next_cursor}) + anchor if page.next_cursor else "",
    }


#: What would end the element, or begin another.
_ESCAPED = (("&", "\\u0026"), ("<", "\\u003C"), (">", "\\u003E"))


@register.filter
def for_script(value: Any, element_id: str) -> SafeString:
    """Data for a script of the page, in an element of its own: ``{{ option|for_script:"chart-data" }}``. Letters stand as they are:
    escaped, as `json_script` writes them, a Chinese one takes twice the bytes.
    """
    text = json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False)
    for letter, escaped in _ESCAPED:
        text = text.replace(letter, escaped)
    return format_html('<script id="{}" type="application/json">{}</script>', element_id, mark_safe(text))  # noqa: S308 - what ends an element is escaped


@register.simple_tag
def script_words() -> dict[str, str]:
    """Words the scripts need, in the reader's language."""
    return {
        "left": _("剩%(span)s"),
        "under_a_minute": _("不到1分钟"),
        "just_over": _("刚刚超时"),
        "over": _("超时%(span)s"),
        "minutes": _("%(minutes)d分钟"),
        "hours": _("%(hours)d小时%(minutes)02d分"),
        "days": _("%(days)d天"),
        "days_hours": _("%(days)d天%(hours)d小时"),
        "low": _("偏低，请核对"),
        "high": _("偏高，请核对"),
        "not_a_number": _("请填写数字"),
        "out_of_range": _("应在%(min)s至%(max)s之间"),
        "choose": _("请从列表中选择一项"),
        "too_large": _("文件超过%(mb)sMB"),
        "wrong_kind": _("不支持这种文件"),
        "sign": _("请先签名"),
        "offline": _("网络已断开，没有保存。恢复后请再试。"),
        "timeout": _("等待太久，可能没有保存。请再试一次，不会重复登记。"),
        "failed": _("没有成功，请稍后再试。"),
        "no_data": _("无数据"),
        "close": _("关闭"),
        "mark": _("、"),
    }


@register.simple_tag
def idempotency_key() -> SafeString:
    """The hidden input that makes a repeated submission of one form answer the same."""
    return format_html('<input type="hidden" name="idempotency_key" value="{}">', new_uuid())


@register.simple_tag
def new_id(prefix: str = "x") -> str:
    """An element id that no other element of the page has."""
    return f"{prefix}-{new_uuid().hex[-12:]}"


# Components ----------------------------------------------------------------------------------------------------------
@register.filter
def flat(attrs: Any) -> SafeString:
    """Attributes passed through to an element, each value escaped: ``<button {{ attrs|flat }}>`` inside a component."""
    parts = []
    for key, value in attrs.attrs_dict().items():
        if value is True:
            parts.append(conditional_escape(key))
        elif value is not None and value is not False:
            parts.append(format_html('{}="{}"', key, plain(value) if not isinstance(value, SafeString) else value))
    return mark_safe(" ".join(parts))  # noqa: S308 - each part was escaped above


@register.filter
def pinned(nav: Iterable[Any] | None, n: int = 4) -> list[Any]:
    """The items of the navigation that the tab bar of a phone shows: those marked ``pinned``, else the first ones."""
    items = [item for group in nav or [] for item in group["items"]]
    marked = [item for item in items if isinstance(item, dict) and item.get("pinned")]
    return (marked or items)[:n]


@register.simple_tag
def cited(source: str, mark: str) -> str:
    """A source with how far it can be trusted: ``{% cited hint.source hint.mark %}``."""
    return marks.cited(source, mark)


@register.filter
def listed(words: Iterable[object] | None) -> str:
    """Words one after the other: ``{{ items|listed }}`` is ``钾、钠``, in English ``Potassium, Sodium``."""
    return formats.listed_text(words or ())


@register.filter
def bracketed(words: object) -> str:
    """Words in the brackets of the reader's language, to stand behind others; nothing where there are none."""
    return formats.bracketed_text(words) if words else ""


@register.filter
def parted(parts: Iterable[object] | None) -> str:
    """Sentences or lists one after the other, with the semicolon of the reader's language."""
    return formats.parted_text(parts or ())


@register.filter
def holds(value: object, option: object) -> bool:
    """Whether a value (or one of a list of values) is this option; compared as text, as forms send it."""
    if isinstance(value, list | tuple | set | frozenset):
        return str(option) in {str(each) for each in value}
    return value is not None and str(value) == str(option)


@register.filter
def field_type(field: Any) -> str:
    """Kind of a bound form field's widget: ``choices`` (a group), ``checkbox``, ``select``, ``textarea``, …"""
    widget = field.field.widget
    if isinstance(widget, RadioSelect | CheckboxSelectMultiple):
        return "choices"
    return getattr(widget, "input_type", type(widget).__name__.lower())


@register.filter
def scrubbed(text: str) -> str:
    """Text without identity and telephone numbers: an address is repeated on the page it leads to."""
    return scrub(text)
