"""What crosses the door of evaluations."""

from xinglin.evaluations.states import AppealStatus, FundStatus, RoundStatus, SheetStatus

__all__ = ["AppealStatus", "FundStatus", "RoundStatus", "SheetStatus"]
