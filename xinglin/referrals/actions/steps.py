"""One step of a referral: what every verb does the same way."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, InvalidInput, StaleStatus
from xinglin.platform.outbox import announce
from xinglin.platform.transitions import move
from xinglin.referrals import catalogue, permissions, policies
from xinglin.referrals.events import Event
from xinglin.referrals.models import Referral
from xinglin.referrals.policies import Verb
from xinglin.referrals.states import FINAL, TRANSITIONS, Status
from xinglin.residents import api as residents

MAX_REASON = 500
ONE_WAY = "one_open_referral_per_way"


def is_emergency(referral: Referral) -> bool:
    """Whether the referral, or the one it goes back to, travels by an emergency channel: its clocks run faster."""
    each: Referral | None = referral
    while each is not None:
        if catalogue.channel(each.channel).is_emergency:
            return True
        each = each.origin
    return False


def deadline(referral: Referral, step: str, *, since: datetime) -> datetime:
    """When a step of this referral must be done."""
    return catalogue.deadline(step, emergency=is_emergency(referral), since=since)


def advance(
    referral: Referral,
    verb: Verb,
    *,
    to: Status,
    event: Event,
    by: Actor,
    at: datetime,
    place: int | None,
    reason_code: str = "",
    reason: str = "",
    due_at: datetime | None = None,
    detail: dict[str, Any] | None = None,
    **changes: Any,
) -> Referral:
    """Check `verb`, move the referral, and announce it. The clock of the former step stops; `due_at` starts the next.

    :raises NotPermitted: the actor may not
    :raises Conflict: the state refuses, or somebody else was first (the message says how it stands now)
    """
    permissions.may(verb, by, referral).require()
    return go(
        referral, to=to, event=event, by=by, at=at, place=place, reason_code=reason_code, reason=reason, due_at=due_at,
        detail=detail, **changes,
    )  # fmt: skip


def go(
    referral: Referral,
    *,
    to: Status,
    event: Event,
    by: Actor,
    at: datetime,
    place: int | None,
    reason_code: str = "",
    reason: str = "",
    due_at: datetime | None = None,
    detail: dict[str, Any] | None = None,
    **changes: Any,
) -> Referral:
    """Move and announce without asking for a right: for what follows from another step, and for the clock."""
    if to in FINAL:
        changes["closed_at"] = at
    try:
        move(
            referral, table=TRANSITIONS, to=to, by=by, at=at, place=place, reason_code=reason_code, reason=reason,
            due_at=due_at, reminded_at=None, n_escalations=0, **changes,
        )  # fmt: skip
    except StaleStatus as error:
        raise _lost(referral) from error
    if to in FINAL:
        end_access(referral, at=at)
    announce(
        event, obj=referral, subject=referral.resident.uuid, by=by, at=at, place=place, reason=reason, code=reason_code,
        **(detail or {}),
    )  # fmt: skip
    return referral


def _lost(referral: Referral) -> StaleStatus:
    """The answer to who was second: how the referral stands now."""
    now = Referral.objects.get(pk=referral.pk)
    return StaleStatus(policies.answered_words(now))


@contextmanager
def one_open_way() -> Iterator[None]:
    """What is written here must not open a way that is open for this resident already.

    :raises Conflict: it is
    """
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if ONE_WAY not in str(error):
            raise
        raise already_open() from error


def already_open() -> Conflict:
    """What it means that the index `ONE_WAY` refuses a row."""
    return Conflict(_("该居民到这家机构已有一条未结的转诊。"), code="already-open")


def end_access(referral: Referral, *, at: datetime) -> None:
    """Let the receiving unit see the resident for a while yet, unless another referral keeps him there."""
    others = Referral.objects.filter(resident_id=referral.resident_id, to_facility_id=referral.to_facility_id)
    if others.exclude(pk=referral.pk).exclude(status__in=[*FINAL, Status.DRAFT]).exists():
        return
    residents.end_on_roster(
        resident_id=referral.resident_id, facility_id=referral.to_facility_id, basis="REFERRAL",
        until=at + catalogue.access_after_close(),
    )  # fmt: skip


def coded(kind: str, code: str, text: str = "", *, status: str = "") -> dict[str, Any]:
    """A coded reason with its words, checked against the definition. Reason ``other`` has to be written out.

    `status`: the reason has to fit a referral in it.

    :raises InvalidInput: the code is not one of that kind, or the words are missing or too long
    """
    if code not in dict(catalogue.reasons(kind, status=status)):
        raise InvalidInput(_("请选择原因。"), fields={"reason_code": _("请从列表中选择。")})
    text = text.strip()
    if code == "other" and not text:
        raise InvalidInput(_("选择“其他”时请写明原因。"), fields={"reason": _("必填。")})
    return {"reason_code": code, "reason": bounded("reason", text, MAX_REASON)}


def bounded(field: str, text: str, most: int, *, required: bool = False) -> str:
    """A text without NUL characters and not too long.

    :raises InvalidInput: it is one of those, or absent though required
    """
    text = text.strip()
    if "\x00" in text or len(text) > most:
        raise InvalidInput(
            _("填写的内容太长或含有无效字符。"), fields={field: _("最多%(most)d个字。") % {"most": most}}
        )
    if required and not text:
        raise InvalidInput(_("有必填内容没有填写。"), fields={field: _("必填。")})
    return text
