"""Sign-in settings, imported at the end of `xinglin.project.settings`."""

import os
from datetime import timedelta

#: The server stands behind its own proxy, which writes X-Forwarded-For and X-Forwarded-Proto.
BEHIND_PROXY = os.environ.get("XINGLIN_BEHIND_PROXY") == "on"

AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "xinglin.accounts.backends.PasswordBackend"]
PASSWORD_HASHERS = ["xinglin.accounts.passwords.Argon2"]

ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "xinglin.accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "xinglin.accounts.web.sign_in_forms.SignInForm",
    "reauthenticate": "xinglin.accounts.web.sign_in_forms.PasswordAgainForm",
}
ACCOUNT_LOGOUT_ON_GET = False
# Allauth would count in the memory of one worker; axes counts every failure in the database, for all workers.
ACCOUNT_RATE_LIMITS = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_PRESERVE_USERNAME_CASING = False
MFA_ADAPTER = "xinglin.accounts.adapter.SecondFactorAdapter"
MFA_FORMS = {
    "authenticate": "xinglin.accounts.web.sign_in_forms.CodeForm",
    "reauthenticate": "xinglin.accounts.web.sign_in_forms.CodeAgainForm",
    "activate_totp": "xinglin.accounts.web.sign_in_forms.SetUpForm",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Xinglin"
MFA_TOTP_TOLERANCE = 1  # one step of 30 s either side: telephones are not always on time

# Five failures within a quarter of an hour lock the account, and the address, for as long.
AXES_HANDLER = "xinglin.accounts.lockout.FailureCounter"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = ["username", "ip_address"]
#: Addresses that many people share, such as the one a hospital stands behind: they bear ten times as many failures.
LOCKOUT_SHARED_ADDRESSES = frozenset(filter(None, os.environ.get("XINGLIN_SHARED_ADDRESSES", "").split(",")))
LOCKOUT_SHARED_WEIGHT = 10
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # else anybody could keep an account locked for ever
AXES_LOCKOUT_CALLABLE = "xinglin.accounts.lockout.locked_out"
AXES_USERNAME_CALLABLE = "xinglin.accounts.lockout.username_of"
AXES_CLIENT_IP_CALLABLE = "xinglin.accounts.addresses.address_of"
AXES_USERNAME_FORM_FIELD = "login"
AXES_SENSITIVE_PARAMETERS = [
    "username",
    "login",
    "password",
    "oldpassword",
    "code",
    "csrfmiddlewaretoken",
    "ip_address",
]
AXES_DISABLE_ACCESS_LOG = True  # the audit trail says who signed in
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

#: Off only for a demonstration on loopback (`xinglin.accounts.checks`): nobody there has an authenticator at hand.
SECOND_FACTOR_REQUIRED = os.environ.get("XINGLIN_SECOND_FACTOR") != "off"

SESSION_IDLE = timedelta(minutes=15)
SESSION_LIFETIME = timedelta(hours=12)
SESSIONS_PER_ACCOUNT = 3
#: GB/T 22239 level 3 asks for regular change.
PASSWORD_MAX_AGE = timedelta(days=90)

AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "name")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "xinglin.accounts.passwords.NotUsedBefore"},
]
