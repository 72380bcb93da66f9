"""The only writers of accounts, grants, tokens and emergency accesses."""

from xinglin.accounts.actions.emergencies import close_break_glass, open_break_glass, review_break_glass
from xinglin.accounts.actions.grants import grant_role, revoke_grant
from xinglin.accounts.actions.security import end_session, reset_second_factor, set_up_second_factor, unlock
from xinglin.accounts.actions.tokens import NewToken, create_token, revoke_token
from xinglin.accounts.actions.users import (
    NewUser,
    change_password,
    close_user,
    create_user,
    reopen_user,
    set_password,
)

__all__ = [
    "NewToken",
    "NewUser",
    "change_password",
    "close_break_glass",
    "close_user",
    "create_token",
    "create_user",
    "end_session",
    "grant_role",
    "open_break_glass",
    "reopen_user",
    "reset_second_factor",
    "review_break_glass",
    "revoke_grant",
    "revoke_token",
    "set_password",
    "set_up_second_factor",
    "unlock",
]
