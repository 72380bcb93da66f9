"""Three identifiers, never mixed: `id` inside the process, `uuid` for addresses and other systems, `number` for people."""

from datetime import datetime
from uuid import UUID

import uuid_utils
from django.db import connection
from django.utils import timezone

#: Digits of a number: no I, L, O, U, so that it can be read over the telephone.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_uuid() -> UUID:
    """A time-ordered identifier (UUID version 7): neighbours in time are neighbours in the index."""
    return UUID(bytes=uuid_utils.uuid7().bytes)


def next_number(prefix: str, at: datetime) -> str:
    """The next number people will say aloud, e.g. ``R261121-00004K``: kind, local day, running digits, check digit."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('platform_number_seq')")
        (value,) = cursor.fetchone()
    return format_number(prefix, at, value)


def format_number(prefix: str, at: datetime, value: int) -> str:
    """Write a running value as a number; the last character is a check digit (sum modulo 32, position weighted)."""
    digits = ""
    rest = value
    while rest or len(digits) < 5:
        rest, remainder = divmod(rest, 32)
        digits = ALPHABET[remainder] + digits
    check = sum((position + 2) * ALPHABET.index(digit) for position, digit in enumerate(reversed(digits))) % 32
    return f"{prefix}{timezone.localtime(at):%y%m%d}-{digits}{ALPHABET[check]}"
