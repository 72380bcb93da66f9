"""What is known of the items of an order, drawn above the button of its form."""

from datetime import datetime
from typing import Any

from django.http import QueryDict
from django.template.loader import render_to_string

from xinglin.diagnostics.api import Order, Request
from xinglin.platform import clock
from xinglin.recognition import catalogue, words
from xinglin.recognition.finding import Candidate, Found
from xinglin.recognition.rule import Miss
from xinglin.web.formats import parted_text

#: So many days a critical result is told to who orders the same again.
DAYS_ALARMING = 30


def draw(order: Order, found: list[Found], typed: QueryDict | None, *, at: datetime) -> str:
    """The results that may stand for the order's items, near misses folded away; nothing when nothing is known."""
    if not found:
        return ""
    today = clock.today(at)
    emergency = order.priority == Request.Priority.EMERGENCY
    context = {
        "items": [_item(order, each, typed) for each in found if each.recognisable],
        "critical": [_miss(each, one) for each in found for one in each.misses if _is_alarming(one)],
        "misses": [_miss(each, one) for each in found for one in each.misses if not _is_alarming(one)],
        "reasons": [(each.code, f"{each.code} {each.title}") for each in catalogue.reasons(on=today)],
        "emergency": catalogue.emergency_reason(on=today) if emergency else "",
        "emergency_title": catalogue.reason_title(catalogue.emergency_reason(on=today)),
    }
    return render_to_string("recognition/_known.html", context)


def _item(order: Order, found: Found, typed: QueryDict | None) -> dict[str, Any]:
    code = found.item.code
    said = typed or QueryDict()
    return {
        "code": code,
        "title": found.title,
        "yuan": found.item.fen / 100,
        "results": [_result(each) for each in found.recognisable],
        "chosen": said.get(f"known-{code}", ""),
        "why": said.get(f"why-{code}", ""),
        "say": said.get(f"say-{code}", ""),
    }


def _result(candidate: Candidate) -> dict[str, Any]:
    return {
        "report": candidate.report.uuid,
        "report_text": str(candidate.report.uuid),
        "source": candidate.source.uuid,
        "conclusion": candidate.report.conclusion,
        "is_abnormal": candidate.report.is_abnormal,
        "unit": candidate.source.centre.name,
        "taken_at": str(candidate.source.from_facility),
        "examined_at": candidate.examined_at,
        "age": words.age_words(candidate.age_days),
        "mark": words.level_words(candidate.level),
        "reach": words.reach_words(candidate.reach),
        "author": candidate.report.author_name,
    }


def _is_alarming(candidate: Candidate) -> bool:
    """A critical result stands for nothing, but who orders must know of it."""
    return Miss.CRITICAL in candidate.verdict.misses and candidate.age_days <= DAYS_ALARMING


def _miss(found: Found, candidate: Candidate) -> dict[str, Any]:
    return {
        "title": found.title,
        "unit": candidate.source.centre.name,
        "examined_at": candidate.examined_at,
        "conclusion": candidate.report.conclusion,
        "why": parted_text(words.miss_words(each, candidate) for each in candidate.verdict.misses),
    }
