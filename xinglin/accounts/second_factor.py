"""Checking one-time codes: once only, in whatever worker, and counted like passwords."""

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.mfa.utils import decrypt
from django.db import transaction

from xinglin.accounts.models import User


@transaction.atomic
def use_code(user: User, code: str) -> Authenticator | None:
    """The authenticator `code` belongs to, or None. A code is used up: the time step, or the recovery code, of a
    success is never taken again, which the row lock makes true among workers."""
    rows = {row.type: row for row in Authenticator.objects.select_for_update().filter(user=user)}
    code = "".join(code.split())
    totp = rows.get(Authenticator.Type.TOTP)
    if totp is not None and _use_step(totp, code):
        return totp
    recovery = rows.get(Authenticator.Type.RECOVERY_CODES)
    if recovery is not None and recovery.wrap().validate_code(code):
        return recovery
    return None


def _use_step(totp: Authenticator, code: str) -> bool:
    secret = decrypt(totp.data["secret"])
    latest = totp.data.get("latest_step", 0)
    for step in yield_hotp_counters_from_time():
        if step > latest and compare_user_code(actual=code, expected=format_hotp_value(hotp_value(secret, step))):
            totp.data["latest_step"] = step
            totp.save(update_fields=["data"])
            return True
    return False
