"""How an order meets recognition: registered with diagnostics, which asks without knowing whom."""

from datetime import datetime
from uuid import UUID

from django.http import QueryDict

from xinglin.diagnostics.api import Answer, Order, OrderCheck
from xinglin.platform.actors import Actor
from xinglin.recognition.actions import settle, show
from xinglin.recognition.web.panel import draw

ADOPT, REPEAT = "adopt:", "repeat"


def read(typed: QueryDict) -> list[Answer]:
    """The answers of the form: ``known-<item>`` takes over (``adopt:<report>``) or repeats, ``why-<item>`` says why."""
    found = []
    for name, value in typed.items():
        item = name.removeprefix("known-")
        if item == name or not isinstance(value, str):
            continue
        why, text = str(typed.get(f"why-{item}", "")), str(typed.get(f"say-{item}", ""))
        if value.startswith(ADOPT):
            found.append(Answer(item=item, report=_uuid(value.removeprefix(ADOPT))))
        elif value == REPEAT and why:
            found.append(Answer(item=item, reason=why, text=text))
    if everything := str(typed.get("repeat-all", "")):
        found.append(Answer(reason=everything))
    return found


def _uuid(value: str) -> UUID | None:
    try:
        return UUID(value)
    except ValueError:
        return None


def panel(order: Order, typed: QueryDict | None, by: Actor, at: datetime) -> str:
    """What is known, drawn for the order's form; that it was shown is recorded."""
    return draw(order, show(order=order, by=by, at=at), typed, at=at)


def shown(order: Order, by: Actor, at: datetime) -> None:
    """What is known was told to a program."""
    show(order=order, by=by, at=at)


CHECK = OrderCheck(settle=settle, panel=panel, read=read, shown=shown)
