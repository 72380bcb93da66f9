"""What is known of the extraction of facts, and figures computed from it."""

from typing import ClassVar

from django.db import models


class Extraction(models.Model):
    """One row: facts were brought up to date. `months` names the files written; figures carry the extraction's id."""

    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    months = models.JSONField(default=dict)  # fact → months rewritten
    n_rows = models.BigIntegerField(default=0)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["-id"], condition=models.Q(finished_at__isnull=False), name="extraction_finished")
        ]

    def __str__(self) -> str:
        return f"{self.started_at:%F %R}"


class Figure(models.Model):
    """One row: one computed value. None is "no data", never 0; parts name the numerator, the denominator and groups."""

    extraction = models.ForeignKey(Extraction, on_delete=models.CASCADE, related_name="figures")
    definition = models.CharField(max_length=80)  # slug@valid_from
    period = models.CharField(max_length=10)  # 2026-11, 2026
    places = models.CharField(max_length=64)  # digest of the facilities asked about; empty: all
    value = models.FloatField(null=True)
    numerator = models.BigIntegerField(null=True)
    denominator = models.BigIntegerField(null=True)
    groups = models.JSONField(default=dict)
    computed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["extraction", "definition", "period", "places"], name="one_figure")
        ]

    def __str__(self) -> str:
        return f"{self.definition} {self.period}"
