"""What is done with an agreement and with what it promises."""

from collections.abc import Callable
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from xinglin.accounts.api import signed_in
from xinglin.contracts import actions, queries
from xinglin.contracts.actions.agreements import MAX_SCAN
from xinglin.contracts.models import Agreement
from xinglin.contracts.web.agreements import AgreementPage
from xinglin.platform import clock
from xinglin.platform.errors import Conflict, InvalidInput, TooLarge
from xinglin.web import posted
from xinglin.web.answers import page, write_once
from xinglin.web.request import Request
from xinglin.web.uploads import checked_first, file_at_most


@require_POST
@signed_in
def end(request: Request, uuid: UUID) -> HttpResponse:
    """End it with a reason."""
    post = request.POST

    def act(agreement: Agreement) -> None:
        actions.end_agreement(
            agreement=agreement, reason_code=post.get("reason_code", ""), words=post.get("words", ""), by=request.actor,
            at=clock.now(),
        )  # fmt: skip

    return _act(request, uuid, act, _("签约已终止。"), "end")


@require_POST
@signed_in
def change_team(request: Request, uuid: UUID) -> HttpResponse:
    """Hand it to another team."""

    def act(agreement: Agreement) -> None:
        at, wanted = clock.now(), posted.uuid(request.POST, "team")
        offered = queries.teams_of_facility(agreement.facility_id, on=clock.today(at))
        team = next((each for each in offered if each.uuid == wanted), None)
        if team is None:
            raise InvalidInput(_("请选择团队。"), fields={"team": _("请从列表中选择。")})
        actions.change_team(
            agreement=agreement, team=team, reason=request.POST.get("reason", ""), by=request.actor, at=at
        )

    return _act(request, uuid, act, _("已更换团队。"), "change")


@require_POST
@signed_in
def enter_group(request: Request, uuid: UUID) -> HttpResponse:
    """Enter the resident into a key group, with evidence."""
    post = request.POST

    def act(agreement: Agreement) -> None:
        actions.enter_group(
            resident=agreement.resident, group=post.get("group", ""), since=posted.day(post, "since"),
            until=posted.day_or_none(post, "until"), evidence=post.get("evidence", ""), by=request.actor, at=clock.now(),
        )  # fmt: skip

    return _act(request, uuid, act, _("已登记重点人群。"), "group")


@require_POST
@signed_in
@checked_first(file_at_most(MAX_SCAN))
def deliver(request: Request, uuid: UUID) -> HttpResponse:
    """Record by hand that an item was done."""
    promise, post = queries.visible_promise(request.actor, uuid), request.POST

    def act(agreement: Agreement) -> None:
        actions.deliver_by_hand(
            promise=promise, done_on=posted.day(post, "done_on"), text=post.get("text", ""),
            proof=request.FILES.get("proof"), by=request.actor, at=clock.now(),
        )  # fmt: skip

    return _act(request, promise.agreement.uuid, act, _("已登记。"), f"deliver-{uuid}")


@require_POST
@signed_in
def book(request: Request, uuid: UUID) -> HttpResponse:
    """Book the day of an item."""
    promise = queries.visible_promise(request.actor, uuid)

    def act(agreement: Agreement) -> None:
        actions.book_item(
            promise=promise, booked_on=posted.day(request.POST, "booked_on"), by=request.actor, at=clock.now()
        )

    return _act(request, promise.agreement.uuid, act, _("已预约。"), f"book-{uuid}")


@require_POST
@signed_in
def take_back(request: Request, uuid: UUID) -> HttpResponse:
    """Withdraw a record by hand."""
    promise = queries.visible_promise(request.actor, uuid)

    def act(agreement: Agreement) -> None:
        actions.take_back_by_hand(
            promise=promise, reason=request.POST.get("reason", ""), by=request.actor, at=clock.now()
        )

    return _act(request, promise.agreement.uuid, act, _("已撤回。"), f"back-{uuid}")


def _act(request: Request, uuid: UUID, act: Callable[[Agreement], None], message: str, form: str) -> HttpResponse:
    agreement = queries.visible_agreement(request.actor, uuid)

    def write() -> str:
        act(agreement)
        return reverse("contracts:detail", args=[uuid])

    try:
        return write_once(request, write, message)
    except (InvalidInput, Conflict, TooLarge) as error:
        shown = queries.visible_agreement(request.actor, uuid)
        built = AgreementPage.build(request.actor, shown, at=clock.now(), error=error, given=request.POST, form=form)
        return page(request, "contracts/detail.html", status=error.status, page=built)
