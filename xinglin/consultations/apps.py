from django.apps import AppConfig


class ConsultationsConfig(AppConfig):
    name = "xinglin.consultations"
    label = "consultations"
    verbose_name = "consultations"

    def ready(self) -> None:
        from xinglin.accounts.api import describe_events
        from xinglin.consultations import queries
        from xinglin.consultations.events import TITLES
        from xinglin.platform.lending import lend

        describe_events(TITLES)
        lend(queries.lent_to)
