"""How passwords are kept, and the rules beyond Django's own."""

import secrets
from typing import Any

from django.contrib.auth.hashers import Argon2PasswordHasher, check_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

N_REMEMBERED = 5
#: No letters and digits that are mistaken for each other when read aloud.
_READABLE = "abcdefghjkmnpqrstuvwxyz23456789"


class Argon2(Argon2PasswordHasher):
    """argon2id with 46 MiB, one pass, one lane: the first choice of the OWASP password storage cheat sheet.

    One lane keeps the time steady on a small machine, where eight lanes wait for each other.
    """

    memory_cost = 47_104
    time_cost = 1
    parallelism = 1


class NotUsedBefore:
    """Refuses the account's present and latest five passwords (GB/T 22239 level 3: changed regularly, not in turn)."""

    def validate(self, password: str, user: Any = None) -> None:
        """:raises ValidationError: used before"""
        if user is None or user.pk is None:
            return
        former = user.former_passwords.order_by("-used_until", "-id").values_list("password", flat=True)[:N_REMEMBERED]
        if any(check_password(password, each) for each in [user.password, *former] if each):
            raise ValidationError(_("不能使用最近用过的密码。"), code="password-used-before")

    def get_help_text(self) -> str:
        """Shown beside the field."""
        return _("不能与最近 5 次用过的密码相同。")


def one_time_password() -> str:
    """A password to be handed over once and changed at the first sign-in: 59 bits, in groups that can be read aloud."""
    return "-".join("".join(secrets.choice(_READABLE) for _ in range(4)) for _ in range(3))
