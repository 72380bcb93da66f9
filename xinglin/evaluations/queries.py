"""What may be read of assessments, always from an actor's point of view: a unit sees its own sheet and, once published, the
ranking; who runs or reviews assessments sees his units; who was asked to review sees that sheet.
"""

from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from xinglin.accounts.data import Permission
from xinglin.evaluations import permissions
from xinglin.evaluations.models import Appeal, Evidence, ItemScore, Publication, Round, Sheet
from xinglin.evaluations.states import AppealStatus, RoundStatus, SheetStatus
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


def is_told(actor: Actor, found: Round, sheet: Sheet | None = None) -> bool:
    """Whether the actor may know reviewed points: by office or as reviewer always, a unit from the time results are told."""
    told = (RoundStatus.APPEAL, *TOLD)
    if found.status in told or office_sheets(actor) is not None:
        return True
    return sheet is not None and permissions.is_assessor(actor, sheet)


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


def sheets_of(actor: Actor, found: Round) -> list[Sheet]:
    """Sheets of a round the actor sees, the best first once there are points."""
    seen = sheets_visible_to(actor).filter(round=found)
    return sorted(seen, key=lambda each: (each.points is None, -(each.points or 0), each.name, each.pk))


def to_review(actor: Actor, *, limit: int = 50) -> list[Sheet]:
    """Sheets that wait for the actor's review, the round that ends first first. Never the own unit's."""
    seen = sheets_visible_to(actor).filter(
        round__status=RoundStatus.REVIEW, status__in=[SheetStatus.SUBMITTED, SheetStatus.MISSED]
    )
    rows = seen.exclude(facility=actor.place).order_by("round__review_until", "id")[: 4 * limit]
    return [each for each in rows if permissions.may_judge(actor, each)][:limit]


def open_appeals(actor: Actor, *, limit: int = 50) -> list[Appeal]:
    """Appeals the actor may decide, the oldest first."""
    seen = sheets_visible_to(actor).values("pk")
    rows = Appeal.objects.filter(status=AppealStatus.OPEN, item__sheet__in=seen)
    rows = rows.select_related("item__sheet__round").prefetch_related("item__changes")
    rows = rows.order_by("raised_at", "id")[: 4 * limit]
    return [each for each in rows if permissions.may_decide(actor, each)][:limit]
