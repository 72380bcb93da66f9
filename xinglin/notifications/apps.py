from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    name = "xinglin.notifications"
    label = "notifications"

    def ready(self) -> None:
        from xinglin.notifications import api, queries  # noqa: PLC0415
        from xinglin.platform.outbox import subscribe  # noqa: PLC0415
        from xinglin.web.context import CHROME, Entry, add_entry  # noqa: PLC0415

        CHROME.inbox_count = queries.n_unread
        CHROME.inbox_url_name = "notifications:inbox"
        add_entry(Entry("care", _("消息"), "notifications:inbox", "bell", "", order=90))
        api.describe("emergency.opened", _("%(by)s 紧急访问了一份居民记录，请复核。"), "accounts:emergency_review")
        subscribe("emergency.opened", "notifications.emergency-opened")
