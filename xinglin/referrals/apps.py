from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReferralsConfig(AppConfig):
    name = "xinglin.referrals"
    label = "referrals"

    def ready(self) -> None:
        from xinglin.accounts.api import describe_events
        from xinglin.accounts.data import Permission
        from xinglin.referrals import jobs, timeline
        from xinglin.referrals.events import TITLES
        from xinglin.residents.api import Topic, register_timeline
        from xinglin.web.context import Entry, add_entry

        describe_events(TITLES)
        jobs.connect()
        register_timeline(timeline.provide, topic=Topic.REFERRALS)
        for label, url_name, icon, permission, order in (
            (_("转诊接收"), "referrals:desk", "inbox", Permission.REFERRAL_ADMIT, 40),
            (_("我的转诊"), "referrals:sent", "transfer", Permission.REFERRAL_SEND, 42),
            (_("转诊统计"), "referrals:counts", "chart", Permission.BOARD_VIEW, 44),
        ):
            group = "manage" if url_name == "referrals:counts" else "care"
            add_entry(Entry(group=group, label=label, url_name=url_name, icon=icon, permission=permission, order=order))
