"""Whose number is whose."""

from datetime import datetime
from typing import Any

from django.db import transaction

from xinglin.exchange.models import ForeignIdentifier
from xinglin.platform.actors import Actor
from xinglin.platform.crypto import blind_index


def number_index(authority: str, number: str) -> bytes:
    """The blind index of a number under its authority."""
    return blind_index("foreign-number", f"{authority}:{number}")


def holder_of_number(*, authority: str, number: str) -> Any:
    """The resident a number stands for, of a merged registration the one kept; or None."""
    found = _link(authority, number) if number else None
    return (found.resident.merged_into or found.resident) if found else None


def is_newest(*, authority: str, number: str, message: int) -> bool:
    """Whether no later message about this number was applied."""
    found = _link(authority, number) if number else None
    return found is None or found.applied_id <= message


def _link(authority: str, number: str) -> ForeignIdentifier | None:
    rows = ForeignIdentifier.objects.select_related("resident__managed_by", "resident__merged_into__managed_by")
    return rows.filter(authority=authority, number_index=number_index(authority, number)).first()


@transaction.atomic
def link_number(*, authority: str, number: str, resident: Any, message: int, by: Actor, at: datetime) -> None:
    """Keep whose number this is, and that `message` was applied. Called inside the transaction of the message."""
    link, is_new = ForeignIdentifier.objects.get_or_create(
        authority=authority, number_index=number_index(authority, number),
        defaults={"number": number, "resident": resident, "applied_id": message, "since": at},
    )  # fmt: skip
    if not is_new and link.applied_id < message:
        ForeignIdentifier.objects.filter(pk=link.pk).update(applied_id=message)
