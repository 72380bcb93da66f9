from django.apps import AppConfig


class NetworkConfig(AppConfig):
    name = "xinglin.network"
    label = "network"

    def ready(self) -> None:
        from xinglin.accounts import scopes  # noqa: PLC0415
        from xinglin.network import queries  # noqa: PLC0415

        scopes.use_resolver(queries.facility_ids_within)
