"""Forms of the sign-in pages: allauth's, with our words and our count of failures."""

from typing import Any

from allauth.account import forms as account_forms
from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.totp import forms as totp_forms
from django import forms
from django.utils.translation import gettext_lazy as _

from xinglin.accounts import lockout, second_factor

_NAME = {"autocomplete": "username", "autofocus": True, "autocapitalize": "none", "spellcheck": "false"}
_CODE = {"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True, "maxlength": "20"}


class SignInForm(account_forms.LoginForm):  # type: ignore[misc]
    """User name and password; the lock is counted by axes around Django's own check."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"] = forms.CharField(
            label=_("用户名"), max_length=150,
            widget=forms.TextInput(attrs=_NAME),
        )  # fmt: skip
        self.fields["password"] = _password(_("密码"), "current-password")
        self.order_fields(["login", "password"])

    def clean_login(self) -> str:
        """One spelling for the account and for the count of failures."""
        return str(self.cleaned_data["login"]).strip().lower()


class PasswordAgainForm(account_forms.ReauthenticateForm):  # type: ignore[misc]
    """The password once more, before something weighty; failures go through the same count."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"] = _password(_("密码"), "current-password")


class _CodeForm(forms.Form):
    """A code of the authenticator app, or a recovery code."""

    code = forms.CharField(label=_("验证码"), max_length=20, widget=forms.TextInput(attrs=_CODE))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.user = kwargs.pop("user")
        super().__init__(*args, **kwargs)

    def clean_code(self) -> str:
        """Guessing is counted under the account and the address, like a password."""
        request, code = context.request, str(self.cleaned_data["code"])
        if lockout.is_locked(request, self.user.username):
            lockout.mark_locked(request)
            raise get_adapter().validation_error("incorrect_code")
        self.authenticator = second_factor.use_code(self.user, code)
        if self.authenticator is None:
            lockout.note_failure(request, self.user.username)
            raise get_adapter().validation_error("incorrect_code")
        return code


class CodeForm(_CodeForm):
    """The second step of a sign-in."""

    def save(self) -> None:
        post_authentication(context.request, self.authenticator)


class CodeAgainForm(_CodeForm):
    """The second factor once more, before something weighty."""

    def save(self) -> None:
        post_authentication(context.request, self.authenticator, reauthenticated=True)


class SetUpForm(totp_forms.ActivateTOTPForm):  # type: ignore[misc]
    """The first code of a new authenticator app."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"] = forms.CharField(
            label=_("应用显示的 6 位数字"), max_length=10, widget=forms.TextInput(attrs=_CODE)
        )


def _password(label: Any, autocomplete: str) -> forms.CharField:
    return forms.CharField(
        label=label, strip=False, max_length=128, widget=forms.PasswordInput(attrs={"autocomplete": autocomplete})
    )
