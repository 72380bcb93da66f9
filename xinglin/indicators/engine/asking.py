"""What is not kept is asked of the worker: one job for what is wanted at the same spots."""

import hashlib
from collections.abc import Collection

from django.utils.translation import gettext_lazy as _

from xinglin.platform.errors import BeingComputed
from xinglin.platform.jobs import defer_once
from xinglin.platform.waiting import afterwards

KEEP = "indicators.keep"
#: Stands between the spots of one job.
AND = " "


def ask(version: int, *, spots: Collection[str], periods: Collection[str], slugs: Collection[str]) -> None:
    """Have figures computed at some spots, the latest period first; what is asked for already is not asked for again."""
    spot, wanted, of = AND.join(sorted(spots)), sorted(periods, reverse=True), sorted(slugs)
    lock = f"{KEEP}-{version}-{hash_of(spot)}-{hash_of(wanted, of)}"
    defer_once(KEEP, lock=lock, version=version, spot=spot, periods=wanted, slugs=of)


def being_computed(
    version: int, *, spots: Collection[str], periods: Collection[str], slugs: Collection[str]
) -> BeingComputed:
    """The answer to who waits for what is not kept; the worker is asked for it."""
    afterwards(lambda: ask(version, spots=spots, periods=periods, slugs=slugs))
    return BeingComputed(_("这些数字正在计算，请稍后再取。"))


def hash_of(*parts: object) -> str:
    """A short name of what was asked for."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]
