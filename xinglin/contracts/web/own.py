"""A resident's own view: his team with its telephone, what was promised, what was done; and his word on it."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from xinglin.accounts.api import signed_in
from xinglin.contracts import actions, queries
from xinglin.contracts.events import Event
from xinglin.contracts.models import Agreement, Rating
from xinglin.contracts.rules import settled
from xinglin.contracts.web import words
from xinglin.contracts.web.agreements import AgreementPage
from xinglin.platform import audit, clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import DomainError
from xinglin.residents import api as residents
from xinglin.web import posted
from xinglin.web.answers import fields_of, message_of, page, write_once
from xinglin.web.request import Request


@require_safe
@signed_in
def own(request: Request) -> HttpResponse:
    """My family doctor."""
    return _shown(request)


@require_POST
@signed_in
def rate(request: Request, uuid: UUID) -> HttpResponse:
    """How content I am, with one item or the whole."""
    post = request.POST

    def write() -> str:
        agreement = queries.visible_agreement(request.actor, uuid)
        promise = queries.visible_promise(request.actor, posted.uuid(post, "promise")) if post.get("promise") else None
        actions.rate_agreement(
            agreement=agreement, promise=promise, score=posted.whole(post, "score", most=9), words=post.get("words", ""),
            by=request.actor, at=clock.now(),
        )  # fmt: skip
        return reverse("contracts:own")

    return write_once(request, write, _("谢谢您的评价。"), again=lambda error: _shown(request, error))


def _shown(request: Request, error: DomainError | None = None) -> HttpResponse:
    actor, at = request.actor, clock.now()
    resident = residents.own_resident(actor)
    audit.look(Event.OWN_VIEWED, by=actor, at=at, subject=resident.uuid)
    found = queries.own_agreements(actor)
    built = {
        "person": residents.person_of(resident, actor),
        "standing": _one(actor, found[0], at) if found else None,
        "earlier": [(each, words.status_pill(each)) for each in found[1:]],
        "scores": [(str(value), str(label)) for value, label in reversed(Rating.Score.choices)],
        "fields": fields_of(error), "message": message_of(error),
    }  # fmt: skip
    return page(request, "contracts/own.html", status=error.status if error else 200, page=built)


def _one(actor: Actor, agreement: Agreement, at: Any) -> dict[str, Any]:
    shown = AgreementPage.build(actor, agreement, at=at)
    members = agreement.team.members.filter(until__isnull=True)
    return {
        "shown": shown, "members": [(each.name, settled.profession_title(each.profession)) for each in members],
        "rated": any(each.promise_id is None for each in shown.ratings),
    }  # fmt: skip
