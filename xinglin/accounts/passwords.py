"""Password rules beyond Django's own."""

from typing import Any

from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

N_REMEMBERED = 5


class NotUsedBefore:
    """Refuses the account's present and latest five passwords (GB/T 22239 level 3: changed regularly, not in turn)."""

    def validate(self, password: str, user: Any = None) -> None:
        """:raises ValidationError: used before"""
        if user is None or user.pk is None:
            return
        former = [user.password, *user.former_passwords.order_by("-used_until").values_list("password", flat=True)[:N_REMEMBERED]]
        if any(check_password(password, each) for each in former if each):
            raise ValidationError(_("不能使用最近用过的密码。"), code="password-used-before")

    def get_help_text(self) -> str:
        """Shown beside the field."""
        return _("不能与最近 5 次用过的密码相同。")
