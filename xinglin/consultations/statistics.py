"""How many consultations, how fast, how good: by unit, by expert, over a period."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Avg, Count, F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from xinglin.accounts.data import Permission
from xinglin.consultations import permissions
from xinglin.consultations.models import Case, Invitation, Rating
from xinglin.consultations.states import InvitationStatus, Status
from xinglin.network import api as network
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import InvalidInput

S, I_ = Status, InvitationStatus
#: Of how many days figures are made when nobody says, and of how many at most.
USUAL_DAYS, MOST_DAYS = 90, 3700
#: Of a case: key, unit that asked, kind, status; asked, answered, agreed for, given.
_Row = tuple[int, int, str, str, datetime, datetime | None, datetime | None, datetime | None]


@dataclass(frozen=True, slots=True)
class Line:
    """Figures of one unit, one expert, or all. Minutes and scores are None where nothing was measured."""

    name: str
    n_asked: int
    n_immediate: int
    n_accepted: int
    n_given: int
    n_ended: int  # declined, withdrawn or expired
    answer_minutes: float | None  # request → first acceptance, mean
    opinion_minutes: float | None  # acceptance (or time agreed) → opinion, mean
    score: float | None

    @property
    def acceptance(self) -> float | None:
        """Accepted of those asked."""
        return self.n_accepted / self.n_asked if self.n_asked else None


@dataclass(frozen=True, slots=True)
class Figures:
    """Statistics over days ``[since, until)``, by day of the request."""

    since: date
    until: date
    total: Line
    by_unit: tuple[Line, ...]
    by_expert: tuple[Line, ...]


def period(since: date | None, until: date | None, *, today: date) -> tuple[date, date]:
    """The days ``[since, until)`` figures are asked for; the last `USUAL_DAYS` when nothing is said.

    :raises InvalidInput: it ends before it begins, or is longer than `MOST_DAYS`
    """
    until = until or date.fromordinal(today.toordinal() + 1)
    since = since or date.fromordinal(max(1, until.toordinal() - USUAL_DAYS))
    if not 0 < (until - since).days <= MOST_DAYS:
        raise InvalidInput(_("统计期间不对：开始应早于结束。"), fields={"until": _("请核对日期。")})
    return since, until


def figures(actor: Actor, *, since: date, until: date) -> Figures:
    """The figures an actor may see: of units whose board he reads, whichever side of a case they are on, and of his centre. Four
    queries.

    :raises NotPermitted: neither the board nor a desk
    """
    permissions.may_count(actor).require()
    cases = Case.objects.filter(requested_at__gte=clock.start_of(since), requested_at__lt=clock.start_of(until))
    board, desk = (actor.places_where(each) for each in (Permission.BOARD_VIEW, Permission.CONSULTATION_DESK))
    if board is not None and desk is not None:
        cases = cases.filter(Q(from_facility__in=board) | Q(to_facility__in=board | desk))
    scores = dict(
        Rating.objects.filter(case__in=cases, side=Rating.Side.INVITER).values_list("case_id", "score")
    )  # of a case with several experts the last stands here; means by expert are exact
    rows = list(
        cases.values_list(
            "id", "from_facility_id", "kind", "status", "requested_at", "answered_at", "scheduled_at", "opinion_at"
        )
    )
    names = network.facility_names({row[1] for row in rows})
    units: dict[int, list[_Row]] = {}
    for row in rows:
        units.setdefault(row[1], []).append(row)
    by_unit = [_line(names.get(key, ""), each, scores) for key, each in units.items()]
    return Figures(
        since, until, _line("", rows, scores), tuple(sorted(by_unit, key=lambda each: (-each.n_asked, each.name))),
        tuple(_by_expert(cases)),
    )  # fmt: skip


def _line(name: str, rows: list[_Row], scores: dict[int, int]) -> Line:
    answers = [_minutes(row[4], row[5]) for row in rows]
    opinions = [_minutes(_later(row[5], row[6]), row[7]) for row in rows]
    rated = [scores[row[0]] for row in rows if row[0] in scores]
    return Line(
        name=name, n_asked=len(rows), n_immediate=sum(row[2] == Case.Kind.IMMEDIATE for row in rows),
        n_accepted=sum(row[5] is not None for row in rows), n_given=sum(row[7] is not None for row in rows),
        n_ended=sum(row[3] in {S.DECLINED, S.WITHDRAWN, S.EXPIRED} for row in rows), answer_minutes=_mean(answers),
        opinion_minutes=_mean(opinions), score=_mean(float(each) for each in rated),
    )  # fmt: skip


def _later(one: object, other: object) -> object:
    moments = [each for each in (one, other) if isinstance(each, datetime)]
    return max(moments) if moments else None


def _minutes(start: object, end: object) -> float | None:
    if isinstance(start, datetime) and isinstance(end, datetime):
        return max(0.0, (end - start).total_seconds() / 60)
    return None


def _mean(values: Iterable[float | None]) -> float | None:
    found = [each for each in values if each is not None]
    return sum(found) / len(found) if found else None


def _by_expert(cases: QuerySet[Case]) -> list[Line]:
    rows = Invitation.objects.filter(case__in=cases).exclude(status=I_.CANCELLED)
    grouped = rows.values("expert", "expert__user__name").annotate(
        asked=Count("id"),
        immediate=Count("id", filter=Q(case__kind=Case.Kind.IMMEDIATE)),
        accepted=Count("id", filter=Q(status=I_.ACCEPTED)),
        given=Count("id", filter=Q(status=I_.ACCEPTED, case__opinion_at__isnull=False)),
        ended=Count("id", filter=Q(status__in=[I_.DECLINED, I_.EXPIRED])),
        answered=Avg(F("answered_at") - F("invited_at"), filter=Q(status=I_.ACCEPTED)),
        opined=Avg(F("case__opinion_at") - F("answered_at"), filter=Q(status=I_.ACCEPTED)),
    )
    means = dict(
        Rating.objects.filter(case__in=cases, side=Rating.Side.INVITER)
        .values_list("expert")
        .annotate(mean=Avg("score"))
        .values_list("expert", "mean")
    )
    return [
        Line(
            name=row["expert__user__name"], n_asked=row["asked"], n_immediate=row["immediate"],
            n_accepted=row["accepted"], n_given=row["given"], n_ended=row["ended"],
            answer_minutes=row["answered"].total_seconds() / 60 if row["answered"] else None,
            opinion_minutes=max(0.0, row["opined"].total_seconds() / 60) if row["opined"] else None,
            score=means.get(row["expert"]),
        )
        for row in grouped.order_by("-asked", "expert__user__name", "expert")[:200]
    ]  # fmt: skip
