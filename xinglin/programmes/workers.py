"""What a process of the nightly check begins with. Nothing of Django is imported before it is set up."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any


def begin() -> None:
    """A new process knows nothing: settings first."""
    import django  # noqa: PLC0415 - in a process of its own

    django.setup()


def check_piece(ids: Sequence[int], at: datetime) -> Any:
    """One piece of the nightly check."""
    from xinglin.programmes import nightly  # noqa: PLC0415 - after Django is set up

    return nightly.check_piece(ids, at)
