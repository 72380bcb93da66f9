from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "xinglin.accounts"
    label = "accounts"
