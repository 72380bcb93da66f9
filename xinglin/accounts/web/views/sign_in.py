"""Sign-in, second factor and password: allauth's flows behind our pages."""

from typing import Any

from allauth.account import views as account_views
from allauth.mfa.base import views as mfa_views
from allauth.mfa.recovery_codes import views as recovery_views
from allauth.mfa.totp import views as totp_views
from allauth.mfa.totp.internal.auth import clear_totp_secret
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from xinglin.accounts import actions, gates, lockout, sessions
from xinglin.accounts.events import Event
from xinglin.accounts.web.forms import ChangePasswordForm
from xinglin.platform import audit, clock
from xinglin.platform.errors import InvalidInput, NotSignedIn
from xinglin.web.answers import done, page
from xinglin.web.request import Request

# Allauth's templates come before ours in the search path, so each view names its own.
login = account_views.LoginView.as_view(template_name="accounts/sign_in/login.html")
logout = account_views.LogoutView.as_view(template_name="accounts/sign_in/logout.html")
reauthenticate = account_views.ReauthenticateView.as_view(template_name="accounts/sign_in/again.html")
authenticate = mfa_views.AuthenticateView.as_view(template_name="accounts/sign_in/code.html")
reauthenticate_by_code = mfa_views.ReauthenticateView.as_view(template_name="accounts/sign_in/code_again.html")
second_factor = mfa_views.IndexView.as_view(template_name="accounts/sign_in/second_factor.html")
view_recovery_codes = recovery_views.ViewRecoveryCodesView.as_view(template_name="accounts/sign_in/recovery_codes.html")


def inactive(request: Request) -> HttpResponse:
    """Where allauth would send a closed account; ours gets the same answer as a wrong password."""
    return redirect("account_login")


class SetUpView(totp_views.ActivateTOTPView):  # type: ignore[misc]
    """Bind an authenticator app; from here on this session has passed the second factor."""

    template_name = "accounts/sign_in/set_up.html"

    def form_valid(self, form: Any) -> HttpResponse:
        request, user, now = self.request, self.request.user, clock.now()
        actions.set_up_second_factor(user=user, secret=form.secret, by=request.actor, at=now)
        clear_totp_secret(request)
        request.session[gates.SECOND_FACTOR_KEY] = True
        sessions.renew(request)
        return redirect("mfa_view_recovery_codes")


class RemoveView(totp_views.DeactivateTOTPView):  # type: ignore[misc]
    """Unbind it again, where the roles held allow that."""

    template_name = "accounts/sign_in/remove.html"

    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        audit.record(Event.SECOND_FACTOR_REMOVED, by=self.request.actor, at=clock.now())
        return response


class NewRecoveryCodesView(recovery_views.GenerateRecoveryCodesView):  # type: ignore[misc]
    """A new set of recovery codes; the former ones are worth nothing."""

    template_name = "accounts/sign_in/new_recovery_codes.html"

    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        audit.record(Event.RECOVERY_CODES_MADE, by=self.request.actor, at=clock.now())
        return response


set_up = SetUpView.as_view()
remove = RemoveView.as_view()
new_recovery_codes = NewRecoveryCodesView.as_view()


@sensitive_post_parameters("old", "new", "again")
@require_http_methods(["GET", "POST"])
def change_password(request: Request) -> HttpResponseBase:
    """Change one's own password: also where an account is led whose password is due."""
    if not request.actor.is_known or not request.user.is_authenticated:
        raise NotSignedIn(_("请先登录。"))
    form = ChangePasswordForm(request.POST or None)
    status = 200
    if request.method == "POST":
        username = request.user.username
        if lockout.is_locked(request, username):
            return lockout.locked_out(request)
        if form.is_valid() and _changed(request, form):
            return done(request, "/", _("密码已修改，其他设备上的登录已全部退出。"))
        status = 422
    return page(
        request,
        "accounts/change_password.html",
        status=status,
        form=form,
        is_due=getattr(request, "gate", None) == gates.Gate.PASSWORD,
    )


def _changed(request: Request, form: ChangePasswordForm) -> bool:
    """Whether the action took the new password; else the form carries the reasons."""
    try:
        user = actions.change_password(
            user=request.user,  # type: ignore[arg-type]
            old=form.cleaned_data["old"], new=form.cleaned_data["new"], by=request.actor,
            at=clock.now(), session_key=request.session.session_key or "",
        )  # fmt: skip
    except InvalidInput as error:
        if error.code == "wrong-password":
            lockout.note_failure(request, request.user.username)
        for field, reason in error.fields.items():
            form.add_error(field, str(reason))
        return False
    sessions.renew(request, new_password_of=user)
    return True
