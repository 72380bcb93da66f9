from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FollowupsConfig(AppConfig):
    name = "xinglin.followups"
    label = "followups"

    def ready(self) -> None:
        from xinglin.accounts.api import describe_events
        from xinglin.accounts.data import Permission
        from xinglin.followups import jobs, timeline, wording
        from xinglin.followups.actions.calling import ALERT
        from xinglin.followups.actions.discharging import ORIGIN
        from xinglin.followups.events import TITLES
        from xinglin.residents.api import Topic, register_flags, register_timeline
        from xinglin.web.context import Entry, add_entry

        describe_events(TITLES)
        jobs.connect()
        wording.register_plan_words(ORIGIN, wording.step_said)
        wording.register_plan_words(ALERT, wording.alert_said)
        register_timeline(timeline.provide, topic=Topic.FOLLOWUPS)
        add_entry(
            Entry(
                group="disease", label=_("随访任务"), url_name="followups:list", icon="calendar-check",
                permission=Permission.FOLLOWUP_VIEW, order=30,
            )
        )  # fmt: skip
        add_entry(
            Entry(
                group="disease", label=_("随访中心"), url_name="followups:desk", icon="phone",
                permission=Permission.FOLLOWUP_CALL, order=31,
            )
        )  # fmt: skip
        register_flags(timeline.flags)
