"""Tables of remote consultation."""

from xinglin.consultations.models.cases import Case, CaseStatusChange, Invitation, InvitationStatusChange, PackItem
from xinglin.consultations.models.experts import Availability, Booking, Expert, Station, StationSession
from xinglin.consultations.models.fees import Fee, FeeStatusChange
from xinglin.consultations.models.opinions import Message, Opinion, OpinionSignature, Rating

__all__ = [
    "Availability",
    "Booking",
    "Case",
    "CaseStatusChange",
    "Expert",
    "Fee",
    "FeeStatusChange",
    "Invitation",
    "InvitationStatusChange",
    "Message",
    "Opinion",
    "OpinionSignature",
    "PackItem",
    "Rating",
    "Station",
    "StationSession",
]
