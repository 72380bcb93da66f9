"""From a posted form to the arguments of one action: shape only."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from xinglin.platform.errors import InvalidInput, wrong
from xinglin.programmes.answering import known_item
from xinglin.programmes.data import VisitIn, VisitKind

#: Before the code of an item, so that it is never taken for a field of the form.
PREFIX = "a-"


def answers_in(post: QueryDict) -> dict[str, Any]:
    """What was typed, by code of the item."""
    found: dict[str, Any] = {}
    for name in post:
        if name.startswith(PREFIX):
            code = name.removeprefix(PREFIX)
            item = known_item(code)
            found[code] = post.getlist(name) if item and item.kind == "choices" else post.get(name, "")
    return found


def visit_in(post: QueryDict) -> VisitIn:
    """What one meeting found. :raises InvalidInput: an id or a moment cannot be read"""
    return VisitIn(
        client_id=_uuid(post.get("client_id", "")), channel=post.get("channel", ""), answers=answers_in(post),
        kind=post.get("kind") or VisitKind.ROUTINE, happened_at=moment_of(post.get("happened_at", "")),
        advice=post.get("advice", ""), note=post.get("note", ""), alert_answer=post.get("alert_answer", ""),
        alert_note=post.get("alert_note", ""), confirmed_unusual=post.get("confirmed_unusual") == "on",
        call_reason=post.get("call_reason", ""),
    )  # fmt: skip


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise wrong("client_id", _("表单编号无效，请重新打开。")) from error


def moment_of(text: str) -> datetime | None:
    """A local moment; nothing said is None. :raises InvalidInput: it cannot be read"""
    if not text.strip():
        return None
    try:
        found = parse_datetime(text)
    except ValueError:
        found = None
    if found is None:
        raise InvalidInput(_("时间无法识别。"), fields={"happened_at": _("请写成2026-01-31 08:30。")})
    return found if timezone.is_aware(found) else timezone.make_aware(found)
