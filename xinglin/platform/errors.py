"""The few errors of the domain, each with a stable code, mapped to HTTP once (`xinglin.web.middleware`, `xinglin.web.api`).

==================  ======  ======================================================
`NotSignedIn`       401     nobody is known to have asked
`NotPermitted`      403     in scope, but not this role
`NotVisible`        404     out of scope, or does not exist: a stranger cannot tell
`Conflict`          409     the state refuses, or somebody else was first
`TooLarge`          413     more bytes than the action takes
`InvalidInput`      422     what was said is wrong; says what and where
`Unavailable`       503     nothing was done; try again
==================  ======  ======================================================
"""

from collections.abc import Mapping


class DomainError(Exception):
    """An answer, not a fault: says `code` to programs and `message` to people, in the reader's language."""

    status = 400
    code = "error"

    def __init__(self, message: object = "", *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message  # may be a lazy translation: turned into text where the reader is known
        if code is not None:
            self.code = code

    def __str__(self) -> str:
        return str(self.message)


class NotSignedIn(DomainError):
    """Nobody is known to have asked."""

    status = 401
    code = "not-signed-in"


class NotPermitted(DomainError):
    """The actor sees the object but may not do this with it."""

    status = 403
    code = "not-permitted"


class NotVisible(DomainError):
    """Out of the actor's scope or absent. `kind` and `key` are kept for the audit record, never shown."""

    status = 404
    code = "not-found"

    def __init__(self, kind: str = "", key: object = "") -> None:
        from django.utils.translation import gettext_lazy as _  # noqa: PLC0415

        super().__init__(_("没有找到，或不在您的查看范围内。"))
        self.kind, self.key = kind, str(key)


class Conflict(DomainError):
    """The object's state refuses, or somebody else was first."""

    status = 409
    code = "conflict"


class TransitionNotAllowed(Conflict):
    """The state table has no such step."""

    code = "transition-not-allowed"


class StaleStatus(Conflict):
    """Somebody else moved the object after it was read."""

    code = "stale-status"


class TooLarge(DomainError):
    """More bytes than the action takes."""

    status = 413
    code = "too-large"


class InvalidInput(DomainError):
    """What was said is wrong. `fields` maps the place (field, row, segment) to the reason."""

    status = 422
    code = "invalid-input"

    def __init__(
        self,
        message: object = "",
        *,
        fields: Mapping[str, object] | None = None,
        code: str | None = None,
    ) -> None:
        super().__init__(message, code=code)
        self.fields: dict[str, object] = dict(fields or {})


def wrong(field: str, reason: object, *, code: str | None = None) -> InvalidInput:
    """One field is wrong, and why."""
    return InvalidInput(reason, fields={field: reason}, code=code)


class Unavailable(DomainError):
    """Nothing was done; trying again later may help."""

    status = 503
    code = "unavailable"


class BeingComputed(Unavailable):
    """It takes long, and the worker was asked for it (`platform.waiting`): the same question has an answer soon."""

    code = "being-computed"
