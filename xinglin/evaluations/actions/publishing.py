"""Results are told to the units, the ranking is published as a notice, corrected where a score changed, and closed."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.evaluations import permissions, policies
from xinglin.evaluations.actions.appeals import end_appeals
from xinglin.evaluations.actions.rounds import MOST_DAYS, end_of
from xinglin.evaluations.actions.scores import held, plan_of
from xinglin.evaluations.events import Event
from xinglin.evaluations.models import Publication, Round
from xinglin.evaluations.rules.scoring import ranked
from xinglin.evaluations.states import ROUND_TRANSITIONS, RoundStatus
from xinglin.network import api as network
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import InvalidInput
from xinglin.platform.outbox import announce
from xinglin.platform.texts import clean
from xinglin.platform.transitions import move


@transaction.atomic
def tell_results(*, of_round: Round, until: date | None = None, by: Actor, at: datetime) -> Round:
    """Show each unit its reviewed sheet; from now on it may appeal, up to the end of a day.

    :raises Conflict: a unit is not reviewed yet
    """
    now = held(of_round.pk)
    permissions.may_run(by, now).require()
    policies.can_tell_results(now).require()
    ends = _end("until", until, plan_of(now).days.appeal, at)
    move(now, table=ROUND_TRANSITIONS, to=RoundStatus.APPEAL, by=by, at=at, appeal_until=ends)
    announce(Event.RESULTS_TOLD, obj=now, by=by, at=at, until=ends.isoformat())
    return now


def _end(field: str, day: date | None, usual: int, at: datetime) -> datetime:
    today = clock.today(at)
    chosen = day or today + timedelta(days=usual)
    if not today <= chosen <= today + timedelta(days=MOST_DAYS):
        words = _("日期应在%(since)s之后，%(n)d天之内。") % {"since": today.isoformat(), "n": MOST_DAYS}
        raise InvalidInput(words, fields={field: words})
    return end_of(chosen)


@transaction.atomic
def publish_round(
    *,
    of_round: Round,
    document_number: str,
    issued_by: str,
    objection_until: datetime | None = None,
    by: Actor,
    at: datetime,
) -> Publication:
    """Publish the ranking as a notice; units may object to it up to a moment.

    :raises Conflict: an appeal waits, or the time for appeals is not over
    """
    now = held(of_round.pk)
    permissions.may_run(by, now).require()
    policies.can_be_published(now, at=at).require()
    ends = objection_until or _end("objection_until", None, plan_of(now).days.objection, at)
    if not at < ends <= at + timedelta(days=MOST_DAYS):
        words = _("公示期应在现在之后，%(n)d天之内。") % {"n": MOST_DAYS}
        raise InvalidInput(words, fields={"objection_until": words})
    made = _notice(now, 1, document_number, issued_by, "", by, at)
    move(now, table=ROUND_TRANSITIONS, to=RoundStatus.PUBLISHED, by=by, at=at, objection_until=ends)
    announce(Event.PUBLISHED, obj=now, by=by, at=at, n_units=len(made.lines), until=ends.isoformat())
    return made


def _notice(
    now: Round, revision: int, document_number: str, issued_by: str, reason: str, by: Actor, at: datetime
) -> Publication:
    sheets = {str(each.uuid): each for each in now.sheets.all()}
    mergers = network.mergers_of(each.facility_id for each in sheets.values())
    places = ranked({uuid: each.points for uuid, each in sheets.items() if each.points is not None})
    lines: list[dict[str, Any]] = [
        {
            "sheet": each.unit,
            "name": sheets[each.unit].name,
            "points": each.points,
            "place": each.place,
            "tied": each.is_tied,
        }
        for each in places
    ]
    ranked_ones = {each["sheet"] for each in lines}
    lines += [
        {"sheet": uuid, "name": each.name, "points": None, "place": None, "tied": False}
        for uuid, each in sheets.items()
        if uuid not in ranked_ones
    ]
    for line in lines:
        merger = mergers.get(sheets[line["sheet"]].facility_id)
        line |= {"merged_into": merger.into, "merged_on": merger.on.isoformat()} if merger else {}
    return Publication.objects.create(
        round=now, revision=revision, document_number=clean(document_number, "document_number", most=40, least=1),
        issued_by=clean(issued_by, "issued_by", most=60, least=1), lines=lines, reason=reason, published_at=at,
        published_by=by.user_id or 0, published_by_name=by.name,
    )  # fmt: skip


@transaction.atomic
def correct_notice(*, of_round: Round, document_number: str, reason: str, by: Actor, at: datetime) -> Publication:
    """Publish the ranking anew because an objection was upheld; the former notice stays to be read.

    :raises Conflict: nothing differs, or an objection waits
    """
    now = held(of_round.pk)
    permissions.may_run(by, now).require()
    policies.can_be_corrected(now).require()
    former = now.publications.order_by("-revision")[0]
    why = clean(reason, "reason", most=500, least=1)
    made = _notice(now, former.revision + 1, document_number, former.issued_by, why, by, at)
    announce(Event.CORRECTED, obj=now, by=by, at=at, revision=made.revision)
    return made


@transaction.atomic
def close_round(*, of_round: Round, by: Actor, at: datetime) -> Round:
    """End a round: its scores are final, and funds may be shared by them.

    :raises Conflict: the notice has not stood its time, an objection waits, or the notice says something else
    """
    now = held(of_round.pk)
    permissions.may_run(by, now).require()
    policies.can_be_closed(now, at=at).require()
    move(now, table=ROUND_TRANSITIONS, to=RoundStatus.CLOSED, by=by, at=at)
    announce(Event.CLOSED, obj=now, by=by, at=at)
    return now


@transaction.atomic
def cancel_round(*, of_round: Round, reason: str, by: Actor, at: datetime) -> Round:
    """Give a round up before anything was published; appeals that wait end with it. :raises Conflict: it was published or is over"""
    now = held(of_round.pk)
    permissions.may_run(by, now).require()
    why = clean(reason, "reason", most=500, least=1)
    move(now, table=ROUND_TRANSITIONS, to=RoundStatus.CANCELLED, by=by, at=at, reason=why)
    end_appeals(now, why, by=by, at=at)
    announce(Event.CANCELLED, obj=now, by=by, at=at, reason=why)
    return now
