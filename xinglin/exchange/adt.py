"""Messages about people (ADT): registered, known again, changed, merged. Never guessed.

Somebody is known by the sender's own number, or by his identity document with the same name, birth date and sex. Anything
else that looks like somebody registered already waits for a person to decide.
"""

import dataclasses
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from xinglin.exchange import faults, registry
from xinglin.exchange.actions import linking
from xinglin.exchange.connections import Connection
from xinglin.exchange.data import Incoming, Outcome
from xinglin.exchange.demographics import Person, located, number_in, person_in, same
from xinglin.exchange.events import Event
from xinglin.exchange.faults import Fault
from xinglin.platform import audit
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, InvalidInput
from xinglin.residents import api as residents

#: Admission and registration: the person is there himself, so the facility knows him from now on.
ARRIVALS = ("ADT^A01", "ADT^A04")
DEMOGRAPHICS = (*ARRIVALS, "ADT^A08", "ADT^A28", "ADT^A31")
MERGE = "ADT^A40"
#: Facts that say who somebody is: another value is another person, or a slip somebody must look at.
IDENTIFYING = ("name", "sex", "born_on")
OUTDATED = _("关于此人的较新消息已处理，这条旧消息不再采用。")


def register_handlers() -> None:
    """Called while applications load."""
    for message_type in DEMOGRAPHICS:
        registry.on(message_type, apply_demographics)
    registry.on(MERGE, apply_merge)


def apply_demographics(incoming: Incoming, by: Actor, at: datetime) -> Outcome:
    """Register the person, or write what changed; keep the sender's number.

    :raises Fault: who it is cannot be said for certain, or a value is refused
    """
    connection, person = incoming.connection, person_in(incoming.message, incoming.connection)
    try:
        resident = _known(person, connection)
        if resident is None:
            resident = _register(person, connection, by=by, at=at)
        elif not linking.is_newest(
            authority=connection.assigning_authority, number=person.number, message=incoming.number
        ):
            return Outcome(resident, ignored=OUTDATED)
        else:
            resident = _write(resident, person, connection, by=by, at=at)
    except (InvalidInput, Conflict) as error:
        raise error if isinstance(error, Fault) else located(error, connection) from error
    if incoming.type in ARRIVALS:
        residents.note_on_roster(resident=resident, facility_id=connection.facility_id, basis="VISIT", at=at)
    if person.number:
        linking.link_number(
            authority=connection.assigning_authority, number=person.number, resident=resident, message=incoming.number,
            by=by, at=at,
        )  # fmt: skip
    audit.look(Event.MATCHED, by=by, at=at, subject=resident.uuid, kind="residents.resident", key=str(resident.uuid))
    return Outcome(resident)


def known_person(incoming: Incoming) -> Any:
    """The registered person a message of another kind is about: by the sender's number or his document, with his name.

    :raises Fault: nobody is registered so, there is no name, or what the message says beside speaks against him
    """
    connection, person = incoming.connection, person_in(incoming.message, incoming.connection)
    resident = _known(person, connection)
    if resident is None:
        raise Fault(
            "unknown-person", _("没有居民对应这个院内号或证件，请先发送患者登记消息（ADT）。"), connection.place("number"),
            hl7_code=faults.UNKNOWN_KEY,
        )  # fmt: skip
    _require_same_person(resident, person, connection)
    return resident


def _known(person: Person, connection: Connection) -> Any:
    """The registration of this person, or None when nobody is registered under his number or document."""
    own = linking.holder_of_number(authority=connection.assigning_authority, number=person.number)
    holder = residents.holder_of(person.id_kind, person.id_number) if person.id_number else None
    if own is not None:
        registered = own.id_number and own.id_kind == person.id_kind
        if person.id_number and (holder not in {None, own} or (registered and holder != own)):
            raise Fault(
                "another-document", _("此院内号原先对应的居民证件号码与消息中的不同，请人工核对。"),
                connection.place("document"), hl7_code=faults.UNKNOWN_KEY,
            )  # fmt: skip
        return own
    if holder is not None:
        _require_same_person(holder, person, connection)
    return holder


def _require_same_person(resident: Any, person: Person, connection: Connection) -> None:
    """A document alone is not enough: a slip of one digit would give a person's record to somebody else."""
    for fact in IDENTIFYING:
        if fact in person.values and not same(getattr(resident, fact), _normal(fact, person.values[fact])):
            raise Fault(
                f"{fact}-differs",
                _("证件号码相同，但此项与已建档案不一致。系统不猜测，请人工核对。"),
                connection.place(fact),
            )
        if fact == "name" and fact not in person.values:
            raise Fault("no-name", _("消息没有姓名。"), connection.place("name"), hl7_code=faults.REQUIRED)


def _normal(fact: str, value: Any) -> Any:
    return residents.normalise_name(value) if fact == "name" else value


def _register(person: Person, connection: Connection, *, by: Actor, at: datetime) -> Any:
    for fact in IDENTIFYING:
        if fact not in person.values:
            raise Fault(f"no-{fact}", _("新居民建档缺少此项。"), connection.place(fact), hl7_code=faults.REQUIRED)
    values = {**person.values, "id_kind": person.id_kind or "NONE", "id_number": person.id_number}
    return residents.register_resident(
        managed_by_id=connection.managing_facility_id, registered_at_id=connection.facility_id,
        by=dataclasses.replace(by, place=connection.facility_id), at=at, **values,
    )  # fmt: skip


def _write(resident: Any, person: Person, connection: Connection, *, by: Actor, at: datetime) -> Any:
    """Write the facts this connection may write; refuse when who somebody is would change."""
    changes = {}
    for fact, value in person.values.items():
        if same(getattr(resident, fact), _normal(fact, value)):
            continue
        if fact in connection.may_write:
            changes[fact] = value
        elif fact in IDENTIFYING:
            raise Fault(
                f"{fact}-differs", _("此项与已建档案不一致，本连接无权修改，请人工核对。"), connection.place(fact)
            )
    return residents.edit_resident(resident=resident, changes=changes, by=by, at=at) if changes else resident


def apply_merge(incoming: Incoming, by: Actor, at: datetime) -> Outcome:
    """Two numbers of the sender are one person: merge the registrations behind them.

    :raises Fault: one of the numbers is unknown, or the two have different documents
    """
    connection, message = incoming.connection, incoming.message
    kept = _merged_one(incoming, connection.place("number"))
    merged = _merged_one(incoming, connection.place("merged_number"))
    if kept.pk == merged.pk:
        return Outcome(kept, ignored=_("两个院内号已是同一份档案。"))
    if kept.id_number and merged.id_number and kept.identity_index != merged.identity_index:
        raise Fault(
            "two-documents",
            _("两份档案的证件号码不同，系统不自动合并，请人工核对。"),
            connection.place("merged_number"),
        )
    try:
        residents.merge_residents(
            kept=kept, merged=merged, reason=f"{connection.definition.title_zh} {message.value('MSH-10')}：院内号合并",
            evidence={"message": incoming.number}, by=by, at=at,
        )  # fmt: skip
    except (InvalidInput, Conflict) as error:
        raise located(error, connection) from error
    return Outcome(kept)


def _merged_one(incoming: Incoming, path: str) -> Any:
    connection = incoming.connection
    number = number_in(incoming.message, connection, path)
    if not number:
        raise Fault("no-number", _("没有本连接签发的院内号。"), path, hl7_code=faults.REQUIRED)
    found = linking.holder_of_number(authority=connection.assigning_authority, number=number)
    if found is None:
        raise Fault("unknown-number", _("没有居民对应这个院内号。"), path, hl7_code=faults.UNKNOWN_KEY)
    return found
