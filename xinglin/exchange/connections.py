"""Connections to other systems, as definitions: who may send, in which words, and what goes out to them."""

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import Any

from xinglin.network import api as network
from xinglin.platform import definitions
from xinglin.platform.actors import Actor, system_actor
from xinglin.platform.definitions import Definition, DefinitionError

TOPIC = "hl7-connections"
#: Names of encodings in MSH-18 (table 0211 and what is met) and in definitions → Python's.
ENCODINGS = {
    "UNICODE UTF-8": "utf-8", "UNICODE": "utf-8", "UTF-8": "utf-8", "UTF8": "utf-8", "ASCII": "utf-8", "8859/1": "latin-1",
    "GB 18030-2000": "gb18030", "GB18030-2000": "gb18030", "GB18030": "gb18030", "GBK": "gb18030", "GB2312": "gb18030",
}  # fmt: skip
#: Where the facts of a person stand unless a connection says otherwise.
PLACES = {
    "number": "PID-3", "name": "PID-5", "born_on": "PID-7", "sex": "PID-8", "address": "PID-11", "phone": "PID-13",
    "document": "PID-3", "card_number": "PID-19", "ethnicity": "PID-22", "merged_number": "MRG-1",
}  # fmt: skip
#: What a connection may be allowed to write into the registration of a person already known.
WRITABLE = frozenset({"name", "sex", "born_on", "phone", "address", "ethnicity"})
_PLACE = re.compile(r"[A-Z][A-Z0-9]{2}-\d{1,3}(\.\d{1,2})?")
_KEYS = {
    "active", "facility_code", "managing_facility_code", "allow", "sending_application", "sending_facility",
    "assigning_authority", "encoding", "may_write", "own_number_types", "fields", "tables", "outbound", "keep_days",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Outbound:
    """Where messages go. `orders` and `results` name their types; empty: none are sent."""

    host: str
    port: int
    orders: str = ""
    results: str = ""
    seconds: float = 20.0


@dataclass(frozen=True, slots=True)
class Connection:
    """One system of the county, and how it speaks."""

    definition: Definition
    facility_code: str
    allow: tuple[str, ...]
    sending_application: str
    sending_facility: str
    assigning_authority: str
    active: bool = False
    managing_facility_code: str = ""
    encoding: str = "utf-8"
    may_write: frozenset[str] = frozenset({"phone", "address"})
    own_number_types: tuple[str, ...] = ("MR", "PI", "PT", "")
    fields: Mapping[str, str] = field(default_factory=dict)
    tables: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    outbound: Outbound | None = None
    keep_days: int = 30

    @property
    def slug(self) -> str:
        """The name in records and addresses."""
        return self.definition.slug

    @property
    def title(self) -> str:
        """The name on pages."""
        return self.definition.title

    def admits(self, address: str) -> bool:
        """Whether a peer at this address may send."""
        return any(ip_address(address) in ip_network(each) for each in self.allow)

    def sends_as(self, application: str, facility: str) -> bool:
        """Whether MSH-3 and MSH-4 are this system's; an empty facility in the definition admits any."""
        return application == self.sending_application and self.sending_facility in {"", facility}

    def place(self, fact: str) -> str:
        """Where a fact of a person stands, e.g. ``PID-5``."""
        return self.fields.get(fact, PLACES[fact])

    def translate(self, table: str, code: str) -> str | None:
        """Our code for one of theirs; None when the table does not have it."""
        return self.tables.get(table, {}).get(code)

    @property
    def facility_id(self) -> int:
        """The facility whose system this is. :raises NotVisible: the county has no such facility"""
        return network.facility_by_code(self.facility_code).id

    @property
    def managing_facility_id(self) -> int:
        """The facility that manages people this system registers."""
        return network.facility_by_code(self.managing_facility_code or self.facility_code).id

    def actor(self) -> Actor:
        """The system, acting for this connection: its name and place stand in the audit trail and the look-up log."""
        return dataclasses.replace(system_actor(self.definition.title_zh[:80]), place=self.facility_id)


def all_connections() -> list[Connection]:
    """Every connection that is defined, also those not switched on. :raises DefinitionError: a file is broken"""
    return [_connection(each) for each in definitions.load(TOPIC, fresh=True)]


def active() -> list[Connection]:
    """The connections that are switched on. :raises DefinitionError: a file is broken"""
    return [each for each in all_connections() if each.active]


def by_slug(slug: str) -> Connection:
    """One connection. :raises KeyError: there is none"""
    return {each.slug: each for each in all_connections()}[slug]


def sender(connections: list[Connection], *, application: str, facility: str, address: str) -> Connection | None:
    """Whose message this is, by its own words and the address it came from."""
    for each in connections:
        if each.sends_as(application, facility) and each.admits(address):
            return each
    return None


@lru_cache(maxsize=200)
def _connection(definition: Definition) -> Connection:
    """:raises DefinitionError: says what is wrong"""
    content = {key: value for key, value in definition.content.items() if key not in {"author", "checker"}}
    if unknown := content.keys() - _KEYS:
        raise DefinitionError(f"{definition.slug}: unknown {', '.join(sorted(unknown))}")
    try:
        return Connection(definition=definition, **_checked(content))
    except (TypeError, ValueError, KeyError) as error:
        raise DefinitionError(f"{definition.slug}: {error}") from error


def _checked(content: dict[str, Any]) -> dict[str, Any]:
    fields = content.get("fields", {})
    if wrong := [
        f"{key} = {value}" for key, value in fields.items() if key not in PLACES or not _PLACE.fullmatch(value)
    ]:
        raise ValueError(f"fields: {', '.join(wrong)}")
    if wrong_fields := set(content.get("may_write", ())) - WRITABLE:
        raise ValueError(f"may_write: {', '.join(sorted(wrong_fields))}")
    for each in content["allow"]:
        ip_network(each)
    changed: dict[str, Any] = {"allow": tuple(content["allow"])}
    if "may_write" in content:
        changed["may_write"] = frozenset(content["may_write"])
    if "own_number_types" in content:
        changed["own_number_types"] = tuple(content["own_number_types"])
    if "encoding" in content:
        changed["encoding"] = ENCODINGS[content["encoding"].upper()]
    if "outbound" in content:
        changed["outbound"] = Outbound(**content["outbound"])
    return {**content, **changed}
