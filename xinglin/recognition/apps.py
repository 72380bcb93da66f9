from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RecognitionConfig(AppConfig):
    name = "xinglin.recognition"
    label = "recognition"
    verbose_name = "recognition"

    def ready(self) -> None:
        from xinglin.accounts.api import describe_events
        from xinglin.accounts.data import Permission
        from xinglin.diagnostics.api import register_order_check
        from xinglin.recognition import jobs, timeline
        from xinglin.recognition.checks import CHECK
        from xinglin.recognition.events import TITLES
        from xinglin.residents.api import Topic, register_timeline
        from xinglin.visits.api import register_results
        from xinglin.web.context import Entry, add_entry

        describe_events(TITLES)
        jobs.connect()
        register_order_check(CHECK)
        register_timeline(timeline.provide, topic=Topic.RESULTS)
        register_results(timeline.taken_over)
        entries = (
            ("exam", _("互认记录"), "recognition:decisions", "shield-check", Permission.REQUEST_PLACE, 48),
            ("manage", _("互认统计"), "recognition:report", "shield-check", Permission.BOARD_VIEW, 60),
            ("manage", _("互认目录"), "recognition:catalogue", "list", Permission.NETWORK_VIEW, 61),
            ("manage", _("互认标识"), "recognition:marks", "tag", Permission.RECOGNITION_MANAGE, 62),
            ("care", _("我的互认结果"), "recognition:own", "shield-check", Permission.OWN_RECORD, 20),
        )
        for group, label, url_name, icon, permission, order in entries:
            add_entry(
                Entry(
                    group,
                    label,
                    url_name,
                    icon,
                    permission,
                    order=order,
                    short=_("我的互认") if url_name == "recognition:own" else "",
                )
            )
