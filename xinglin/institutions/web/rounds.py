"""Rounds: what is due, what was missed, what was done; and one round, written down on a telephone in the home."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from xinglin.accounts.api import for_staff, signed_in
from xinglin.accounts.data import Permission
from xinglin.contracts import api as contracts
from xinglin.institutions import actions, permissions, queries
from xinglin.institutions.data import RoundIn
from xinglin.institutions.events import Event
from xinglin.institutions.models import Round
from xinglin.institutions.web import forms
from xinglin.institutions.web.agreements import sent
from xinglin.institutions.web.institutions import tabs
from xinglin.platform import audit, clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, DomainError, InvalidInput, TooLarge
from xinglin.residents import api as residents
from xinglin.web.answers import fields_of, message_of, page, write_once
from xinglin.web.formats import age_text
from xinglin.web.request import Request
from xinglin.web.uploads import checked_first, file_at_most


@require_safe
@for_staff
def rounds(request: Request) -> HttpResponse:
    """A box of rounds."""
    actor, at = request.actor, clock.now()
    if not {Permission.CONTRACT_VIEW, Permission.CONTRACT_MANAGE} & actor.permissions:
        actor.may(Permission.CONTRACT_VIEW).require()
    box = request.GET.get("box", "due")
    paging = queries.round_page(actor, box=box, at=at, cursor=request.GET.get("cursor", ""))
    audit.record(Event.LISTED, by=actor, at=at, detail={"box": box, "n": len(paging.rows)})
    built = {
        "tabs": tabs(actor, box, at=at), "rows": [_row(each, at=at) for each in paging.rows], "paging": paging,
    }  # fmt: skip
    return page(request, "institutions/rounds.html", fragment="rows", page=built)


def _row(each: Round, *, at: datetime) -> dict[str, Any]:
    agreement = each.agreement
    title = queries.item_titles(agreement.package).get(each.item, each.item)
    said = (title, forms.span_words(each), agreement.team or agreement.facility, agreement.institution.address)
    return {
        "url": reverse("institutions:round", args=[each.uuid]), "title": agreement.institution.name,
        "meta": " · ".join(str(part) for part in said if part), "look": forms.round_look(each, clock.today(at)),
    }  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
@checked_first(file_at_most(contracts.MAX_SCAN))
def round_page(request: Request, uuid: UUID) -> HttpResponse:
    """One round: the form while it waits, the log once it is done."""
    actor, at = request.actor, clock.now()
    found = queries.visible_round(actor, uuid)
    error: DomainError | None = None
    if request.method == "POST":

        def write() -> str:
            actions.record_round(round=found, content=_content(request), by=actor, at=clock.now())
            return reverse("institutions:round", args=[uuid])

        try:
            return write_once(request, write, _("巡诊已登记。"))
        except (InvalidInput, Conflict, TooLarge) as refusal:
            error = refusal
            found = queries.visible_round(actor, uuid)
    built, shown = _built(actor, found, at=at, error=error, given=request.POST if error else None)
    audit.look_many(Event.ROUND_VIEWED, by=actor, at=at, subjects=shown)
    return page(request, "institutions/round.html", status=error.status if error else 200, page=built)


def _content(request: Request) -> RoundIn:
    post = request.POST
    chosen = forms.uuids(post.getlist("seen"), "seen")
    return RoundIn(
        came=tuple(post.get("came", "").replace("，", "、").replace(",", "、").replace("\n", "、").split("、")),
        findings=post.get("findings", ""), signer_name=post.get("signer_name", ""),
        seen={each: post.get(f"words-{each}", "") for each in chosen}, advice=post.get("advice", ""),
        came_at=forms.moment_or_none(post, "came_at"), signature_png=residents.png_of(post.get("signature", "")),
        scan=request.FILES.get("scan"),
    )  # fmt: skip


def _built(
    actor: Actor, found: Round, *, at: datetime, error: DomainError | None, given: QueryDict | None
) -> tuple[dict[str, Any], list[UUID]]:  # fmt: skip
    today, agreement = clock.today(at), found.agreement
    may, item = permissions.may_do(actor, found, on=today), queries.item_of(found)
    seen, n_others = queries.seen_at(actor, found)
    stays, n_unknown = queries.stays_of(actor, agreement.institution, on=today) if may.allowed else ([], 0)
    asks_seen = item is not None and item.sees_residents
    values: Mapping[str, Any] = given if given is not None else {"came": actor.name}
    chosen = set(given.getlist("seen")) if given is not None else set()
    built = {
        "round": found, "agreement": agreement, "institution": agreement.institution,
        "title": item.title if item else found.item, "span": forms.span_words(found),
        "look": forms.round_look(found, today), "unit": str(agreement.team or agreement.facility), "may": may,
        "seen": [(each, age_text(each.resident.born_on, today)) for each in seen], "n_others": n_others,
        "stays": [
            {"uuid": str(each.uuid), "name": each.resident.name, "chosen": str(each.uuid) in chosen,
             "said": " · ".join(part for part in (age_text(each.resident.born_on, today), each.room) if part),
             "words": values.get(f"words-{each.uuid}", "")}
            for each in stays
        ] if asks_seen else [],
        "asks_seen": asks_seen, "n_unknown": n_unknown, "values": values, "came": "、".join(found.came),
        "fields": fields_of(error), "message": message_of(error),
    }  # fmt: skip
    shown = [each.resident.uuid for each in seen] + [each.resident.uuid for each in stays]
    return built, shown


@require_safe
@signed_in
def scan(request: Request, uuid: UUID) -> HttpResponseBase:
    """The sheet signed at a round."""
    return sent(request, queries.visible_round(request.actor, uuid).scan, "institutions.round", uuid)
