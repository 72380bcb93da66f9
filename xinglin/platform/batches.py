"""Many rows, each changed for itself: what a job does to thousands of them in one go."""

import logging
import time
from collections.abc import Callable
from typing import Any

from django.db import IntegrityError, models, transaction

from xinglin.platform.errors import Conflict

logger = logging.getLogger(__name__)


#: Seconds after which a run makes room for others; what is left waits for the next one.
LONGEST_S = 240.0


def one_by_one(
    rows: models.QuerySet[Any], do: Callable[[Any], object], *, at_a_time: int, seconds: float = LONGEST_S
) -> int:
    """Do something to each of the rows in a transaction of its own, reading `at_a_time` until none is left or `seconds` are over.

    One that is refused, because somebody changed it meanwhile or another row stands in its way, is left as it is and
    stops no other. :returns: to how many it was done
    """
    done = after = 0
    end = time.monotonic() + seconds
    while time.monotonic() < end and (batch := list(rows.filter(pk__gt=after).order_by("pk")[:at_a_time])):
        for each in batch:
            try:
                with transaction.atomic():
                    do(each)
            except (Conflict, IntegrityError):
                logger.warning("passed over: %s %s", each._meta.label, each.pk, exc_info=True)
            else:
                done += 1
        after = batch[-1].pk
    return done
