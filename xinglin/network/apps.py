from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from xinglin.platform.actors import Actor


class NetworkConfig(AppConfig):
    name = "xinglin.network"
    label = "network"

    def ready(self) -> None:
        from xinglin.accounts import scopes
        from xinglin.accounts.api import describe_events
        from xinglin.accounts.data import Permission
        from xinglin.network import api, queries
        from xinglin.network.events import TITLES
        from xinglin.web.context import CHROME, Entry, add_entry

        describe_events(TITLES)

        def facility_name(actor: Actor) -> str:
            return api.facility_names([actor.place]).get(actor.place or 0, "")

        scopes.use_resolver(queries.places_within)
        CHROME.facility_name = facility_name
        for label, url_name, icon, permission, order in (
            (_("机构网络"), "network:list", "building", Permission.NETWORK_VIEW, 60),
            (_("机构地图"), "network:map", "map", Permission.NETWORK_VIEW, 62),
            (_("医共体"), "network:consortia", "share", Permission.NETWORK_VIEW, 64),
            (_("导入导出"), "network:import", "upload", Permission.NETWORK_IMPORT, 66),
        ):
            add_entry(
                Entry(group="network", label=label, url_name=url_name, icon=icon, permission=permission, order=order)
            )
