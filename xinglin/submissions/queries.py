"""What somebody who keeps the figures sees of submissions."""

from collections import defaultdict
from datetime import date, datetime
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from xinglin.indicators import api as indicators
from xinglin.platform import files
from xinglin.platform.actors import Actor
from xinglin.platform.errors import NotVisible, Unavailable
from xinglin.platform.finding import the_one
from xinglin.platform.paging import Page, page_of
from xinglin.submissions import drawing, forms, permissions
from xinglin.submissions.comparing import Difference, differences
from xinglin.submissions.data import Duty, Outcome
from xinglin.submissions.models import Cell, Delivery, Destination, Submission
from xinglin.submissions.states import OPEN, OUT, Status

#: Periods the calendar looks back for what was never begun.
PERIODS_BACK = 2


def submissions_visible_to(actor: Actor) -> QuerySet[Submission]:
    """All of the county, for who keeps its figures."""
    if not permissions.may_keep(actor):
        return Submission.objects.none()
    return Submission.objects.select_related("file", "corrects", "corrected_by")


def visible_submission(actor: Actor, uuid: UUID) -> Submission:
    """One submission. :raises NotVisible: absent, or not for this actor"""
    return the_one(submissions_visible_to(actor), uuid=uuid)


def by_number(actor: Actor, number: str) -> Submission:
    """The same by its number. :raises NotVisible"""
    return the_one(submissions_visible_to(actor), number=number)


def listed(actor: Actor, *, show: str = "open", form: str = "", cursor: str = "") -> Page[Submission]:
    """A page of submissions: open ones by the day they are due, the others the newest first."""
    rows = submissions_visible_to(actor)
    if form:
        rows = rows.filter(form=form)
    if show == "open":
        return page_of(rows.filter(status__in=OPEN), by=("due_on", "id"), cursor=cursor)
    return page_of(rows.exclude(status__in=OPEN), by=("-due_on", "-id"), cursor=cursor)


def duties(today: date) -> list[Duty]:
    """Every form of every period that ended lately, and when it is due."""
    return [
        Duty(each.slug, period, each.due_on(period))
        for each in forms.forms()
        for period in each.last_periods(today, PERIODS_BACK)
    ]


def missing_duties(today: date) -> list[Duty]:
    """Those nobody began. One query."""
    found = duties(today)
    begun = set(Submission.objects.filter(period__in={each.period for each in found}).values_list("form", "period"))
    return [each for each in found if (each.form, each.period) not in begun]


def open_ones() -> list[Submission]:
    """Everything that has not left."""
    return list(Submission.objects.filter(status__in=OPEN).order_by("due_on", "id"))


def to_send(*, at: datetime, limit: int = 20) -> list[Submission]:
    """Confirmed ones whose form names a server that is on, and whose time to try has come."""
    known = {each.slug: each.destination for each in forms.forms() if each.destination}
    on = set(Destination.objects.filter(is_on=True).values_list("code", flat=True))
    rows = Submission.objects.filter(
        status=Status.CONFIRMED, next_try_at__lte=at, form__in=[slug for slug, code in known.items() if code in on]
    )
    return list(rows.select_related("file").order_by("next_try_at", "id")[:limit])


def destination_of(form: forms.Form) -> Destination | None:
    """The server a form is sent to; None where it is downloaded, or nobody set it up."""
    return Destination.objects.filter(code=form.destination, is_on=True).first() if form.destination else None


def destinations(actor: Actor) -> list[Destination]:
    """All servers. :raises NotPermitted: no right to set up connections"""
    permissions.may_set_destinations(actor).require()
    return list(Destination.objects.order_by("code"))


def was_accepted(destination: Destination, sha256: str) -> bool:
    """Whether the same set was taken there before, and is what stands there: no other of its form and period came after it."""
    taken = Delivery.objects.filter(destination=destination, outcome__in=[Outcome.ACCEPTED, Outcome.CONFLICTS])
    same = taken.filter(sha256=sha256, outcome=Outcome.ACCEPTED).select_related("submission").order_by("id").last()
    if same is None:
        return False
    of = {"submission__form": same.submission.form, "submission__period": same.submission.period}
    return not taken.filter(**of, pk__gt=same.pk).exclude(sha256=sha256).exists()


def content_of(submission: Submission) -> bytes:
    """The file as it was written. :raises NotVisible: there is none yet. :raises Unavailable: it is gone, or not what it was"""
    if submission.file is None:
        raise NotVisible("submissions.file", submission.uuid)
    if not files.check(submission.file):
        raise Unavailable(_("存储的文件不完整，请联系系统管理员。"), code="file-damaged")
    with files.open_file(submission.file) as file:
        return file.read()


def cells_by_unit(submission: Submission) -> dict[str, list[Cell]]:
    """Cells in their order, by unit."""
    found: dict[str, list[Cell]] = defaultdict(list)
    for each in submission.cells.order_by("place"):
        found[each.unit].append(each)
    return found


def sent_lately(since: datetime) -> list[Submission]:
    """What left since a moment and no later turn stands for: looked at for changes."""
    rows = Submission.objects.filter(status__in=OUT, sent_at__gte=since, corrected_by__isnull=True)
    return list(rows.order_by("id"))


def told_before(submission: Submission) -> list[list[Cell]]:
    """Cells of the turns before that the receiver may still hold: back to the last it took whole, the latest first."""
    found, at = [], submission.corrects
    while at is not None:
        found.append(list(at.cells.all()) if at.status in OUT else [])
        at = None if at.status == Status.RECEIVED else at.corrects
    return found


def drift_of(submission: Submission, *, at: datetime) -> list[Difference]:
    """Cells that come out otherwise from today's facts than they were made: (as it was made, now)."""
    if not submission.cells.exists():
        return []
    form = forms.found(submission.form)
    now = drawing.cells_of(form, drawing.draw(form, submission.period, snapshot=None, at=at))
    return differences(submission.cells.all(), now)


def late_changes(submission: Submission, *, at: datetime) -> list[Difference]:
    """What came late since it was made from the facts, before it left. Of a publication: nothing, it was frozen on purpose."""
    if submission.snapshot or submission.version is None or submission.status not in OPEN:
        return []
    return [] if submission.version == indicators.facts_version() else drift_of(submission, at=at)
