"""Telephones that carry a panel, and what they send, through the real actions."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from tests.factories.county import NOW, County
from tests.factories.programmes import STABLE
from xinglin.platform.actors import Actor
from xinglin.platform.ids import new_uuid
from xinglin.pocket import actions
from xinglin.pocket.data import ChangeIn, Envelope
from xinglin.pocket.models import Change, Device


def a_device(county: County, *, by: Actor | None = None, at: datetime = NOW, name: str = "阿尔玛的手机") -> Device:
    """A telephone of Alma's, its panel ready."""
    device, _key = actions.register_device(name=name, by=by or county.alma, at=at)
    return device


def a_visit_noted(resident: Any, answers: dict[str, Any] | None = None, *, at: datetime = NOW, **said: Any) -> ChangeIn:
    """A visit as a telephone writes it down; a stable patient at the clinic unless told otherwise."""
    client_id: UUID = said.pop("client_id", None) or new_uuid()
    base = said.pop("base_revision", 0)
    content = {"channel": "CLINIC", "kind": "routine", "answers": {**STABLE, **(answers or {})}, **said}
    return ChangeIn(client_id, "visit", resident.uuid, at, base, content)


def an_attempt_noted(resident: Any, *, at: datetime = NOW, again_in: int = 3, why: str = "NO_ANSWER") -> ChangeIn:
    """A try in vain as a telephone writes it down."""
    content = {"why": why, "try_again_on": (at + timedelta(days=again_in)).date().isoformat()}
    return ChangeIn(new_uuid(), "unreached", resident.uuid, at, 0, content)


def a_correction_noted(
    resident: Any, value: str, *, field: str = "phone", base: int = 0, at: datetime = NOW
) -> ChangeIn:
    """A corrected field as a telephone writes it down."""
    return ChangeIn(new_uuid(), "correction", resident.uuid, at, base, {"field": field, "value": value})


def sent(device: Device, given: ChangeIn, *, by: Actor, at: datetime = NOW, sent_at: datetime | None = None) -> Change:
    """The change, received; the telephone's clock is right unless `sent_at` says otherwise."""
    envelope = Envelope(sent_at=sent_at or at, received_at=at)
    change, _again = actions.receive_change(device=device, given=given, envelope=envelope, by=by, at=at)
    return change
