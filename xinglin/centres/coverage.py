"""Indicator M05 of the national list: reports issued for grassroots units, and village clinics that can send an ECG.

A clinic is covered when it has an ECG device in use, or had at least one ECG read remotely in the period. Amended reports
count once; requests do not count, reports do.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from xinglin.diagnostics.api import Request
from xinglin.network.api import UnitEquipment, units_with_equipment

GRASSROOTS = ("TOWNSHIP", "VILLAGE")


@dataclass(frozen=True, slots=True)
class Clinic:
    """One village clinic: devices in use, and ECGs read for it in the period."""

    name: str
    manager: str
    n_devices: int
    n_read: int

    @property
    def is_covered(self) -> bool:
        """Whether it can send an ECG."""
        return self.n_devices > 0 or self.n_read > 0


@dataclass(frozen=True, slots=True)
class Township:
    """The clinics under one unit."""

    name: str
    n_clinics: int
    n_with_device: int
    n_covered: int
    n_read: int

    @property
    def share(self) -> float | None:
        """Covered clinics of all."""
        return self.n_covered / self.n_clinics if self.n_clinics else None


@dataclass(frozen=True, slots=True)
class Coverage:
    """Part (c) of M05 with its parts, and (a), (b): reports for grassroots units by kind of centre."""

    clinics: tuple[Clinic, ...]
    townships: tuple[Township, ...]
    reports: Mapping[str, int]
    is_equipment_known: bool

    @property
    def whole(self) -> Township:
        """All of them together."""
        return _sum("", self.clinics)

    @property
    def missing(self) -> tuple[Clinic, ...]:
        """Clinics that cannot send an ECG."""
        return tuple(each for each in self.clinics if not each.is_covered)


def coverage(*, since: datetime, until: datetime) -> Coverage:
    """The figures of a period (half-open). Three queries."""
    units = units_with_equipment("ECG", kinds=("VILLAGE_CLINIC",))
    reported = Request.objects.filter(reported_at__gte=since, reported_at__lt=until)
    read = dict(
        reported.filter(kind="ECG", from_facility__kind="VILLAGE_CLINIC")
        .values_list("from_facility")
        .annotate(n=Count("id"))
    )
    rows = (
        reported.filter(from_facility__tier__in=GRASSROOTS).values_list("kind").annotate(n=Count("id")).order_by("kind")
    )
    return made_of(units, read, dict(rows))


def made_of(units: Iterable[UnitEquipment], read: Mapping[int, int], reports: Mapping[str, int]) -> Coverage:
    """The figures from clinics with their devices, ECGs read by id of the clinic, and reports by kind."""
    units = list(units)
    clinics = tuple(Clinic(each.name, each.manager, each.n_in_use, read.get(each.id, 0)) for each in units)
    names = sorted({each.manager for each in clinics})
    return Coverage(
        clinics=clinics,
        townships=tuple(_sum(name, [each for each in clinics if each.manager == name]) for name in names),
        reports=reports,
        is_equipment_known=any(each.n_listed for each in units),
    )


def _sum(name: str, clinics: Iterable[Clinic]) -> Township:
    found = list(clinics)
    return Township(
        name, len(found), sum(each.n_devices > 0 for each in found), sum(each.is_covered for each in found),
        sum(each.n_read for each in found),
    )  # fmt: skip
