"""Pages that show referrals: the desk, what was sent, one referral, figures, the slip."""

from datetime import date, timedelta
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from xinglin.accounts.api import Permission, for_staff, signed_in
from xinglin.platform import audit, clock
from xinglin.platform.errors import InvalidInput
from xinglin.referrals import queries, slips
from xinglin.referrals.events import Event
from xinglin.referrals.web.detail_page import DetailPage
from xinglin.referrals.web.pages import CountsPage, DeskPage, SentPage
from xinglin.web.answers import page
from xinglin.web.documents import pdf_response
from xinglin.web.request import Request


@require_safe
@for_staff
def desk(request: Request) -> HttpResponse:
    """The work list of the receiving desk."""
    box = request.GET.get("box") or ("new" if Permission.REFERRAL_ANSWER in request.actor.permissions else "arrived")
    built = DeskPage.build(request.actor, box=box, cursor=request.GET.get("cursor", ""), at=clock.now())
    shown = [each.resident.uuid for each in built.paging.rows]
    audit.look_many(Event.LISTED, by=request.actor, at=clock.now(), subjects=shown, box=box, n=len(shown))
    return page(request, "referrals/desk.html", fragment="rows", page=built)


@require_safe
@for_staff
def sent(request: Request) -> HttpResponse:
    """What the actor's units sent, and how it stands."""
    box = request.GET.get("box", "open")
    built = SentPage.build(request.actor, box=box, cursor=request.GET.get("cursor", ""), at=clock.now())
    shown = [each.resident.uuid for each in built.paging.rows]
    audit.look_many(Event.LISTED, by=request.actor, at=clock.now(), subjects=shown, box=f"sent:{box}", n=len(shown))
    return page(request, "referrals/sent.html", fragment="rows", page=built)


@require_safe
@signed_in
def detail(request: Request, uuid: UUID) -> HttpResponse:
    """One referral, the same page for both sides."""
    actor, at = request.actor, clock.now()
    referral = queries.visible_referral(actor, uuid)
    audit.look(Event.VIEWED, by=actor, at=at, subject=referral.resident.uuid, kind="referrals.referral", key=str(uuid))
    return page(request, "referrals/detail.html", fragment="whole", page=DetailPage.build(actor, referral, at=at))


@require_safe
@signed_in
def slip_pdf(request: Request, uuid: UUID) -> HttpResponse:
    """The slip with its stub, to print."""
    referral = queries.visible_referral(request.actor, uuid)
    return pdf_response(slips.slip_pdf(referral, actor=request.actor, at=clock.now()), referral.number)


@require_safe
@signed_in
def counts(request: Request) -> HttpResponse:
    """Referrals by direction, channel and pair of units over a period (WH-43)."""
    today = clock.today()
    since = _day(request, "since", today.replace(month=1, day=1))
    until = _day(request, "until", today)
    built = CountsPage.build(request.actor, since=since, until=until + timedelta(days=1))
    return page(request, "referrals/counts.html", fragment="rows", page=built)


def _day(request: Request, name: str, default: date) -> date:
    text = request.GET.get(name, "")
    try:
        return date.fromisoformat(text) if text else default
    except ValueError as error:
        raise InvalidInput(_("日期格式不对。"), fields={name: _("请用“年-月-日”。")}) from error
