from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ContractsConfig(AppConfig):
    name = "xinglin.contracts"
    label = "contracts"

    def ready(self) -> None:
        from xinglin.accounts.api import describe_events
        from xinglin.accounts.data import Permission
        from xinglin.contracts import contacting, jobs, timeline
        from xinglin.contracts.events import TITLES
        from xinglin.followups.api import register_purposes
        from xinglin.residents.api import Topic, add_own_tab, register_flags, register_timeline
        from xinglin.web.context import Entry, add_entry

        describe_events(TITLES)
        jobs.connect()
        register_timeline(timeline.provide, topic=Topic.RECORD)
        register_flags(timeline.flags)
        register_purposes("contracts", contacting.due, contacting.said)
        add_own_tab(_("我的家庭医生"), "users", "contracts:own")
        for group, label, url_name, icon, permission, order in (
            ("disease", _("签约居民"), "contracts:list", "signature", Permission.CONTRACT_VIEW, 34),
            ("care", _("我的家庭医生"), "contracts:own", "users", Permission.OWN_RECORD, 12),
            ("manage", _("签约团队"), "contracts:teams", "users", Permission.CONTRACT_MANAGE, 30),
            ("manage", _("签约概况"), "contracts:overview", "chart", Permission.BOARD_VIEW, 31),
            ("manage", _("签约绩效"), "contracts:pay", "table", Permission.CONTRACT_MANAGE, 32),
        ):
            add_entry(Entry(group=group, label=label, url_name=url_name, icon=icon, permission=permission, order=order))
