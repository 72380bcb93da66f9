from django.apps import AppConfig


class ReferralsConfig(AppConfig):
    name = "xinglin.referrals"
    label = "referrals"
