"""Terminals, the codes that open them, and sittings (see docs/adr/0018-two-things-at-the-terminal.md)."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from xinglin.accounts.data import Permission
from xinglin.checkups import permissions
from xinglin.checkups.events import Event
from xinglin.checkups.models import KioskCode, Sitting, Terminal
from xinglin.platform import audit
from xinglin.platform.actors import Actor, HeldGrant
from xinglin.platform.errors import Conflict, InvalidInput
from xinglin.platform.outbox import announce
from xinglin.platform.texts import clean
from xinglin.readings import api as readings
from xinglin.residents import api as residents

CODE_LIVES, MOST_WRONG_CODE = timedelta(minutes=10), 3
MOST_WRONG, LOCKED_FOR = 5, timedelta(minutes=5)
IDLE, LONGEST = timedelta(seconds=75), timedelta(minutes=10)
#: Who measures himself rests for five minutes first and has no hand free: so long until something comes, so long in all.
MEASURING, LONGEST_MEASURING = timedelta(minutes=8), timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Opened:
    """A terminal or a sitting with its secret, which is kept nowhere."""

    row: Any
    secret: str


def digest(secret: str) -> bytes:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode()).digest()


def _code_digest(code: str, uuid: UUID) -> bytes:
    return hmac.new(str(uuid).encode(), code.encode(), hashlib.sha256).digest()


@transaction.atomic
def register_terminal(*, facility_id: int, label: str, by: Actor, at: datetime) -> Opened:
    """Make a browser a terminal of a facility. :raises NotPermitted: the actor does not manage check-ups there"""
    permissions.may_open(by, facility_id).require()
    key = secrets.token_urlsafe(32)
    terminal = Terminal.objects.create(
        facility_id=facility_id, label=clean(label, "label", most=60, least=1), key_digest=digest(key), registered_at=at
    )
    announce(Event.TERMINAL_REGISTERED, obj=terminal, by=by, at=at, place=facility_id)
    return Opened(terminal, key)


@transaction.atomic
def end_terminal(*, terminal: Terminal, by: Actor, at: datetime) -> Terminal:
    """It is no terminal any more; whoever sits there is out. :raises Conflict: it has ended"""
    permissions.may_open(by, terminal.facility_id).require()
    if not Terminal.objects.filter(pk=terminal.pk, ended_at__isnull=True).update(ended_at=at):
        raise Conflict(_("这台终端已经停用。"), code="ended")
    put_out(terminal=terminal, by=by, at=at)
    announce(Event.TERMINAL_ENDED, obj=terminal, by=by, at=at, place=terminal.facility_id)
    return terminal


@transaction.atomic
def give_code(*, resident: Any, facility_id: int, by: Actor, at: datetime) -> str:
    """Who has seen the resident and his document gives him a code: once, for ten minutes, for terminals of this facility.

    :raises NotPermitted: the actor does not work at the desk of the facility
    """
    permissions.may_book(by, facility_id).require()
    KioskCode.objects.filter(resident=resident, facility_id=facility_id, is_spent=False).update(is_spent=True)
    text = f"{secrets.randbelow(10**6):06d}"
    code = KioskCode(resident=resident, facility_id=facility_id, made_at=at, ends_at=at + CODE_LIVES)
    code.code_digest = _code_digest(text, code.uuid)
    try:
        with transaction.atomic():
            code.save()
    except IntegrityError as error:
        raise Conflict(_("刚刚已发放查询码，请再试一次。"), code="given") from error
    announce(Event.CODE_GIVEN, obj=code, subject=resident.uuid, by=by, at=at, place=facility_id)
    return text


def sit_down(*, terminal: Terminal, number: str, code: str, by: Actor, at: datetime) -> Opened:
    """A resident shows two things: the number of his document or card, and the code he was given.

    A wrong number, a wrong code and one that has lapsed get the same answer. What was tried is counted before it is refused:
    the third wrong code spends it, the fifth wrong try in a row locks the terminal for five minutes.

    :raises InvalidInput: not both right
    :raises Conflict: the terminal is locked
    """
    with transaction.atomic():
        terminal = Terminal.objects.select_for_update().get(pk=terminal.pk)
        if terminal.locked_until is not None and terminal.locked_until > at:
            raise Conflict(_("输错太多次，请五分钟后再试，或请工作人员帮忙。"), code="locked")
        resident = _holder(terminal, number.strip(), code.strip(), at=at)
        opened = _open(terminal, resident, by=by, at=at) if resident is not None else None
        if opened is None:
            _count_wrong(terminal, by=by, at=at)
    if opened is None:
        raise InvalidInput(_("号码或查询码不对，请核对；查询码可请工作人员重新发放。"), fields={"code": _("请核对。")})
    return opened


def _holder(terminal: Terminal, number: str, code: str, *, at: datetime) -> Any:
    found = next(
        (who for kind in ("document", "card") if number and (who := residents.holder_of_carrier(kind, number))), None
    )
    if found is None:
        return None
    valid = KioskCode.objects.select_for_update().filter(is_spent=False, ends_at__gt=at)
    given = valid.filter(resident=found, facility_id=terminal.facility_id).first()
    if given is None:
        return None
    is_right = hmac.compare_digest(bytes(given.code_digest), _code_digest(code, given.uuid))
    given.n_wrong += not is_right
    given.is_spent = is_right or given.n_wrong >= MOST_WRONG_CODE
    given.save(update_fields=["n_wrong", "is_spent"])
    return found if is_right else None


def _open(terminal: Terminal, resident: Any, *, by: Actor, at: datetime) -> Opened:
    put_out(terminal=terminal, by=by, at=at)
    token = secrets.token_urlsafe(32)
    sitting = Sitting.objects.create(
        terminal=terminal, resident=resident, token_digest=digest(token), begun_at=at, seen_at=at
    )
    Terminal.objects.filter(pk=terminal.pk).update(n_wrong=0, locked_until=None)
    announce(
        Event.KIOSK_OPENED,
        obj=sitting,
        subject=resident.uuid,
        by=own_actor(sitting, by),
        at=at,
        place=terminal.facility_id,
    )
    return Opened(sitting, token)


def _count_wrong(terminal: Terminal, *, by: Actor, at: datetime) -> None:
    terminal.n_wrong += 1
    if terminal.n_wrong >= MOST_WRONG:
        terminal.n_wrong, terminal.locked_until = 0, at + LOCKED_FOR
    terminal.save(update_fields=["n_wrong", "locked_until"])
    audit.record(
        Event.KIOSK_REFUSED, by=by, at=at, outcome="refused", kind="checkups.terminal", key=str(terminal.uuid),
        place=terminal.facility_id,
    )  # fmt: skip


def sitting_of(terminal: Terminal, token: str, *, is_touch: bool = True, at: datetime) -> Sitting | None:
    """The sitting a browser shows the token of, kept alive by this look if it `is_touch`; None when it is over or was idle too long."""
    rows = Sitting.objects.select_related("resident__managed_by", "resident__merged_into").filter(
        terminal=terminal, is_over=False, token_digest=digest(token)
    )
    sitting = rows.first()
    if sitting is None:
        return None
    if _lasts_until(sitting, at=at) < at:
        if rows.update(is_over=True):
            readings.leave_seat(facility_id=terminal.corner_id, resident=sitting.resident, at=at)
        return None
    if is_touch:
        rows.update(seen_at=at)
    return sitting


def _lasts_until(sitting: Sitting, *, at: datetime) -> datetime:
    """When it ends unless he touches it again: soon, but while he has the seat of the corner not before there was time to measure."""
    corner, seen = sitting.terminal.corner_id, sitting.seen_at
    if not readings.has_seat(facility_id=corner, resident=sitting.resident, at=at):
        return min(seen + IDLE, sitting.begun_at + LONGEST)
    newest = readings.last_received(residents.ids_of_person(sitting.resident), since=seen)
    return min(newest + IDLE if newest else seen + MEASURING, sitting.begun_at + LONGEST_MEASURING)


@transaction.atomic
def get_up(*, sitting: Sitting, by: Actor, at: datetime) -> None:
    """He leaves, or was idle; safe to do again."""
    if Sitting.objects.filter(pk=sitting.pk, is_over=False).update(is_over=True):
        place = sitting.terminal.facility_id
        readings.leave_seat(facility_id=sitting.terminal.corner_id, resident=sitting.resident, at=at)
        announce(Event.KIOSK_LEFT, obj=sitting, subject=sitting.resident.uuid, by=by, at=at, place=place)


def put_out(*, terminal: Terminal, by: Actor, at: datetime) -> None:
    """Whoever still sits there has gone: the next one finds neither his sitting nor his seat in the corner."""
    sitting = terminal.sittings.select_related("resident").filter(is_over=False).first()
    if sitting is not None:
        sitting.terminal = terminal
        get_up(sitting=sitting, by=by, at=at)


def own_actor(sitting: Sitting, by: Actor) -> Actor:
    """The resident himself, as he sits there: he reads what is his, and nothing else."""
    grant = HeldGrant("resident", frozenset({Permission.OWN_RECORD}), None)
    return Actor(
        kind="kiosk", name=sitting.resident.name, grants=(grant,), place=sitting.terminal.facility_id,
        self_uuid=sitting.resident.uuid, trace=by.trace,
    )  # fmt: skip


def terminal_of(text: str) -> Terminal | None:
    """The terminal a browser shows the key of."""
    name, _dot, key = text.partition(".")
    try:
        uuid = UUID(name)
    except ValueError:
        return None
    found = Terminal.objects.select_related("facility").filter(uuid=uuid, ended_at__isnull=True).first()
    return found if found is not None and hmac.compare_digest(bytes(found.key_digest), digest(key)) else None
