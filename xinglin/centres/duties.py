"""What the work list shows of the roster: whose a request is, and until when."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from xinglin.centres import permissions
from xinglin.centres.models import Assignment
from xinglin.centres.states import AssignmentStatus
from xinglin.diagnostics.duties import Duty, Link
from xinglin.platform.actors import Actor


def standing(ids: list[int], at: datetime) -> dict[int, Duty]:
    """Suggestions that have neither been started nor run out, by id of the request."""
    rows = Assignment.objects.filter(request__in=ids, status=AssignmentStatus.ASSIGNED, until__gt=at)
    return {row.request_id: Duty(row.reader_id, row.reader_name, row.until) for row in rows}


def of_reader(reader_id: int, at: datetime) -> list[int]:
    """Ids of the requests that are suggested to a reader at a moment."""
    rows = Assignment.objects.filter(reader_id=reader_id, status=AssignmentStatus.ASSIGNED, until__gt=at)
    return list(rows.values_list("request", flat=True))


def links(actor: Actor, request: Any) -> list[Link]:
    """Make a teaching case, for who may."""
    if request.kind not in TAUGHT or not permissions.may_make_case(actor, request):
        return []
    return [Link(_("制作教学病例"), reverse("centres:make_case", args=[request.uuid]), "book")]


#: Kinds with files that can be shown.
TAUGHT = frozenset({"ECG", "IMAGING"})
