"""Find one row of those an actor may see, and the list he asks for by name."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from django.db.models import Manager, Model, QuerySet
from django.utils.translation import gettext_lazy as _

from xinglin.platform.errors import InvalidInput, NotVisible

RowT = TypeVar("RowT", bound=Model)
BoxT = TypeVar("BoxT")


def the_one(rows: QuerySet[RowT] | Manager[RowT], **key: Any) -> RowT:
    """The row of `rows` with this key; what is out of the actor's scope and what does not exist are told alike.

    :raises NotVisible: there is none; it names the model and the key, for the audit record
    """
    found = rows.filter(**key).first()
    if found is None:
        raise NotVisible(rows.model._meta.label_lower, next(iter(key.values()), ""))
    return found


def known_box(boxes: Iterable[str], box: str, *, field: str = "box") -> str:
    """The name of a list that was asked for. :raises InvalidInput: there is none of that name; it says which there are"""
    if box not in (names := list(boxes)):
        raise InvalidInput(_("没有这个列表。"), fields={field: ", ".join(names)})
    return box


def box_of(boxes: Mapping[str, BoxT], box: str, *, field: str = "box") -> BoxT:
    """What stands under that name."""
    return boxes[known_box(boxes, box, field=field)]
