"""A decision: one answer used twice. A page reads it, an action enforces it."""

from collections.abc import Iterable
from dataclasses import dataclass

from xinglin.platform.errors import Conflict, DomainError, NotPermitted


@dataclass(frozen=True, slots=True)
class Decision:
    """Allowed, or refused with a stable `code` and a `reason` for people.

    `by_state` tells a refusal by the object's state (409) from one by the actor's rights (403).
    """

    allowed: bool
    code: str = ""
    reason: object = ""
    by_state: bool = False

    def __bool__(self) -> bool:
        return self.allowed

    def require(self) -> None:
        """Raise the refusal: `NotPermitted` for rights, `Conflict` for state."""
        if self.allowed:
            return
        error: type[DomainError] = Conflict if self.by_state else NotPermitted
        raise error(self.reason, code=self.code)


ALLOWED = Decision(allowed=True)


def refused(code: str, reason: object) -> Decision:
    """A refusal by the actor's rights."""
    return Decision(allowed=False, code=code, reason=reason)


def impossible(code: str, reason: object) -> Decision:
    """A refusal by the object's state."""
    return Decision(allowed=False, code=code, reason=reason, by_state=True)


def any_of(*decisions: Decision) -> Decision:
    """Allowed if one of them allows; else the first refusal."""
    return next((each for each in decisions if each.allowed), decisions[0])


def first_refusal(*decisions: Decision | Iterable[Decision]) -> Decision:
    """The first decision that refuses, or `ALLOWED`."""
    for decision in decisions:
        for each in [decision] if isinstance(decision, Decision) else decision:
            if not each.allowed:
                return each
    return ALLOWED
