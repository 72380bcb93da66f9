"""What crosses the door of the network."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class FacilityChoice:
    """A facility somebody may choose."""

    id: int
    uuid: UUID
    name: str
    kind: str
    tier: str


@dataclass(frozen=True, slots=True)
class DepartmentChoice:
    """A department somebody may choose; `takes_back` tells whether it can take patients back after a referral."""

    id: int
    code: str
    name: str
    takes_back: bool
