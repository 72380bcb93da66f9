"""Results that may stand for an order, marks, and decisions; walked there by the real actions."""

from datetime import date, datetime, timedelta
from typing import Any

from tests.factories.county import NOW, County
from tests.factories.imaging import an_imaging_centre, an_imaging_request
from tests.factories.residents import a_resident
from xinglin.diagnostics import actions as diagnostics
from xinglin.diagnostics.api import Answer, Asked, Request
from xinglin.platform.actors import Actor
from xinglin.recognition import actions
from xinglin.recognition.models import Decision, Mark

REPORT = {"findings": "脑实质密度均匀，中线居中。", "conclusion": "头颅CT平扫未见明显异常。"}


def a_result(
    county: County, *, items: tuple[str, ...] = ("ct-head",), days: float = 7, resident: Any = None, at: datetime = NOW,
    final: bool = True, report: dict[str, Any] | None = None, **fields: Any,
) -> Request:  # fmt: skip
    """Images of Tang's patient, taken `days` before `at` and reported by Bo at the county centre an hour later."""
    moment = at - timedelta(days=days)
    # What was already known does not stand in the way of making history.
    answers = [Answer(item=code, reason="07", text="历史资料") for code in items]
    request = an_imaging_request(county, items=items, resident=resident, at=moment, answers=answers, **fields)
    diagnostics.note_performed(request=request, by=county.tang, at=moment)
    diagnostics.claim_request(request=request, by=county.bo, at=moment + timedelta(minutes=5))
    write = diagnostics.write_final if final else diagnostics.write_preliminary
    write(request=request, **(report or REPORT), by=county.bo, at=moment + timedelta(hours=1))
    request.refresh_from_db()
    return request


def asked(county: County, resident: Any, *, items: tuple[str, ...] = ("ct-head",), **fields: Any) -> dict[str, Any]:
    """Arguments of an imaging order of Tang's at the township hospital."""
    by, at = fields.pop("by", county.tang), fields.pop("at", NOW)
    given = {
        "centre": an_imaging_centre(county), "items": items, "resident": resident,
        "from_facility_id": county.township.pk, "question": "头痛3天", **fields,
    }  # fmt: skip
    return {"asked": Asked(**given), "by": by, "at": at}


def newest_report(request: Request) -> Any:
    """The version a doctor would be shown."""
    return request.reports.order_by("-version")[0]


def a_decision(
    county: County, *, reason: str = "", resident: Any = None, item: str = "ct-head", **fields: Any
) -> Decision:
    """Tang takes over an examination of last week, or (with `reason`) orders it again."""
    resident = resident or a_resident(county)
    result = a_result(county, items=(item,), resident=resident, **({"at": fields["at"]} if "at" in fields else {}))
    answer = Answer(item=item, reason=reason) if reason else Answer(item, newest_report(result).uuid)
    diagnostics.order_examination(**asked(county, resident, items=(item,), answers=[answer], **fields))
    return Decision.objects.filter(source=result).latest("id")


def a_mark(county: County, *, by: Actor | None = None, **fields: Any) -> Mark:
    """A mark of the county hospital for its laboratory, for a year."""
    given: dict[str, Any] = {
        "facility_id": county.hospital.pk, "kind": "LAB", "level": "PROVINCE", "valid_from": date(2026, 1, 1),
        "valid_until": date(2027, 1, 1), "evidence": "省临检中心室间质评合格证 2026-0123", "at": NOW, **fields,
    }  # fmt: skip
    return actions.grant_mark(by=by or county.mei, **given)
