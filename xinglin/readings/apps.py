from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReadingsConfig(AppConfig):
    name = "xinglin.readings"
    label = "readings"

    def ready(self) -> None:
        from xinglin.accounts.api import describe_events
        from xinglin.accounts.data import Permission
        from xinglin.readings import jobs, own_observations, timeline
        from xinglin.readings.events import TITLES
        from xinglin.readings.observing import VITAL_SIGNS, register_observations
        from xinglin.readings.queries import waiting
        from xinglin.residents.api import Topic, add_own_tab, register_measurements, register_timeline
        from xinglin.web.context import Entry, add_entry

        describe_events(TITLES)
        jobs.connect()
        register_observations(VITAL_SIGNS, own_observations.SOURCE)
        register_timeline(timeline.provide, topic=Topic.RESULTS)
        register_measurements(timeline.measured)
        add_entry(
            Entry(
                "disease",
                _("待核实测量"),
                "readings:queue",
                "pulse",
                Permission.READING_SORT,
                order=37,
                badge=waiting,
            )
        )
        add_entry(Entry("manage", _("测量设备"), "readings:devices", "pulse", Permission.METER_MANAGE, order=36))
        add_own_tab(_("我的设备测量"), "pulse", "readings:own")
