"""Second readings: some final reports are drawn at random, graded blind by another reader, then compared."""

import math
from datetime import date, datetime, timedelta
from random import SystemRandom
from typing import Any

from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from xinglin.centres import permissions, policies, queries
from xinglin.centres.actions.roster import readers_of
from xinglin.centres.events import Event
from xinglin.centres.models import Roster, SecondReading
from xinglin.centres.states import SECOND_TRANSITIONS, SecondStatus
from xinglin.diagnostics.api import QualityMark, mark_quality
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, InvalidInput
from xinglin.platform.outbox import announce
from xinglin.platform.transitions import move, note_status

#: Share of the reports of a period that is read a second time (domain rules, imaging quality). [default]
SHARE = 0.05
LONGEST = timedelta(days=366)
MOST_OPINION = 2000


@transaction.atomic
def draw_seconds(*, centre: Any, since: date, until: date, by: Actor, at: datetime) -> list[SecondReading]:
    """Draw until one in twenty reports of a period (rounded up) has a second reading, by chance; give each to the
    reader with the fewest who neither wrote nor claimed it. Asked again, it draws only what is missing.

    :raises NotPermitted: the actor does not answer for the centre; nobody asked that it be drawn by itself
    :raises InvalidInput: not a period
    :raises Conflict: no reports in it, or nobody else reads at the centre
    """
    permissions.may_draw(by, centre).require()
    if not timedelta(0) <= until - since <= LONGEST:
        raise InvalidInput(_("请选择一段时间，最长一年。"), fields={"until": _("请检查日期。")})
    Roster.objects.get_or_create(centre=centre, defaults={"is_on": False})
    Roster.objects.select_for_update().get(centre=centre)  # two draws come one after the other
    reported = centre.requests.filter(
        status__in=policies.REPORTED, requested_at__gte=clock.start_of(since),
        requested_at__lt=clock.start_of(until + timedelta(days=1)),
    )  # fmt: skip
    n_all = reported.count()
    if not n_all:
        raise Conflict(_("这段时间没有正式报告。"), code="no-reports")
    free = reported.filter(second_reading__isnull=True).exclude(quality_marks__stage=QualityMark.Stage.SAMPLE)
    n_wanted = max(0, math.ceil(n_all * SHARE) - (n_all - free.count()))
    pool = list(free.values_list("pk", flat=True))
    chosen = SystemRandom().sample(pool, min(n_wanted, len(pool)))
    made = [_give(request, since, until, by, at) for request in centre.requests.filter(pk__in=chosen).order_by("id")]
    drawn = [each for each in made if each is not None]
    if chosen and not drawn:
        raise Conflict(_("本中心没有另一位医师可以复阅。"), code="no-other-reader")
    return drawn


def _give(request: Any, since: date, until: date, by: Actor, at: datetime) -> SecondReading | None:
    readers = readers_of(request.centre, at=at)
    involved = {request.claimed_by, *request.reports.values_list("author_id", flat=True)}
    able = {key: each for key, each in readers.items() if key not in involved}
    if not able:
        return None
    rows = SecondReading.objects.filter(reader_id__in=able, drawn_at__gt=at - LONGEST)
    load = dict(rows.values_list("reader_id").annotate(n=Count("id")))
    reader = min(able.values(), key=lambda each: (load.get(each.id, 0), each.id))
    reading = SecondReading.objects.create(
        request=request, reader_id=reader.id, reader_name=reader.name[:40], period_from=since, period_until=until,
        status_changed_at=at, drawn_at=at,
    )  # fmt: skip
    note_status(reading, by=by, at=at, place=request.centre.facility_id)
    _announce(Event.SECOND_DRAWN, reading, by, at)
    return reading


@transaction.atomic
def grade_second(
    *, reading: SecondReading, grade: str, is_abnormal: bool, opinion: str, by: Actor, at: datetime
) -> SecondReading:
    """Write down what the second reader sees, before the report is shown to him. Kept as written.

    Whether he had opened the request before is read from the audit trail: then the reading was not blind.

    :raises NotPermitted: it was given to another
    :raises Conflict: it is written already
    :raises InvalidInput: no grade, or no opinion
    """
    reading = _locked(reading)
    permissions.may_read_second(by, reading).require()
    policies.can_be_graded(reading).require()
    opinion = opinion.replace("\x00", "").strip()
    faults: dict[str, object] = {}
    if grade not in QualityMark.Grade.values:
        faults["grade"] = _("请选择。")
    if not 2 <= len(opinion) <= MOST_OPINION:
        faults["opinion"] = _("请写2到2000个字。")
    if faults:
        raise InvalidInput(_("有内容没有填写完整。"), fields=faults)
    move(
        reading, table=SECOND_TRANSITIONS, to=SecondStatus.GRADED, by=by, at=at, place=by.place, graded_at=at,
        grade=grade, is_abnormal=is_abnormal, opinion=opinion, seen_before=queries.has_seen(by, reading.request),
    )  # fmt: skip
    _announce(Event.SECOND_GRADED, reading, by, at)
    return reading


@transaction.atomic
def compare_second(
    *, reading: SecondReading, agreement: str, remark: str = "", by: Actor, at: datetime
) -> SecondReading:
    """Compare the blind opinion with the report that stands. A difference that matters wants a word.

    :raises NotPermitted: it was given to another
    :raises Conflict: the blind opinion is not written, or it was compared already
    :raises InvalidInput: no such degree of agreement, or no word on a difference that matters
    """
    reading = _locked(reading)
    permissions.may_read_second(by, reading).require()
    policies.can_be_compared(reading).require()
    remark = remark.replace("\x00", "").strip()[:200]
    if agreement not in SecondReading.Agreement.values:
        raise InvalidInput(_("请说明是否同意原报告。"), fields={"agreement": _("请选择。")})
    if agreement == SecondReading.Agreement.MAJOR and len(remark) < 2:
        raise InvalidInput(_("请写明差异。"), fields={"remark": _("请写明差异。")})
    request = reading.request
    move(
        reading, table=SECOND_TRANSITIONS, to=SecondStatus.COMPARED, by=by, at=at, place=by.place, compared_at=at,
        agreement=agreement, remark=remark,
    )  # fmt: skip
    agrees = agreement != SecondReading.Agreement.MAJOR
    mark_quality(
        request=request, stage=QualityMark.Stage.SAMPLE, grade=reading.grade, agrees=agrees, remark=remark, by=by, at=at
    )
    _announce(Event.SECOND_COMPARED, reading, by, at, agreement=agreement)
    return reading


def _locked(reading: SecondReading) -> SecondReading:
    rows = SecondReading.objects.select_for_update(of=("self",)).select_related("request__centre", "request__resident")
    return rows.get(pk=reading.pk)


def _announce(event: Event, reading: SecondReading, by: Actor, at: datetime, **detail: Any) -> None:
    request = reading.request
    announce(
        event, obj=reading, subject=request.resident.uuid, by=by, at=at, place=request.centre.facility_id,
        reader=reading.reader_id, request=str(request.uuid), **detail,
    )  # fmt: skip
