"""Before an order is placed: what a capability above knows that may make it needless. This one does not know it.

The same check runs twice: for the form, which shows what is known above its button, and in the transaction that places
the order.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from xinglin.diagnostics.catalogue import item_title
from xinglin.diagnostics.data import Answer
from xinglin.diagnostics.models import Request
from xinglin.diagnostics.states import RequestStatus
from xinglin.platform.actors import Actor
from xinglin.platform.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Order:
    """An order that is about to be placed, as its check sees it; `items` as a request keeps them."""

    kind: str
    items: tuple[Mapping[str, str], ...]
    resident: Any
    visit: Any | None
    facility_id: int
    priority: str


class AlreadyKnown(InvalidInput):
    """Results that may stand for items of the order, and nobody has said what is to become of them.

    `fields` has the code of each item with what is known of it; the answer goes into `answers`.
    """

    code = "recognisable-result"

    def __init__(self, order: Order, fields: Mapping[str, object]) -> None:
        super().__init__(_("有可互认的结果：请逐项选择采用，或写明重做的原因。"), fields=fields)
        self.order = order


@dataclass(frozen=True, slots=True)
class Settled:
    """What the answers come to: items that need not be ordered, and how to write it down once the rest is placed."""

    done: frozenset[str]
    note: Callable[[Request | None], None]


@dataclass(frozen=True, slots=True)
class OrderCheck:
    """What a capability brings: `settle` in the transaction; `panel`, `read` and `shown` for the form.

    `settle` raises `AlreadyKnown` for what was not answered. `panel` draws what is known, with the fields of its
    answers (as typed so far), and `read` finds the answers in a posted form. `shown`: what is known was told to a program.
    """

    settle: Callable[[Order, Sequence[Answer], Actor, datetime], Settled]
    panel: Callable[[Order, QueryDict | None, Actor, datetime], str]
    read: Callable[[QueryDict], list[Answer]]
    shown: Callable[[Order, Actor, datetime], object]


_checks: list[OrderCheck] = []
UNFINISHED = (
    RequestStatus.REQUESTED, RequestStatus.IN_PROGRESS, RequestStatus.PERFORMED, RequestStatus.CLAIMED,
    RequestStatus.PRELIMINARY,
)  # fmt: skip


def register(check: OrderCheck) -> None:
    """Have every order of items checked; called while applications load."""
    if check not in _checks:
        _checks.append(check)


def settle(order: Order, answers: Sequence[Answer], *, by: Actor, at: datetime) -> list[Settled]:
    """Ask every check. :raises AlreadyKnown: something is known that no answer speaks of"""
    return [check.settle(order, answers, by, at) for check in _checks] if order.items else []


def panels(order: Order, typed: QueryDict | None, *, by: Actor, at: datetime) -> list[str]:
    """What is known, as HTML for the order's form; nothing where nothing is. What is asked for already comes first."""
    drawn = [_asked_already(order), *(check.panel(order, typed, by, at) for check in _checks)] if order.items else []
    return [each for each in drawn if each]


def _asked_already(order: Order) -> str:
    """Requests of the person for the same items that wait for their report, whoever asked."""
    codes = {each["code"] for each in order.items}
    waiting = (
        Request.objects.filter(resident=order.resident, kind=order.kind, status__in=UNFINISHED)
        .select_related("from_facility")
        .order_by("-requested_at")[:20]
    )
    rows = [
        {"request": each, "items": [item_title(order.kind, item) for item in each.items if item["code"] in codes]}
        for each in waiting
        if codes & {item["code"] for item in each.items}
    ]
    return render_to_string("diagnostics/_asked_already.html", {"rows": rows}) if rows else ""


def answers_in(typed: QueryDict) -> list[Answer]:
    """The answers of a posted form."""
    return [answer for check in _checks for answer in check.read(typed)]


def note_shown(order: Order, *, by: Actor, at: datetime) -> None:
    """What is known was told to a program in a refusal: the look is recorded after the refused transaction is gone."""
    for check in _checks:
        check.shown(order, by, at)
