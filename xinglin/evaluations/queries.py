"""What may be read of assessments, always from an actor's point of view: a unit sees its own sheet and, once published, the
ranking; who runs or reviews assessments sees his units; who was asked to review sees that sheet.
"""

from datetime import datetime
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from xinglin.accounts import api as accounts
from xinglin.accounts.data import Permission
from xinglin.evaluations import permissions
from xinglin.evaluations.models import Appeal, Evidence, ItemScore, Publication, Round, ScoreChange, Sheet
from xinglin.evaluations.rules.scoring import BY_HAND, OPEN
from xinglin.evaluations.states import APPEALED_IN, AppealStatus, RoundStatus, SheetStatus
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, NotVisible
from xinglin.platform.finding import the_one
from xinglin.platform.paging import Page, page_of

OFFICE = (Permission.EVALUATION_MANAGE, Permission.EVALUATION_REVIEW)
TOLD = (RoundStatus.PUBLISHED, RoundStatus.CLOSED)


def office_sheets(actor: Actor) -> Q | None:
    """Sheets somebody sees by office; None: nobody's, an empty `Q`: everybody's."""
    reach: set[int] = set()
    for each in OFFICE:
        places = actor.places_where(each)
        if places is None:
            return Q()
        reach |= places
    return Q(facility__in=reach) if reach else None


def sheets_visible_to(actor: Actor) -> QuerySet[Sheet]:
    """Sheets by office, the own unit's, and those somebody was asked to review."""
    held = actor.permissions & {*map(str, OFFICE), str(Permission.EVALUATION_ANSWER)}
    if not held:
        return Sheet.objects.none()
    mine = Q(assessor=actor.user_id) if actor.user_id is not None else Q(pk__isnull=True)
    if actor.place is not None and actor.may(Permission.EVALUATION_ANSWER, at=actor.place):
        mine |= Q(facility=actor.place)
    office = office_sheets(actor)
    if office is not None:
        mine = office | mine if office else Q()
    return Sheet.objects.filter(mine).select_related("round", "facility")


def rounds_visible_to(actor: Actor) -> QuerySet[Round]:
    """Rounds with a sheet the actor sees."""
    return Round.objects.filter(pk__in=sheets_visible_to(actor).values("round"))


def visible_round(actor: Actor, uuid: UUID) -> Round:
    """One round. :raises NotVisible: out of scope or absent"""
    return the_one(rounds_visible_to(actor), uuid=uuid)


def visible_sheet(actor: Actor, uuid: UUID) -> Sheet:
    """One sheet. :raises NotVisible: out of scope or absent"""
    return the_one(sheets_visible_to(actor), uuid=uuid)


def visible_item(actor: Actor, uuid: UUID) -> ItemScore:
    """One item of a sheet. :raises NotVisible: out of scope or absent"""
    seen = sheets_visible_to(actor).values("pk")
    found = ItemScore.objects.filter(uuid=uuid, sheet__in=seen).select_related("sheet__round").first()
    if found is None:
        raise NotVisible("evaluations.itemscore", uuid)
    return found


def visible_evidence(actor: Actor, uuid: UUID) -> Evidence:
    """One file of proof. :raises NotVisible: out of scope or absent"""
    seen = sheets_visible_to(actor).values("pk")
    found = Evidence.objects.filter(uuid=uuid, item__sheet__in=seen)
    one = found.select_related("item__sheet__round", "file").first()
    if one is None:
        raise NotVisible("evaluations.evidence", uuid)
    return one


def visible_appeal(actor: Actor, uuid: UUID) -> Appeal:
    """One appeal. :raises NotVisible: out of scope or absent"""
    seen = sheets_visible_to(actor).values("pk")
    found = Appeal.objects.filter(uuid=uuid, item__sheet__in=seen).select_related("item__sheet__round").first()
    if found is None:
        raise NotVisible("evaluations.appeal", uuid)
    return found


def is_told(actor: Actor, found: Round, sheet: Sheet) -> bool:
    """Whether the actor may know reviewed points: by an office there or as reviewer always, a unit from the time results are told."""
    if found.status in (RoundStatus.APPEAL, *TOLD) or any(actor.may(each, at=sheet.facility_id) for each in OFFICE):
        return True
    return permissions.is_assessor(actor, sheet)


def known_points(actor: Actor, found: Round) -> list[int]:
    """Points of the units of a round of which the actor may know them by office, in no order."""
    office = office_sheets(actor)
    seen = found.sheets.none() if office is None else found.sheets.filter(office, points__isnull=False)
    return [points for points in seen.values_list("points", flat=True) if points is not None]


def notice_of(actor: Actor, found: Round, *, revision: int | None = None) -> Publication:
    """The latest notice of a round, or a former one. :raises NotVisible: nothing was published"""
    notices = found.publications.order_by("-revision")
    notice = (notices if revision is None else notices.filter(revision=revision)).first()
    if notice is None:
        raise NotVisible("evaluations.publication", found.uuid)
    return notice


def told_sheet(actor: Actor, uuid: UUID) -> Sheet:
    """A sheet whose points the actor may know. :raises NotVisible: not in sight. :raises Conflict: not told yet"""
    found = visible_sheet(actor, uuid)
    if not is_told(actor, found.round, found):
        raise Conflict(_("结果还没有反馈。"), code="not-told")
    return found


def rounds_page(actor: Actor, *, cursor: str = "") -> Page[Round]:
    """Rounds, the latest first."""
    return page_of(rounds_visible_to(actor), by=("-opened_at", "-id"), cursor=cursor)


def own_sheets_page(actor: Actor, *, cursor: str = "") -> Page[Sheet]:
    """Sheets of the actor's own unit, the latest first."""
    return page_of(sheets_visible_to(actor).filter(facility=actor.place), by=("-id",), cursor=cursor)


def sheets_page(actor: Actor, found: Round, *, cursor: str = "") -> Page[Sheet]:
    """Sheets of a round the actor sees, the best first; each has `n_open`, its items nobody has given points yet."""
    seen = sheets_visible_to(actor).filter(round=found)
    n_open = Count("items", filter=Q(items__basis__in=[str(each) for each in OPEN]))
    return page_of(
        seen.annotate(reached=Coalesce("points", -1), n_open=n_open), by=("-reached", "name", "id"), cursor=cursor
    )


def sheets_of(actor: Actor, found: Round) -> list[Sheet]:
    """All of them at once."""
    seen = sheets_visible_to(actor).filter(round=found)
    return sorted(seen, key=lambda each: (each.points is None, -(each.points or 0), each.name, each.pk))


def assessors_for(sheet: Sheet, *, at: datetime) -> list[tuple[Sheet, int, str]]:
    """Who answers for the other units of the round, and may be asked to review this one: each with his unit's sheet, by unit."""
    others = sheet.round.sheets.exclude(pk=sheet.pk).select_related("facility").order_by("name", "id")
    known = accounts.colleagues_at(Permission.EVALUATION_ANSWER, [each.facility_id for each in others], at=at)
    return [(each, pk, name) for each in others for pk, name in known.get(each.facility_id, ())]


def to_review(actor: Actor, *, limit: int = 50) -> list[Sheet]:
    """Sheets that wait for the actor's review, the round that ends first first: as `permissions.may_review` says of each."""
    waiting = Sheet.objects.filter(
        _reviewed_by_office(actor, "facility") | _asked(actor), round__status=RoundStatus.REVIEW,
        status__in=[SheetStatus.SUBMITTED, SheetStatus.MISSED],
    )  # fmt: skip
    rows = waiting.exclude(facility=actor.place).select_related("round", "facility")
    return list(rows.order_by("round__review_until", "id")[:limit])


def _reviewed_by_office(actor: Actor, facility: str) -> Q:
    """Where the actor judges by office; `facility` is the way to the unit."""
    places = actor.places_where(Permission.EVALUATION_REVIEW)
    return Q(pk__isnull=False) if places is None else Q(**{f"{facility}__in": places})


def _asked(actor: Actor) -> Q:
    """Sheets the actor was asked to review, as `permissions.is_assessor` says of one."""
    can = actor.may(Permission.EVALUATION_ANSWER) or actor.may(Permission.EVALUATION_REVIEW)
    return Q(assessor=actor.user_id) if can and actor.user_id is not None else Q(pk__isnull=True)


def open_appeals(actor: Actor, *, limit: int = 50) -> list[Appeal]:
    """Appeals the actor may decide, the oldest first: as `permissions.may_decide` says of each."""
    waiting = Appeal.objects.filter(
        _reviewed_by_office(actor, "item__sheet__facility"), status=AppealStatus.OPEN,
        item__sheet__round__status__in=APPEALED_IN,
    )  # fmt: skip
    rows = waiting.exclude(item__sheet__facility=actor.place)
    if actor.user_id is not None:
        by_hand = [str(each) for each in BY_HAND]
        changed = ScoreChange.objects.filter(item=OuterRef("item"), changed_by=actor.user_id, basis__in=by_hand)
        rows = rows.exclude(item__reviewed_by=actor.user_id).exclude(raised_by=actor.user_id).exclude(Exists(changed))
    return list(rows.select_related("item__sheet__round").order_by("raised_at", "id")[:limit])
