from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ExchangeConfig(AppConfig):
    name = "xinglin.exchange"
    label = "exchange"
    verbose_name = "exchange"

    def ready(self) -> None:
        from xinglin.accounts.api import describe_events
        from xinglin.accounts.data import Permission
        from xinglin.exchange import adt, jobs, queries
        from xinglin.exchange.events import TITLES
        from xinglin.web.context import Entry, add_entry

        adt.register_handlers()
        jobs.connect()
        describe_events(TITLES)
        add_entry(
            Entry(
                "system", _("消息交换"), "exchange:home", "refresh", Permission.EXCHANGE_MANAGE, order=25,
                badge=queries.failed,
            )
        )  # fmt: skip
