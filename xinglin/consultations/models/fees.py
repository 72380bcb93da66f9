"""The fee of an opinion and how it is shared."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from xinglin.consultations.models.cases import Case
from xinglin.consultations.models.experts import Expert
from xinglin.consultations.states import FeeStatus
from xinglin.platform.ids import new_uuid
from xinglin.platform.transitions import StatusChange


class Fee(models.Model):
    """One row: what one expert's opinion in a case costs, in fen, and what of it each of three parties gets.

    `definition` names the version of the fee table it was computed by. It ends settled, or waived with a reason.
    """

    uuid = models.UUIDField(default=new_uuid, unique=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="fees")
    expert = models.ForeignKey(Expert, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=10, choices=FeeStatus.choices, default=FeeStatus.DUE)
    status_changed_at = models.DateTimeField()
    definition = models.CharField(max_length=60)
    amount_fen = models.PositiveIntegerField()
    inviting_fen = models.PositiveIntegerField()  # the unit that asked
    expert_fen = models.PositiveIntegerField()  # the expert's unit
    platform_fen = models.PositiveIntegerField()  # who runs the centre
    charged_at = models.DateTimeField()
    reference = models.CharField(max_length=60, blank=True)  # receipt, or number of the settlement

    class Meta:
        indexes: ClassVar = [models.Index(fields=["status", "-id"], name="fee_status")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "expert"], name="one_fee_each"),
            models.CheckConstraint(
                condition=Q(amount_fen=F("inviting_fen") + F("expert_fen") + F("platform_fen")), name="fee_adds_up"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case} {self.amount_fen}"


class FeeStatusChange(StatusChange):
    """One row: a fee was settled or waived."""

    subject = models.ForeignKey(Fee, on_delete=models.PROTECT, related_name="status_changes")
