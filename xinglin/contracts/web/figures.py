"""The manager's overview of coverage, the people still to be signed, and populations that are entered."""

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from xinglin.accounts.api import for_staff, signed_in
from xinglin.accounts.data import Permission
from xinglin.contracts import actions, queries, secrecy, statistics
from xinglin.contracts.events import Event
from xinglin.contracts.people import facts_of
from xinglin.contracts.rules.groups import groups_of
from xinglin.contracts.web import forms, words
from xinglin.network import api as network
from xinglin.platform import audit, clock
from xinglin.platform.errors import DomainError
from xinglin.platform.small import LEAST
from xinglin.web import posted
from xinglin.web.answers import fields_of, message_of, page, write_once
from xinglin.web.formats import age_text
from xinglin.web.request import Request


@require_safe
@for_staff
def overview(request: Request) -> HttpResponse:
    """Coverage by township, fulfilment beside it."""
    return _overview(request)


def _overview(request: Request, error: DomainError | None = None) -> HttpResponse:
    actor = request.actor
    found = statistics.overview(actor)
    audit.record(Event.LISTED, by=actor, at=clock.now(), detail={"overview": len(found.lines)})
    can_enter = bool(actor.may(Permission.CONTRACT_MANAGE))
    built = {
        "found": found, "lines": [(each, each.facility_id) for each in found.lines], "can_enter": can_enter,
        "facilities": network.choices_of(actor, Permission.CONTRACT_MANAGE) if can_enter else [],
        "values": request.POST, "fields": fields_of(error), "message": message_of(error),
        "today": clock.today(), "least": LEAST,
    }  # fmt: skip
    return page(request, "contracts/overview.html", status=error.status if error else 200, page=built)


@require_POST
@signed_in
def population(request: Request) -> HttpResponse:
    """Enter how many people live in the area of a unit."""
    post, actor = request.POST, request.actor

    def write() -> str:
        actions.enter_population(
            facility_id=forms.managed_facility(post, actor), as_of=posted.day(post, "as_of"),
            n_people=posted.whole(post, "n_people"), n_elderly=posted.whole_or_none(post, "n_elderly"),
            source=post.get("source", ""), by=actor, at=clock.now(),
        )  # fmt: skip
        return reverse("contracts:overview")

    return write_once(request, write, _("已填报。"), again=lambda error: _overview(request, error))


@require_safe
@for_staff
def people(request: Request) -> HttpResponse:
    """People of the key groups who are not signed yet, where the actor signs."""
    actor, at = request.actor, clock.now()
    actor.may(Permission.CONTRACT_SIGN).require()
    today = clock.today(at)
    paging = queries.unsigned_page(actor, on=today, cursor=request.GET.get("cursor", ""))
    facts = facts_of(paging.rows, on=today)
    for each in paging.rows:
        audit.look(
            Event.PEOPLE_VIEWED, by=actor, at=at, subject=each.uuid, kind="residents.resident", key=str(each.uuid)
        )
    rows: list[dict[str, Any]] = [
        {
            "url": reverse("contracts:sign", args=[each.uuid]),
            "title": f"{each.name} {each.get_sex_display()} {age_text(each.born_on, today)}",
            "meta": " · ".join(str(part) for part in (each.managed_by, each.address) if part),
            "groups": words.group_pills(groups_of(facts[each.pk], today), secrecy.hidden_groups(actor, each.managed_by_id)),
        }
        for each in paging.rows
    ]  # fmt: skip
    return page(request, "contracts/people.html", page={"rows": rows, "paging": paging})
