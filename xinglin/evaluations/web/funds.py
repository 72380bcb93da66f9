"""Pages of funds: worked out, compared with what if, approved, published, replaced."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from xinglin.accounts.api import for_staff
from xinglin.accounts.data import Permission
from xinglin.evaluations import actions, permissions, policies, queries, sharing
from xinglin.evaluations.documents import fund_paper, paper_response
from xinglin.evaluations.events import Event
from xinglin.evaluations.models import Distribution
from xinglin.evaluations.rules.funds import POOLS, funds
from xinglin.evaluations.rules.plans import as_kept
from xinglin.evaluations.simulating import compared
from xinglin.evaluations.states import FundStatus
from xinglin.evaluations.web import forms, words
from xinglin.evaluations.web.pages import NOTHING, Given
from xinglin.platform import audit, clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, InvalidInput, NotVisible
from xinglin.web import posted
from xinglin.web.answers import page, write_once
from xinglin.web.request import Request

#: While a distribution may still become another.
UNDECIDED = {FundStatus.DRAFT, FundStatus.SUBMITTED, FundStatus.APPROVED}


@require_safe
@for_staff
def funds_page(request: Request) -> HttpResponse:
    """Distributions, and the funds there are."""
    return show_funds(request)


def show_funds(request: Request, given: Given = NOTHING) -> HttpResponse:
    """Distributions, with the form that works one out."""
    actor = request.actor
    if not any(actor.may(each) for each in (*sharing.HELD, Permission.EVALUATION_ANSWER)):
        permissions.may_share_funds(actor).require()
    paging = sharing.distributions_page(actor, cursor=request.GET.get("cursor", ""))
    audit.record(Event.LISTED, by=actor, at=clock.now(), detail={"n": len(paging.rows)})
    built = {
        "rows": [_line(each) for each in paging.rows], "paging": paging, "given": given,
        "may_share": permissions.may_share_funds(actor).allowed,
        "funds": [
            {**words.fund_view(each), "slug": each.slug}
            for each in sorted(funds(), key=lambda each: each.content.get("order", 1000))
        ],
        "choices": [(each.slug, each.title) for each in funds()],
        "rounds": [
            (str(each.uuid), f"{as_kept(each.plan).title} {each.period} {each.number}") for each in sharing.closed_rounds(actor)
        ],
    }  # fmt: skip
    return page(request, "evaluations/funds.html", status=given.error.status if given.error else 200, page=built)


def _line(found: Distribution) -> dict[str, Any]:
    return {
        "url": reverse("evaluations:fund", args=[found.uuid]), "title": sharing.fund_of(found).title,
        "meta": f"{found.number} · {found.round.period} · {found.made_by_name}", "pool": words.yuan(found.pool_fen),
        "status": words.look(FundStatus(found.status)),
    }  # fmt: skip


def _given(request: Request, slug: str) -> dict[str, int]:
    return {key: forms.fen(request.POST, key) for key in POOLS[sharing.fund_in_force(slug).pool]}


@require_POST
@for_staff
def draft(request: Request) -> HttpResponse:
    """Work a fund out."""

    def write() -> str:
        post, actor = request.POST, request.actor
        permissions.may_share_funds(actor).require()
        slug, former = post.get("fund", ""), posted.uuid_or_none(post, "replaces")
        made = actions.draft_fund(
            slug=slug, of_round=queries.visible_round(actor, posted.uuid(post, "round")), given=_given(request, slug),
            replaces=sharing.visible_distribution(actor, former) if former else None, reason=post.get("reason", ""),
            by=actor, at=clock.now(),
        )  # fmt: skip
        return reverse("evaluations:fund", args=[made.uuid])

    try:
        return write_once(request, write, _("已测算。"))
    except (InvalidInput, Conflict) as error:
        given = Given("draft", request.POST, error)
        former = posted.uuid_or_none(request.POST, "replaces")
        return show_fund(request, former, given) if former else show_funds(request, given)


@require_safe
@for_staff
def fund(request: Request, uuid: UUID) -> HttpResponse:
    """One distribution."""
    return show_fund(request, uuid)


def show_fund(request: Request, uuid: UUID, given: Given = NOTHING) -> HttpResponse:
    """One distribution, what if beside it, and what was refused."""
    actor = request.actor
    found = sharing.visible_distribution(actor, uuid)
    audit.record(Event.VIEWED, by=actor, at=clock.now(), kind="evaluations.distribution", key=str(uuid))
    built = _fund(actor, found) | {"given": given} | _what_if(request, found)
    return page(request, "evaluations/fund.html", status=given.error.status if given.error else 200, page=built)


def _fund(actor: Actor, found: Distribution) -> dict[str, Any]:
    said, lines = sharing.fund_of(found), sharing.lines_visible_to(actor, found)
    parts = [
        {
            **view, "fen": words.yuan(sum(each.fen for each in lines if each.part == view["part"].code)),
            "lines": [
                {"name": each.name, "yuan": words.yuan(each.fen), "factors": [words.factor_words(one) for one in each.factors]}
                for each in lines
                if each.part == view["part"].code
            ],
        }
        for view in words.fund_view(said)["parts"]
    ]  # fmt: skip
    units: dict[int, int] = {}
    for each in lines:
        units[each.facility_id] = units.get(each.facility_id, 0) + each.fen
    names = {each.facility_id: each.name for each in lines}
    may_share = permissions.may_keep(actor, found).allowed
    labels = {"amount": _("分配金额"), "budget": _("年度预算"), "spent": _("实际支出")}
    return {
        "found": found, "fund": said, "status": words.look(FundStatus(found.status)), "pool": words.yuan(found.pool_fen),
        "given_amounts": [(labels[key], words.yuan(fen)) for key, fen in found.given.items()],
        "parts": parts, "units": [(names[unit], words.yuan(fen)) for unit, fen in units.items()],
        "sum": words.yuan(sum(units.values())), "is_whole": sum(units.values()) == found.pool_fen,
        "plan": as_kept(found.round.plan), "may_share": may_share, "former": found.replaces,
        "next": found.replaced_by.exclude(status=FundStatus.DROPPED).first(),
        "may": {
            "submit": may_share and bool(policies.can_be_submitted(found)),
            "approve": permissions.may_approve(actor, found), "waits": bool(policies.can_be_approved(found)),
            "publish": may_share and bool(policies.can_be_told(found)),
            "drop": may_share and found.status in {FundStatus.DRAFT, FundStatus.SUBMITTED, FundStatus.APPROVED},
            "replace": may_share and bool(policies.can_be_replaced(found)),
        },
        "gaps": sharing.gaps_of(lines) if found.status in UNDECIDED else None, "keys": POOLS[said.pool],
        "changes": list(found.status_changes.all()) if may_share else [],
    }  # fmt: skip


def _what_if(request: Request, found: Distribution) -> dict[str, Any]:
    """The same beside other percentages, as asked for in the address."""
    said, asked = sharing.fund_of(found), request.GET
    fields = [
        {
            "name": f"p_{each.code}",
            "title": each.title,
            "value": asked.get(f"p_{each.code}") or words.number(each.percent),
        }
        for each in said.parts
    ]
    least = next(
        (words.number(one.least * 100) for each in said.parts for one in each.factors if one.kind == "score"), ""
    )
    built: dict[str, Any] = {"what_if_fields": fields, "least": asked.get("least", least), "has_score": bool(least)}
    if "what_if" not in asked or not permissions.may_keep(request.actor, found):
        return built | {"what_if": []}
    try:
        percents = {each.code: forms.percent_or_none(asked, f"p_{each.code}") for each in said.parts}
        rows = compared(
            found, percents={code: each for code, each in percents.items() if each is not None},
            least=forms.percent_or_none(asked, "least"),
        )  # fmt: skip
    except (InvalidInput, Conflict) as error:
        return built | {"what_if": [], "what_if_error": str(error.message)}
    audit.record(
        Event.SIMULATED, by=request.actor, at=clock.now(), kind="evaluations.distribution", key=str(found.uuid)
    )
    return built | {
        "what_if": [
            {
                "name": each.name, "now": words.yuan(each.fen), "then": words.yuan(each.what_if_fen),
                "difference": f"{'+' if each.difference > 0 else ''}{words.yuan(each.difference)}",
            }
            for each in rows
        ]
    }  # fmt: skip


@require_safe
@for_staff
def fund_file(request: Request, uuid: UUID, form: str) -> HttpResponse:
    """The table of a distribution, to be signed."""
    actor, at = request.actor, clock.now()
    found = sharing.visible_distribution(actor, uuid)
    audit.record(Event.EXPORTED, by=actor, at=at, kind="evaluations.distribution", key=str(uuid))
    return paper_response(fund_paper(found, sharing.lines_visible_to(actor, found), at=at), form)


def _publish(request: Request, found: Distribution) -> object:
    post = request.POST
    return actions.publish_fund(
        distribution=found, document_number=post.get("document_number", ""), issued_by=post.get("issued_by", ""),
        by=request.actor, at=clock.now(),
    )  # fmt: skip


def _with_reason(action: Callable[..., object]) -> Callable[[Request, Distribution], object]:
    return lambda r, found: action(distribution=found, reason=r.POST.get("reason", ""), by=r.actor, at=clock.now())


ACTS: dict[str, tuple[Callable[[Request, Distribution], object], object]] = {
    "submit": (
        lambda r, found: actions.submit_fund(distribution=found, by=r.actor, at=clock.now()), _("已提交审批。"),
    ),
    "approve": (lambda r, found: actions.approve_fund(distribution=found, by=r.actor, at=clock.now()), _("已批准。")),
    "send-back": (_with_reason(actions.send_back_fund), _("已退回。")),
    "drop": (_with_reason(actions.drop_fund), _("已撤销。")),
    "publish": (_publish, _("已公布。")),
}  # fmt: skip


@require_POST
@for_staff
def act(request: Request, uuid: UUID, verb: str) -> HttpResponse:
    """Do one verb to a distribution."""
    if verb not in ACTS:
        raise NotVisible("evaluations.verb", verb[:40])
    does, message = ACTS[verb]

    def write() -> str:
        does(request, sharing.visible_distribution(request.actor, uuid))
        return reverse("evaluations:fund", args=[uuid])

    try:
        return write_once(request, write, message)
    except (InvalidInput, Conflict) as error:
        return show_fund(request, uuid, Given(verb, request.POST, error))
