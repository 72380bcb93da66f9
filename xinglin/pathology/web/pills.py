"""States as pills: icon, word and tone together; and the way of a case as steps."""

from typing import Any

from django.utils.translation import gettext as _

from xinglin.diagnostics.api import Request
from xinglin.pathology.data import Kind
from xinglin.pathology.models import PathologyCase
from xinglin.pathology.states import CaseStatus
from xinglin.web.pills import Pill

CASE_PILLS = {
    CaseStatus.SUBMITTED: ("warning", "clock"),
    CaseStatus.HELD: ("critical", "help"),
    CaseStatus.REFUSED: ("critical", "x-circle"),
    CaseStatus.RECEIVED: ("info", "inbox"),
    CaseStatus.GROSSED: ("info", "ruler"),
    CaseStatus.EMBEDDED: ("info", "grid"),
    CaseStatus.SLIDED: ("warning", "microscope"),
    CaseStatus.READ: ("info", "eye"),
    CaseStatus.REPORTED: ("ok", "check-circle"),
    CaseStatus.WITHDRAWN: ("neutral", "ban"),
}
PRIORITY_PILLS = {
    "EMERGENCY": ("critical", "bolt"),
    "URGENT": ("warning", "chevron-up"),
    "ROUTINE": ("neutral", "minus"),
}


def case_pill(case: PathologyCase) -> Pill:
    """The pill of a case."""
    status = CaseStatus(case.status)
    return Pill(str(status.label), *CASE_PILLS[status])


def priority_pill(case: PathologyCase) -> Pill | None:
    """The pill of how urgent it is; none for what is ordinary."""
    priority = Request.Priority(case.request.priority)
    if priority == Request.Priority.ROUTINE:
        return None
    return Pill(str(priority.label), *PRIORITY_PILLS[priority])


def kind_pill(case: PathologyCase) -> Pill:
    """The pill of the kind of a case; a frozen section stands out."""
    kind = Kind(case.kind)
    return Pill(str(kind.label), *(("critical", "bolt") if kind == Kind.FROZEN else ("neutral", "flask")))


#: The steps people look for, and the states that have passed each.
_ORDER = (
    CaseStatus.SUBMITTED, CaseStatus.RECEIVED, CaseStatus.GROSSED, CaseStatus.SLIDED, CaseStatus.READ, CaseStatus.REPORTED,
)  # fmt: skip


def steps_of(case: PathologyCase) -> list[dict[str, Any]]:
    """Label, state, moment and person of each step. Cytology has no grossing."""
    changes = {each.became: each for each in case.status_changes.all()}
    words = {
        CaseStatus.SUBMITTED: _("送检"), CaseStatus.RECEIVED: _("核收"), CaseStatus.GROSSED: _("取材"),
        CaseStatus.SLIDED: _("制片"), CaseStatus.READ: _("阅片"), CaseStatus.REPORTED: _("报告"),
    }  # fmt: skip
    order = [each for each in _ORDER if case.kind != Kind.CYTOLOGY or each != CaseStatus.GROSSED]
    if case.status in {CaseStatus.REFUSED, CaseStatus.WITHDRAWN}:
        ended = changes.get(case.status)
        end = {
            "label": str(CaseStatus(case.status).label),
            "state": "failed",
            "at": ended.changed_at if ended else None,
        }
        return [_step(words[CaseStatus.SUBMITTED], "done", changes.get(CaseStatus.SUBMITTED)), end]
    done = [each for each in order if each in changes]
    current = next((each for each in order if each not in changes), None)
    steps = []
    for each in order:
        state = "done" if each in done else "current" if each == current else "todo"
        steps.append(_step(words[each], state, changes.get(each)))
    if case.status == CaseStatus.HELD:
        steps[1]["note"] = _("存疑，等待答复")
    return steps


def _step(label: str, state: str, change: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"label": label, "state": state}
    if change is not None:
        found |= {"at": change.changed_at, "by": change.changed_by_name}
    return found
