"""Rows of contracts: teams, agreements and what was promised, key groups, pay."""

from xinglin.contracts.models.agreements import Agreement, AgreementStatusChange, Promise, Rating, TeamChange
from xinglin.contracts.models.assigning import Assignment, Distribution
from xinglin.contracts.models.figures import Coverage, PopulationBase
from xinglin.contracts.models.groups import GroupEntry
from xinglin.contracts.models.pay import PayLine, PayRun, PayShare
from xinglin.contracts.models.teams import Pairing, SupportNote, Team, TeamMember, TeamPlace

__all__ = [
    "Agreement",
    "AgreementStatusChange",
    "Assignment",
    "Coverage",
    "Distribution",
    "GroupEntry",
    "Pairing",
    "PayLine",
    "PayRun",
    "PayShare",
    "PopulationBase",
    "Promise",
    "Rating",
    "SupportNote",
    "Team",
    "TeamChange",
    "TeamMember",
    "TeamPlace",
]
