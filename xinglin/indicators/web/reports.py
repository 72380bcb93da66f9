"""Pages of monthly reports: one's subscriptions, and what was made."""

from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from xinglin.accounts.api import signed_in
from xinglin.indicators import permissions, reports
from xinglin.indicators.actions import reports as actions
from xinglin.indicators.definitions.reading import LEVELS, indicators
from xinglin.indicators.models import Subscription
from xinglin.indicators.web import words
from xinglin.indicators.web.choosing import topics
from xinglin.platform import clock
from xinglin.platform.errors import Conflict, InvalidInput
from xinglin.platform.language import is_english
from xinglin.web.answers import done, page
from xinglin.web.documents import pdf_response
from xinglin.web.request import Request

LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
#: Reports of one page.
MOST = 36


@require_safe
@signed_in
def show(request: Request) -> HttpResponse:
    """One's subscriptions, and the reports made for them."""
    return _page(request)


def _page(request: Request, *, error: InvalidInput | Conflict | None = None) -> HttpResponse:
    actor = request.actor
    permissions.may_view_board(actor).require()
    titles = {each.slug: each.definition.title for each in indicators()}
    chosen = {*request.POST.getlist("slugs"), *request.GET.getlist("figure")}
    rows = [
        {
            "row": each, "level": words.LEVELS.get(each.level, each.level), "titles": [titles.get(slug, slug) for slug in each.slugs],
            "language": _language(each),
        }
        for each in reports.subscriptions_of(actor)[:MOST]
    ]  # fmt: skip
    made = [
        {"row": each, "level": words.LEVELS.get(each.subscription.level, each.subscription.level), "language": _language(each.subscription)}
        for each in reports.reports_of(actor)[:MOST]
    ]  # fmt: skip
    built = {
        "subscriptions": rows, "reports": made, "choices": topics(chosen),
        "typed": request.POST, "levels": [(each, words.LEVELS[each]) for each in LEVELS[::-1]],
        "languages": LANGUAGES, "language": "en" if is_english() else "zh-hans", "error": str(error.message) if error else "", "most": actions.MOST_FIGURES,
    }  # fmt: skip
    return page(request, "indicators/reports.html", status=error.status if error else 200, page=built)


def _language(subscription: Subscription) -> str:
    return dict(LANGUAGES).get(subscription.language, subscription.language)


@require_POST
@signed_in
def subscribe(request: Request) -> HttpResponse:
    """Want a report each month."""
    day = request.POST.get("day", "")
    try:
        actions.subscribe(
            slugs=request.POST.getlist("slugs"), level=request.POST.get("level", ""), by=request.actor,
            language=request.POST.get("language", ""), day=int(day) if day.isdecimal() and len(day) < 4 else 0, at=clock.now(),
        )  # fmt: skip
    except (InvalidInput, Conflict) as error:
        return _page(request, error=error)
    return done(request, reverse("indicators:reports"), _("已订阅，从下一个到期日起每月生成。"))


@require_POST
@signed_in
def unsubscribe(request: Request, uuid: UUID) -> HttpResponse:
    """Want it no longer."""
    actions.unsubscribe(uuid=uuid, by=request.actor, at=clock.now())
    return done(request, reverse("indicators:reports"), _("已取消订阅，以前的月报仍可查看。"))


@require_POST
@signed_in
def make_now(request: Request, uuid: UUID) -> HttpResponse:
    """Have the report of the latest whole month made now."""
    actions.ask_for_report(uuid=uuid, by=request.actor, at=clock.now())
    return done(request, reverse("indicators:reports"), _("正在生成上月月报，完成后会通知您。"))


@require_safe
@signed_in
def report(request: Request, uuid: UUID) -> HttpResponse:
    """One's own report."""
    found, content = reports.read_report(request.actor, uuid, at=clock.now())
    return pdf_response(content, f"report-{found.month}")
