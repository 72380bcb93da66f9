"""One address for every verb that is done on a referral's page: parse, act, answer."""

from collections.abc import Callable
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from xinglin.accounts.api import signed_in
from xinglin.platform import clock
from xinglin.platform.errors import Conflict, InvalidInput, NotVisible
from xinglin.referrals import actions, queries
from xinglin.referrals.models import Referral
from xinglin.referrals.policies import Verb
from xinglin.referrals.web import forms
from xinglin.referrals.web.detail_page import DetailPage
from xinglin.web.answers import done, page, write_once
from xinglin.web.request import Request

#: Verbs done by one form on the page of a referral, with what is said when it worked.
DOES: dict[Verb, tuple[Callable[..., Referral], object]] = {
    Verb.ACCEPT: (actions.accept_referral, _("已接收，已通知转出机构。")),
    Verb.DECLINE: (actions.decline_referral, _("已拒绝，已通知转出机构。")),
    Verb.SEND_BACK: (actions.send_back, _("已退回补充，已通知转出机构。")),
    Verb.REDIRECT: (actions.redirect_referral, _("已改派，已通知转出机构。")),
    Verb.WITHDRAW: (actions.withdraw_referral, _("已撤回。")),
    Verb.ARRIVE: (actions.mark_arrived, _("已登记到院。")),
    Verb.NO_SHOW: (actions.mark_no_show, _("已登记未到院。")),
    Verb.ADMIT: (actions.admit, _("已登记收治。")),
    Verb.DISCHARGE: (actions.discharge, _("已登记出院，请开具下转单。")),
    Verb.RECEIVE_BACK: (actions.receive_back, _("已接回，随访任务已安排。")),
    Verb.CLOSE: (actions.close_referral, _("已结案。")),
}


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def act(request: Request, uuid: UUID, verb: str) -> HttpResponse:
    """Do one verb; a lost race and wrong input answer with the page as it stands now."""
    if verb not in DOES:
        raise NotVisible("referrals.verb", verb)
    address = reverse("referrals:detail", args=[uuid])
    if request.method != "POST":
        return done(request, address)
    chosen, actor, at = Verb(verb), request.actor, clock.now()
    action, message = DOES[chosen]
    referral = queries.visible_referral(actor, uuid)

    def write() -> str:
        result = action(referral=referral, by=actor, at=at, **forms.arguments_of(chosen, request.POST))
        if request.POST.get("back") == "desk":
            return reverse("referrals:desk")
        return reverse("referrals:detail", args=[result.uuid])

    try:
        return write_once(request, write, message)
    except (Conflict, InvalidInput) as error:
        now = queries.visible_referral(actor, uuid)
        built = DetailPage.build(actor, now, at=at, error=error, tried=chosen, given=request.POST)
        return page(request, "referrals/detail.html", fragment="whole", status=error.status, page=built)
