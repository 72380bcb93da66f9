"""The service log: each round as it was, and what it proves for those who were seen."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.contracts import api as contracts
from xinglin.institutions import permissions, queries
from xinglin.institutions.actions.texts import text
from xinglin.institutions.data import RoundIn
from xinglin.institutions.events import Event
from xinglin.institutions.models import Round, Seen, Stay
from xinglin.institutions.states import ROUND_TRANSITIONS, RoundStatus
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import wrong
from xinglin.platform.outbox import announce
from xinglin.platform.transitions import move
from xinglin.residents import api as residents
from xinglin.visits import api as visits

#: So many days later a round may still be written down.
LATE_DAYS = 60
MOST_CAME = 12


@transaction.atomic
def record_round(*, round: Round, content: RoundIn, by: Actor, at: datetime) -> Round:  # noqa: A002 - the county's word
    """Write down a round: who came, when, whom they saw, what was found, and who signed for the institution.

    Of those who were seen, the clinic's visits of that day are linked and prove what they prove; of the others the round
    itself is the proof, where the package says of what.

    :raises NotPermitted: the actor does not serve for the unit
    :raises Conflict: done already, not open yet, or the agreement has ended
    :raises InvalidInput: a moment that cannot be; nobody came, nothing found, nobody seen who lives there, not signed
    """
    permissions.may_do(by, round, on=clock.today(at)).require()
    came_at = _moment(round, content.came_at or at, at=at)
    came = _came(content, by)
    stays = _stays(round, content, came_at)
    scan = _signed(content, at=at)
    move(
        round, table=ROUND_TRANSITIONS, to=RoundStatus.DONE, by=by, at=at, place=round.agreement.facility_id,
        came_at=came_at, came=came, findings=text("findings", content.findings, 2000, required=True),
        advice=text("advice", content.advice, 2000),
        signer_name=text("signer_name", content.signer_name, 40, required=True), signature=content.signature_png,
        scan=scan, recorded_by=by.user_id, recorded_by_name=by.name[:80] or "—",
    )  # fmt: skip
    for stay in stays:
        _note_seen(round, stay, text("seen", content.seen[stay.uuid], 200), by=by, at=at)
    announce(
        Event.ROUND_DONE, obj=round, by=by, at=at, place=round.agreement.facility_id, item=round.item,
        institution=str(round.agreement.institution.uuid), n_seen=len(stays),
        in_time=clock.today(came_at) <= round.due_on,
    )  # fmt: skip
    return round


def _moment(found: Round, came_at: datetime, *, at: datetime) -> datetime:
    day = clock.today(came_at)
    if came_at > at:
        raise wrong("came_at", _("不能晚于现在。"))
    if day < max(found.opens_on, clock.today(at) - timedelta(days=LATE_DAYS)):
        raise wrong("came_at", _("应在这次巡诊开放之后，最多补录%(days)d天以内的。") % {"days": LATE_DAYS})
    return came_at


def _came(content: RoundIn, by: Actor) -> list[str]:
    names = [text("came", each, 40) for each in content.came]
    names = list(dict.fromkeys(each for each in names if each))
    if not names:
        raise wrong("came", _("请写明谁去巡诊。"))
    if len(names) > MOST_CAME:
        raise wrong("came", _("最多%(most)d人。") % {"most": MOST_CAME})
    return names


def _stays(found: Round, content: RoundIn, came_at: datetime) -> list[Stay]:
    day = clock.today(came_at)
    living = found.agreement.institution.stays.select_related("resident").filter(since__lte=day)
    living = living.exclude(until__lt=day)
    item = queries.item_of(found)
    if not content.seen:
        if item is not None and item.sees_residents and living.exists():
            raise wrong("seen", _("请选择看过的居民。"))
        return []
    stays = list(living.filter(uuid__in=list(content.seen)).order_by("id"))
    if len(stays) != len(content.seen):
        raise wrong("seen", _("有人当日不住在这个机构，请核对。"))
    return stays


def _signed(content: RoundIn, *, at: datetime) -> Any:
    if content.signature_png is None and content.scan is None:
        raise wrong("signature", _("请机构人员签字，或上传纸质签字的照片。"))
    return contracts.keep_scan(content.scan, at=at)


def _note_seen(found: Round, stay: Stay, words: str, *, by: Actor, at: datetime) -> None:
    visit = _visit_of(found, stay.resident, by)
    seen = Seen.objects.create(round=found, stay=stay, resident=stay.resident, words=words, visit=visit)
    item, day = queries.item_of(found), _day(found)
    if visit is None and item is not None and item.proofs:
        evidence = contracts.Evidence(item.proofs, day, found.agreement.facility_id, "institutions.round", seen.uuid)
        contracts.note_done(resident_ids=residents.ids_of_person(stay.resident), evidence=evidence, by=by, at=at)
    announce(
        Event.SEEN, obj=seen, subject=stay.resident.uuid, by=by, at=at, place=found.agreement.facility_id,
        round=str(found.uuid),
    )  # fmt: skip


def _visit_of(found: Round, resident: Any, by: Actor) -> Any:
    """The clinic's signed visit of that day; a programme visit made face to face has written one, too."""
    rows = visits.visits_visible_to(by).filter(
        resident_id__in=residents.ids_of_person(resident), started_at__date=_day(found), status="SIGNED",
        facility_id__in=queries.places_of(found.agreement),
    )  # fmt: skip
    return rows.order_by("-started_at").first()


def _day(found: Round) -> date:
    assert found.came_at is not None  # it is done
    return clock.today(found.came_at)


@transaction.atomic
def link_visit(*, visit: Any, by: Actor, at: datetime) -> int:
    """A visit of the day of a round was written after it: it is the proof now, and the round is it no more. Called by the
    system; safe to call again. :returns: how many were linked
    """
    day = clock.today(visit.started_at)
    rows = Seen.objects.select_related("round__agreement").filter(
        resident_id__in=residents.ids_of_person(visit.resident), visit__isnull=True, round__came_at__date=day
    )
    found = [each for each in rows if visit.facility_id in queries.places_of(each.round.agreement)]
    for each in found:
        contracts.take_back_proof(proof_uuid=each.uuid, by=by, at=at)
    return Seen.objects.filter(pk__in=[each.pk for each in found]).update(visit=visit)
