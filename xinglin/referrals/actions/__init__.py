"""The only writers of referrals. One verb, one transaction: permission, change, status record, audit, outbox."""

from xinglin.referrals.actions.answering import (
    accept_referral,
    decline_referral,
    mark_arrived,
    mark_no_show,
    redirect_referral,
    send_back,
)
from xinglin.referrals.actions.care import admit, close_referral, discharge
from xinglin.referrals.actions.clocks import escalate_overdue, expire_hold, remind_due
from xinglin.referrals.actions.returning import close_followed_up, receive_back, return_down
from xinglin.referrals.actions.sending import (
    complete_and_resend,
    draft_referral,
    send_referral,
    sign_later,
    withdraw_referral,
)

__all__ = [
    "accept_referral",
    "admit",
    "close_followed_up",
    "close_referral",
    "complete_and_resend",
    "decline_referral",
    "discharge",
    "draft_referral",
    "escalate_overdue",
    "expire_hold",
    "mark_arrived",
    "mark_no_show",
    "receive_back",
    "redirect_referral",
    "remind_due",
    "return_down",
    "send_back",
    "send_referral",
    "sign_later",
    "withdraw_referral",
]
