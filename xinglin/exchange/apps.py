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
        from xinglin.exchange.events import Event
        from xinglin.residents.api import describe_event
        from xinglin.web.context import Entry, add_entry

        adt.register_handlers()
        jobs.connect()
        describe_event(Event.MATCHED, _("医院系统发来了此人的登记信息"))
        describe_event(Event.PROCESSED, _("医院系统的登记信息已处理"))
        describe_event(Event.IGNORED, _("收到医院系统的消息，未采用"))
        describe_event(Event.REVEALED, _("接口工程师查看了一条消息的原文"))
        describe_event(Event.QUEUED, _("向医院系统准备了一条检查消息"))
        describe_event(Event.SENT, _("检查消息已发送到医院系统"))
        describe_event(Event.SEND_REFUSED, _("医院系统拒收了检查消息"))
        describe_events(
            {
                Event.PROCESSED: _("处理外来消息"), Event.IGNORED: _("未采用外来消息"), Event.FAILED: _("外来消息处理失败"),
                Event.REPLAYED: _("重放消息"), Event.DISCARDED: _("放弃消息"), Event.MATCHED: _("按外来消息识别居民"),
                Event.QUEUED: _("排队发送消息"), Event.SENT: _("消息被对方接收"), Event.SEND_REFUSED: _("消息被对方拒收"),
                Event.SENT_AGAIN: _("再次发送消息"), Event.LISTED: _("查看消息列表"), Event.VIEWED: _("查看消息"),
                Event.REVEALED: _("查看消息原文"), Event.PEER_REFUSED: _("拒绝未登记的来源地址"),
            }
        )  # fmt: skip
        add_entry(
            Entry(
                "system", _("消息交换"), "exchange:home", "refresh", Permission.EXCHANGE_MANAGE, order=25,
                badge=queries.n_failed,
            )
        )  # fmt: skip
