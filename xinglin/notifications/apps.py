from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "xinglin.notifications"
    label = "notifications"
