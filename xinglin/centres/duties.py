"""What the work list shows of the roster: whose a request is, and until when."""

from datetime import datetime

from xinglin.centres.models import Assignment
from xinglin.centres.states import AssignmentStatus
from xinglin.diagnostics.duties import Duty


def standing(ids: list[int], at: datetime) -> dict[int, Duty]:
    """Suggestions that have neither been started nor run out, by id of the request."""
    rows = Assignment.objects.filter(request__in=ids, status=AssignmentStatus.ASSIGNED, until__gt=at)
    return {row.request_id: Duty(row.reader_id, row.reader_name, row.until) for row in rows}


def of_reader(reader_id: int, at: datetime) -> list[int]:
    """Ids of the requests that are suggested to a reader at a moment."""
    rows = Assignment.objects.filter(reader_id=reader_id, status=AssignmentStatus.ASSIGNED, until__gt=at)
    return list(rows.values_list("request", flat=True))
