from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from xinglin.platform.actors import Actor
from xinglin.web.formats import listed_text


class AccountsConfig(AppConfig):
    name = "xinglin.accounts"
    label = "accounts"

    def ready(self) -> None:
        from xinglin.accounts import checks, jobs  # noqa: F401 - registers them
        from xinglin.accounts.queries import emergencies_to_review
        from xinglin.web.context import CHROME, Entry, add_entry

        for label, name, icon, permission, order in (
            (_("账号"), "accounts:users", "users", "user:manage", 10),
            (_("授权"), "accounts:grants", "shield", "grant:manage", 20),
            (_("接口令牌"), "accounts:tokens", "link", "token:manage", 30),
            (_("登录锁定"), "accounts:lock_outs", "lock", "grant:manage", 50),
            (_("审计"), "accounts:audit", "history", "audit:read", 60),
        ):
            add_entry(Entry(group="system", label=label, url_name=name, icon=icon, permission=permission, order=order))
        add_entry(
            Entry(
                group="system",
                label=_("紧急访问复核"),
                url_name="accounts:emergencies",
                icon="shield-check",
                permission="emergency:review",
                order=40,
                badge=emergencies_to_review,
            )  # fmt: skip
        )
        CHROME.role_names = role_names
        CHROME.user_menu += [
            (_("我的账号"), "accounts:profile", "user"),
            (_("登录的设备"), "accounts:sessions", "keyboard"),
            (_("我的操作记录"), "accounts:own_log", "history"),
        ]


def role_names(actor: Actor) -> str:
    """The roles of the reader, for the head of the page."""
    from xinglin.accounts.roles import ROLES

    return listed_text(str(ROLES[role].title) for role in sorted(actor.roles) if role in ROLES)
