"""Checking a password: the same work and the same answer, whether or not the account exists or is open."""

import secrets
from functools import lru_cache
from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest

from xinglin.accounts.models import User


class PasswordBackend(BaseBackend):
    """Username and password. An absent account is checked against a hash nobody has the password of."""

    def authenticate(  # type: ignore[override]
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> AbstractBaseUser | None:
        """The account, if it exists, is open, and the password is its own; else None."""
        if not username or not password:
            return None
        user = User.objects.filter(username=username.strip().lower()).first()
        nobodys = _nobodys_hash()
        if user is None or not user.has_usable_password():
            check_password(password, nobodys)
            return None
        # The password of a closed account is checked like any other, so that time does not tell it from an open one.
        return user if user.check_password(password) and user.is_active else None

    def get_user(self, user_id: int) -> User | None:
        """The account behind a session; none once it is closed."""
        return User.objects.filter(pk=user_id, is_active=True).first()


@lru_cache(maxsize=1)
def _nobodys_hash() -> str:
    """A hash made with today's parameters, of a password nobody knows."""
    return make_password(secrets.token_urlsafe(32))
