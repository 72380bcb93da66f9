"""What crosses the door of institutions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from xinglin.platform.files import Content


@dataclass(frozen=True, slots=True)
class InstitutionIn:
    """What is written down of an institution."""

    name: str
    kind: str
    address: str
    responsible: str
    opened_on: date
    phone: str = ""
    beds: int | None = None


@dataclass(frozen=True, slots=True)
class Signing:
    """Who signed for the institution, as what, and the sheet."""

    name: str
    title: str
    scan: Content | None


@dataclass(frozen=True, slots=True)
class RoundIn:
    """A round as it was: who came, whom they saw (by uuid of the stay, with a word of what was found), what was found at all,
    and who signed for the institution, on the screen or on a sheet.
    """

    came: tuple[str, ...]
    findings: str
    signer_name: str
    seen: Mapping[UUID, str] = field(default_factory=dict)
    advice: str = ""
    came_at: datetime | None = None
    signature_png: bytes | None = None
    scan: Content | None = None
