"""Figures of coverage, counted each night; and populations that are not counted here."""

from typing import ClassVar

from django.db import models

from xinglin.platform.ids import new_uuid


class PopulationBase(models.Model):
    """One row: how many people live in the area of a unit (常住人口), as a source says on a day. Not those registered."""

    uuid = models.UUIDField(default=new_uuid, unique=True)
    facility = models.ForeignKey("network.Facility", on_delete=models.PROTECT, related_name="+")
    as_of = models.DateField()
    n_people = models.PositiveIntegerField()
    n_elderly = models.PositiveIntegerField(null=True)  # 65 and over; null: the source does not say
    source = models.CharField(max_length=120)
    entered_at = models.DateTimeField()
    entered_by_name = models.CharField(max_length=80)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["facility", "as_of"], name="one_population_of_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.facility_id} {self.as_of}"


class Coverage(models.Model):
    """One row: on a day, of the residents registered with one managing facility, how many there are, belong to a key
    group, are 65 and over; and how many of each are under contract. Counted by the nightly job, never by a page.
    """

    on = models.DateField()
    facility = models.ForeignKey("network.Facility", on_delete=models.PROTECT, related_name="+")
    n_people = models.PositiveIntegerField()
    n_signed = models.PositiveIntegerField()
    n_key = models.PositiveIntegerField()
    n_key_signed = models.PositiveIntegerField()
    n_elderly = models.PositiveIntegerField()
    n_elderly_signed = models.PositiveIntegerField()
    n_ending = models.PositiveIntegerField()  # agreements whose term ended within the year before
    n_renewed = models.PositiveIntegerField()  # of these, those that were renewed
    n_due = models.PositiveIntegerField()  # items due within the year before
    n_in_time = models.PositiveIntegerField()  # of these, done in time with proof
    n_rated = models.PositiveIntegerField()
    n_content = models.PositiveIntegerField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["on", "facility"], name="counted_once_a_day")]

    def __str__(self) -> str:
        return f"{self.facility_id} {self.on}"
