"""The only writers of consultations. One verb, one transaction: permission, change, status record, audit, outbox."""

from xinglin.consultations.actions.clocks import (
    close_forgotten,
    escalate_overdue,
    expire_case,
    expire_invitation,
    remind_due,
)
from xinglin.consultations.actions.experts import (
    Hours,
    end_expert,
    open_station,
    record_station_session,
    register_expert,
    set_times,
)
from xinglin.consultations.actions.fees import settle_fee, waive_fee
from xinglin.consultations.actions.inviting import (
    accept_invitation,
    begin_session,
    decline_case,
    decline_invitation,
    invite_expert,
    schedule_case,
    set_video_link,
    step_down,
)
from xinglin.consultations.actions.opining import amend_opinion, rate, send_message, sign_opinion, write_opinion
from xinglin.consultations.actions.packing import add_file, change_pack
from xinglin.consultations.actions.requesting import close_case, request_consultation, withdraw_case

__all__ = [
    "Hours",
    "accept_invitation",
    "add_file",
    "amend_opinion",
    "begin_session",
    "change_pack",
    "close_case",
    "close_forgotten",
    "decline_case",
    "decline_invitation",
    "end_expert",
    "escalate_overdue",
    "expire_case",
    "expire_invitation",
    "invite_expert",
    "open_station",
    "rate",
    "record_station_session",
    "register_expert",
    "remind_due",
    "request_consultation",
    "schedule_case",
    "send_message",
    "set_times",
    "set_video_link",
    "settle_fee",
    "sign_opinion",
    "step_down",
    "waive_fee",
    "withdraw_case",
    "write_opinion",
]
