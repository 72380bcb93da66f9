from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FollowupsConfig(AppConfig):
    name = "xinglin.followups"
    label = "followups"

    def ready(self) -> None:
        from xinglin.accounts.data import Permission  # noqa: PLC0415 - needs the registry to be ready
        from xinglin.followups import jobs, timeline  # noqa: PLC0415
        from xinglin.residents.timeline import register  # noqa: PLC0415
        from xinglin.web.context import Entry, add_entry  # noqa: PLC0415

        jobs.connect()
        register(timeline.provide)
        add_entry(
            Entry(
                group="care", label=_("随访"), url_name="followups:list", icon="calendar-check",
                permission=Permission.FOLLOWUP_VIEW, order=50,
            )
        )  # fmt: skip
