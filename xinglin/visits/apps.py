from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VisitsConfig(AppConfig):
    name = "xinglin.visits"
    label = "visits"

    def ready(self) -> None:
        from xinglin.accounts.api import describe_events
        from xinglin.residents.api import Topic, register_measurements, register_timeline
        from xinglin.visits import measured
        from xinglin.visits.events import TITLES
        from xinglin.visits.timeline import visit_entries
        from xinglin.web.context import Entry, add_entry

        describe_events(TITLES)
        register_timeline(visit_entries, topic=Topic.VISITS)
        register_measurements(measured.provide)
        add_entry(
            Entry(
                group="care",
                label=_("就诊"),
                url_name="visits:list",
                icon="stethoscope",
                permission="visit:view",
                order=30,
            )
        )
