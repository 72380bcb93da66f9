"""Find one row of those an actor may see."""

from typing import Any, TypeVar

from django.db.models import Manager, Model, QuerySet

from xinglin.platform.errors import NotVisible

RowT = TypeVar("RowT", bound=Model)


def the_one(rows: QuerySet[RowT] | Manager[RowT], **key: Any) -> RowT:
    """The row of `rows` with this key; what is out of the actor's scope and what does not exist are told alike.

    :raises NotVisible: there is none; it names the model and the key, for the audit record
    """
    found = rows.filter(**key).first()
    if found is None:
        raise NotVisible(rows.model._meta.label_lower, next(iter(key.values()), ""))
    return found
