"""Pages of submissions: what is due and what has left, one with its cells, and the servers."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from xinglin.accounts.api import for_staff
from xinglin.platform import audit, clock
from xinglin.platform.errors import DomainError, NotVisible
from xinglin.submissions import actions, permissions, queries, sending
from xinglin.submissions.events import Event
from xinglin.submissions.models import Submission
from xinglin.submissions.web import forms
from xinglin.submissions.web.pages import DestinationsPage, DetailPage, ListPage
from xinglin.web.answers import done, download, page, write_once
from xinglin.web.request import Request


@require_safe
@for_staff
def listing(request: Request) -> HttpResponse:
    """What waits for something, or has left."""
    return _listing(request)


def _listing(request: Request, error: DomainError | None = None) -> HttpResponse:
    actor, now = request.actor, clock.now()
    permissions.may_keep(actor).require()
    built = ListPage.build(
        actor, show=request.GET.get("show", "open"), cursor=request.GET.get("cursor", ""), at=now, error=error,
        given=request.POST,
    )  # fmt: skip
    audit.record(Event.LISTED, by=actor, at=now, detail={"n": len(built.rows)})
    return page(request, "submissions/list.html", page=built, status=error.status if error else 200)


@require_POST
@for_staff
def open_one(request: Request) -> HttpResponse:
    """Begin a form of a period."""

    def write() -> str:
        form, period = request.POST.get("form", ""), request.POST.get("period", "")
        made = actions.open_submission(form=form, period=period, by=request.actor, at=clock.now())
        return reverse("submissions:detail", args=[made.uuid])

    try:
        return write_once(request, write)
    except DomainError as error:
        return _listing(request, error)


@require_safe
@for_staff
def detail(request: Request, uuid: UUID) -> HttpResponse:
    """One submission: cells, what is missing, what changed, what was answered."""
    return _detail(request, uuid)


def _detail(request: Request, uuid: UUID, error: DomainError | None = None) -> HttpResponse:
    now = clock.now()
    found = queries.visible_submission(request.actor, uuid)
    audit.record(Event.VIEWED, by=request.actor, at=now, kind="submissions.submission", key=str(uuid))
    built = DetailPage.build(request.actor, found, at=now, error=error, given=request.POST)
    return page(request, "submissions/detail.html", page=built, status=error.status if error else 200)


@require_safe
@for_staff
def file(request: Request, uuid: UUID) -> HttpResponse:
    """The file as it was written."""
    found = queries.visible_submission(request.actor, uuid)
    content = queries.content_of(found)
    audit.record(Event.DOWNLOADED, by=request.actor, at=clock.now(), kind="submissions.submission", key=str(uuid))
    return download(content, found.file_name, media_type="application/octet-stream")


def _make(it: Submission, request: Request) -> Any:
    snapshot = forms.snapshot(request.POST)
    return actions.make_submission(submission=it, snapshot=snapshot, by=request.actor, at=clock.now())


def _words(request: Request) -> str:
    return request.POST.get("words", "")


#: Steps by the name in their address: what is done, and what is said of it.
STEPS: dict[str, tuple[Callable[[Submission, Request], Any], Any]] = {
    "make": (_make, _("已编制。")),
    "check": (lambda it, r: actions.check_submission(submission=it, by=r.actor, at=clock.now()), _("已核对，文件已生成。")),
    "confirm": (lambda it, r: actions.confirm_submission(submission=it, by=r.actor, at=clock.now()), _("已复核。")),
    "turn-back": (
        lambda it, r: actions.turn_back(submission=it, reason=_words(r), by=r.actor, at=clock.now()), _("已退回重新编制。"),
    ),
    "sent": (
        lambda it, r: actions.note_sent(submission=it, words=_words(r), by=r.actor, at=clock.now()), _("已登记报出。"),
    ),
    "answer": (
        lambda it, r: actions.note_answer(
            submission=it, accepted=r.POST.get("accepted") == "yes", words=_words(r), by=r.actor, at=clock.now()
        ), _("已登记回执。"),
    ),
    "cancel": (
        lambda it, r: actions.cancel_submission(submission=it, reason=_words(r), by=r.actor, at=clock.now()), _("已作废。"),
    ),
}  # fmt: skip


@require_POST
@for_staff
def step(request: Request, uuid: UUID, step: str) -> HttpResponse:
    """One step of a submission. :raises NotVisible: no such step"""
    own = reverse("submissions:detail", args=[uuid])
    try:
        found = queries.visible_submission(request.actor, uuid)
        if step == "send":  # asks the network: not inside the transaction of a form's key; safe to repeat by itself
            delivery = sending.deliver(found, by=request.actor, at=clock.now())
            return done(request, own, forms.outcome(delivery))
        if step == "correct":
            return write_once(request, lambda: _corrected(request, found))
        if step not in STEPS:
            raise NotVisible("submissions.step", step)
        action, said = STEPS[step]

        def write() -> str:
            action(queries.visible_submission(request.actor, uuid), request)
            return own

        return write_once(request, write, said)
    except NotVisible:
        raise
    except DomainError as error:
        return _detail(request, uuid, error)


def _corrected(request: Request, found: Submission) -> str:
    made = actions.correct_submission(submission=found, reason=_words(request), by=request.actor, at=clock.now())
    return reverse("submissions:detail", args=[made.uuid])


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def destinations(request: Request) -> HttpResponse:
    """Servers that sets are sent to."""
    error: DomainError | None = None
    permissions.may_set_destinations(request.actor).require()
    if request.method == "POST":

        def write() -> str:
            actions.set_destination(**forms.destination(request.POST), by=request.actor, at=clock.now())
            return reverse("submissions:destinations")

        try:
            return write_once(request, write, _("已保存。"))
        except DomainError as refused:
            error = refused
    built = DestinationsPage.build(request.actor, error=error, given=request.POST)
    return page(request, "submissions/destinations.html", page=built, status=error.status if error else 200)
