from django.apps import AppConfig


class FollowupsConfig(AppConfig):
    name = "xinglin.followups"
    label = "followups"
