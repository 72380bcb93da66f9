"""Who a message is about: facts of a person out of a PID segment, in our words. Pure; nothing is looked up."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from xinglin.exchange import faults
from xinglin.exchange.connections import Connection
from xinglin.exchange.faults import Fault
from xinglin.exchange.reading import Message, day_in
from xinglin.platform.errors import DomainError

#: Which fact a field of a registration came from, to point at the place when it is refused.
_SOURCES = {"id_number": "document", "division_code": "address", "guardian_id_number": "phone"}


@dataclass(frozen=True, slots=True)
class Person:
    """What a message says about a person. `values` are fields of a registration; what it does not say is absent."""

    number: str
    id_kind: str
    id_number: str
    values: dict[str, Any]


def person_in(message: Message, connection: Connection) -> Person:
    """The person of the PID segment. :raises Fault: a value that must be known cannot be read"""
    if not message.has("PID"):
        raise Fault("no-pid", _("消息没有 PID 段。"), "PID", hl7_code=faults.SEQUENCE)
    values: dict[str, Any] = {}
    if name := _name(message, connection.place("name")):
        values["name"] = name
    if born := message.value(connection.place("born_on")):
        values["born_on"] = day_in(born, connection.place("born_on"))
    if sex := message.value(connection.place("sex")):
        values["sex"] = _translated(connection, "sex", sex, connection.place("sex"))
    if phone := _phone(message, connection.place("phone")):
        values["phone"] = phone
    if address := _address(message, connection.place("address")):
        values["address"] = address
    if ethnicity := message.value(connection.place("ethnicity")):
        values["ethnicity"] = _translated(connection, "ethnicity", ethnicity, connection.place("ethnicity"))
    kind, document = _document(message, connection)
    return Person(number_in(message, connection, connection.place("number")), kind, document, values)


def number_in(message: Message, connection: Connection, path: str) -> str:
    """The sender's own number of a person: of its authority (or of none), of one of its own types; or empty."""
    for each in message.components(path):
        number, authority, kind = _part(each, 1), _part(each, 4), _part(each, 5)
        if number and authority in {"", connection.assigning_authority} and kind in connection.own_number_types:
            return number
    return ""


def located(error: DomainError, connection: Connection) -> Fault:
    """A refusal by the registration, at the field the refused value came from."""
    for name in getattr(error, "fields", {}):
        fact = _SOURCES.get(name, name)
        try:
            return faults.fault_of(error, connection.place(fact))
        except KeyError:
            continue
    return faults.fault_of(error, "")


def _name(message: Message, path: str) -> str:
    """Family and given name. Chinese names stand together, whether sent in one component or two."""
    for each in message.components(path):
        family, given = _part(each, 1), _part(each, 2)
        if family or given:
            return f"{family}{given}" if _is_han(family + given) else f"{given} {family}".strip()
    return ""


def _is_han(text: str) -> bool:
    return any("\u2e80" <= each <= "\u9fff" or each > "\U00020000" for each in text)


def _phone(message: Message, path: str) -> str:
    for each in message.components(path):
        if number := _part(each, 12) or _part(each, 1) or _part(each, 6) + _part(each, 7):
            return number
    return ""


def _address(message: Message, path: str) -> str:
    """Province, city, district and street as one line; a sender that writes all in one component is left as it is."""
    for each in message.components(path):
        parts = [_part(each, 4), _part(each, 3), _part(each, 1), _part(each, 2)]
        line = ("" if _is_han("".join(parts)) else " ").join(part for part in parts if part)
        if line:
            return line
    return ""


def _document(message: Message, connection: Connection) -> tuple[str, str]:
    for each in message.components(connection.place("document")):
        kind = connection.translate("id_kinds", _part(each, 5))
        if kind and _part(each, 1):
            return kind, _part(each, 1)
    card = message.value(connection.place("card_number"))
    kind = connection.translate("id_kinds", "card_number")
    return (kind, card) if kind and card else ("", "")


def _translated(connection: Connection, table: str, code: str, path: str) -> str:
    found = connection.translate(table, code)
    if found is None:
        raise Fault(
            f"no-{table}-code", _("代码“%(code)s”不在本连接的“%(table)s”对照表中。"), path,
            hl7_code=faults.NOT_IN_TABLE, values={"code": code[:20], "table": table},
        )  # fmt: skip
    return found


def _part(components: list[str], number: int) -> str:
    return components[number - 1] if number <= len(components) else ""


def same(one: Any, other: Any) -> bool:
    """Whether two values of a fact are the same as registered."""
    if isinstance(one, date) or isinstance(other, date):
        return bool(one == other)
    return str(one or "").strip() == str(other or "").strip()
