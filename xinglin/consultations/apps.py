from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConsultationsConfig(AppConfig):
    name = "xinglin.consultations"
    label = "consultations"
    verbose_name = "consultations"

    def ready(self) -> None:
        from xinglin.accounts.api import describe_events
        from xinglin.accounts.data import Permission
        from xinglin.consultations import jobs, queries, timeline
        from xinglin.consultations.events import TITLES
        from xinglin.platform.lending import lend
        from xinglin.residents.api import Topic, register_timeline
        from xinglin.web.context import Entry, add_entry

        describe_events(TITLES)
        lend(queries.lent_to)
        jobs.connect()
        register_timeline(timeline.provide, topic=Topic.REFERRALS)
        for group, label, url_name, icon, permission, order in (
            ("care", _("我的会诊邀请"), "consultations:expert", "users", Permission.CONSULTATION_ANSWER, 45),
            ("care", _("远程会诊"), "consultations:mine", "users", Permission.CONSULTATION_REQUEST, 46),
            ("care", _("会诊安排"), "consultations:desk", "inbox", Permission.CONSULTATION_DESK, 44),
            ("care", _("专家名录"), "consultations:experts", "id-card", Permission.CONSULTATION_DESK, 47),
            ("manage", _("会诊费用"), "consultations:fees", "table", Permission.CONSULTATION_DESK, 45),
            ("manage", _("会诊统计"), "consultations:statistics", "chart", Permission.BOARD_VIEW, 46),
        ):
            short = _("会诊邀请") if url_name == "consultations:expert" else ""
            entry = Entry(group, label, url_name, icon, permission, order=order, short=short)
            add_entry(entry)
