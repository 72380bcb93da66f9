from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LabcontrolConfig(AppConfig):
    name = "xinglin.labcontrol"
    label = "labcontrol"

    def ready(self) -> None:
        from xinglin.accounts.api import describe_events
        from xinglin.accounts.data import Permission
        from xinglin.labcontrol import jobs
        from xinglin.labcontrol.events import TITLES
        from xinglin.web.context import Entry, add_entry

        describe_events(TITLES)
        jobs.connect()
        add_entry(
            Entry(
                group="centre", label=_("检验质控"), url_name="labcontrol:board", icon="flask",
                permission=Permission.CONTROL_VIEW, order=18,
            )
        )  # fmt: skip
