"""Addresses of accounts. Names without a namespace are allauth's own: its flows look them up."""

from django.urls import URLPattern, URLResolver, include, path

from xinglin.accounts.web.views import grants, own, review, sign_in, users

sign_in_patterns = [
    path("sign-in/", sign_in.login, name="account_login"),
    path("sign-in/code/", sign_in.authenticate, name="mfa_authenticate"),
    path("sign-in/again/", sign_in.reauthenticate, name="account_reauthenticate"),
    path("sign-in/again/code/", sign_in.reauthenticate_by_code, name="mfa_reauthenticate"),
    path("sign-in/closed/", sign_in.inactive, name="account_inactive"),
    path("sign-out/", sign_in.logout, name="account_logout"),
    path("account/password/", sign_in.change_password, name="account_change_password"),
    path("account/second-factor/", sign_in.second_factor, name="mfa_index"),
    path("account/second-factor/on/", sign_in.set_up, name="mfa_activate_totp"),
    path("account/second-factor/off/", sign_in.remove, name="mfa_deactivate_totp"),
    path("account/second-factor/codes/", sign_in.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("account/second-factor/codes/new/", sign_in.new_recovery_codes, name="mfa_generate_recovery_codes"),
]

own_patterns = [
    path("account/", own.profile, name="profile"),
    path("account/sessions/", own.sessions, name="sessions"),
    path("account/sessions/<uuid:uuid>/end/", own.end_session, name="end_session"),
    path("account/log/", own.own_log, name="own_log"),
    path("account/tokens/<uuid:uuid>/revoke/", own.revoke_token, name="revoke_token"),
    path("emergency/", own.emergency, name="emergency"),
    path("emergency/<uuid:uuid>/close/", own.close_emergency, name="close_emergency"),
]

administration_patterns = [
    path("administration/users/", users.accounts, name="users"),
    path("administration/users/new/", users.new_user, name="new_user"),
    path("administration/users/<uuid:uuid>/", users.account, name="user"),
    path("administration/users/<uuid:uuid>/close/", users.close, name="close_user"),
    path("administration/users/<uuid:uuid>/reopen/", users.reopen, name="reopen_user"),
    path("administration/users/<uuid:uuid>/password/", users.new_password, name="new_password"),
    path("administration/users/<uuid:uuid>/second-factor/", users.reset_second_factor, name="reset_second_factor"),
    path("administration/users/<uuid:uuid>/grant/", grants.grant, name="grant"),
    path("administration/users/<uuid:uuid>/token/", grants.new_token, name="new_token"),
    path("administration/grants/", users.accounts, name="grants"),
    path("administration/grants/<uuid:uuid>/revoke/", grants.revoke_grant, name="revoke_grant"),
    path("administration/tokens/", grants.tokens, name="tokens"),
    path("administration/facilities/", grants.facilities, name="facility_choices"),
    path("administration/emergencies/", review.emergencies, name="emergencies"),
    path("administration/emergencies/<uuid:uuid>/", review.emergency, name="emergency_review"),
    path("administration/lock-outs/", review.lock_outs, name="lock_outs"),
    path("administration/audit/", review.audit, name="audit"),
    path("administration/audit/export/", review.audit_export, name="audit_export"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    *sign_in_patterns,
    path("", include((own_patterns + administration_patterns, "accounts"))),
]
