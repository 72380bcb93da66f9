"""Counts of the whole county that are kept, because counting them takes longer than a page may."""

from django.db import models


class KeptCount(models.Model):
    """One row: how many residents each facility managed when they were counted: `of` says of which diagnosis codes, or from which age on.
    It names nobody.
    """

    of = models.CharField(max_length=80, unique=True)
    by_facility = models.JSONField(default=dict)  # id of the facility: number of residents
    counted_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.of} {self.counted_at:%F}"
