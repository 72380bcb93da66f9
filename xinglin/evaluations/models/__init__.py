"""Rounds of assessment and distributions of funds."""

from xinglin.evaluations.models.funds import Distribution, DistributionLine, DistributionStatusChange
from xinglin.evaluations.models.rounds import (
    Appeal,
    AppealStatusChange,
    Evidence,
    ItemScore,
    Publication,
    Round,
    RoundStatusChange,
    ScoreChange,
    Sheet,
    SheetStatusChange,
)

__all__ = [
    "Appeal",
    "AppealStatusChange",
    "Distribution",
    "DistributionLine",
    "DistributionStatusChange",
    "Evidence",
    "ItemScore",
    "Publication",
    "Round",
    "RoundStatusChange",
    "ScoreChange",
    "Sheet",
    "SheetStatusChange",
]
