"""The only writer of a status: compare and swap, with a change record in the same transaction."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

from django.db import connection, models
from django.utils.translation import gettext_lazy as _

from xinglin.platform.actors import Actor
from xinglin.platform.decisions import ALLOWED, Decision, impossible
from xinglin.platform.errors import StaleStatus, TransitionNotAllowed
from xinglin.platform.instances import new
from xinglin.platform.together import insert_together

Table = Mapping[Any, frozenset[Any]]


class StatusChange(models.Model):
    """One row: an object went from one status to another, who did it, where, when and why.

    A concrete class adds ``subject = ForeignKey(TheModel, related_name="status_changes")``.
    """

    was = models.CharField(max_length=24, blank=True)
    became = models.CharField(max_length=24)
    changed_at = models.DateTimeField()
    changed_by = models.BigIntegerField(null=True)
    changed_by_name = models.CharField(max_length=80)
    place = models.BigIntegerField(null=True)
    reason_code = models.CharField(max_length=40, blank=True)
    reason = models.TextField(blank=True)

    class Meta:
        abstract = True
        ordering = ["changed_at", "id"]

    def __str__(self) -> str:
        return f"{self.was} → {self.became}"


ModelT = TypeVar("ModelT", bound=models.Model)


def can_move(obj: models.Model, *, table: Table, to: Any) -> Decision:
    """Whether the table lets `obj` go from its status to `to`: what `move` asks again when it does."""
    if to in table[obj.status]:  # type: ignore[attr-defined]
        return ALLOWED
    return impossible("transition-not-allowed", _("当前状态不允许这一步。"))


def move(  # noqa: PLR0913 - one call says everything about one step
    obj: ModelT,
    *,
    table: Table,
    to: Any,
    by: Actor,
    at: datetime,
    reason_code: str = "",
    reason: str = "",
    place: int | None = None,
    **changes: Any,
) -> ModelT:
    """Move `obj` from the status it was read with to `to`, exactly once, setting `changes` with it.

    :raises TransitionNotAllowed: the table has no such step
    :raises StaleStatus: somebody else moved it after we read it
    """
    if not connection.in_atomic_block:
        raise RuntimeError("a status moves inside the transaction of an action")
    was = obj.status  # type: ignore[attr-defined]
    if to not in table[was]:
        raise TransitionNotAllowed(_("当前状态不允许这一步。"))
    # Compare and swap: one statement says what was expected, and the loser of a race learns it.
    moved = type(obj)._base_manager.filter(pk=obj.pk, status=was).update(status=to, status_changed_at=at, **changes)
    if moved != 1:
        raise StaleStatus(_("别人刚刚处理过这一条，请刷新后再看。"))
    obj.refresh_from_db()
    note_status(obj, was=str(was), by=by, at=at, reason_code=reason_code, reason=reason, place=place)
    return obj


def note_status(
    obj: models.Model,
    *,
    was: str = "",
    by: Actor,
    at: datetime,
    reason_code: str = "",
    reason: str = "",
    place: int | None = None,
) -> None:
    """Write the change record; called on its own only for the first status of a new object."""
    insert_together(
        [change_of(obj, was=was, became=obj.status, by=by, at=at, reason_code=reason_code, reason=reason, place=place)]  # type: ignore[attr-defined]
    )


def change_of(
    obj: models.Model,
    *,
    was: str,
    became: str,
    by: Actor,
    at: datetime,
    reason_code: str = "",
    reason: str = "",
    place: int | None = None,
) -> StatusChange:
    """The change record, not written yet: for an action that writes it together with a new object."""
    model: type[StatusChange] = obj._meta.get_field("status_changes").related_model  # type: ignore[assignment]
    return new(
        model,
        subject=obj,
        was=was,
        became=became,
        changed_at=at,
        changed_by=by.user_id,
        changed_by_name=by.name,
        place=place if place is not None else by.place,
        reason_code=reason_code,
        reason=reason,
    )
