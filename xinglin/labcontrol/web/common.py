"""What the pages of laboratory control share: their tabs, who may come in, how a refused form is shown again."""

from collections.abc import Callable
from decimal import Decimal
from functools import wraps
from typing import Any

from django.http import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _

from xinglin.accounts.api import signed_in
from xinglin.accounts.data import Permission
from xinglin.web.request import Request


def for_control(view: Callable[..., HttpResponseBase]) -> Any:
    """Let in who looks at control somewhere. :raises NotPermitted: the role has nothing to do with it"""

    @wraps(view)
    def wrapped(request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        request.actor.may(Permission.CONTROL_VIEW).require()
        return view(request, *args, **kwargs)

    return signed_in(wrapped)


def tabs(active: str) -> list[dict[str, Any]]:
    """The parts of laboratory control."""
    parts = [
        ("board", _("质控看板")), ("losses", _("失控处理")), ("materials", _("质控品")), ("instruments", _("仪器与靶值")),
        ("eqa", _("室间质评")),
    ]  # fmt: skip
    return [{"label": label, "url": reverse(f"labcontrol:{name}"), "active": name == active} for name, label in parts]


def shown(value: Decimal | None, decimals: int) -> str:
    """A measured value with the decimals of its assay; finer ones are kept."""
    if value is None:
        return ""
    exponent = value.normalize().as_tuple().exponent
    finer = -exponent if isinstance(exponent, int) and exponent < 0 else 0
    return f"{value:.{max(decimals, min(finer, 5))}f}"


def rounded(value: Decimal | None, decimals: int) -> str:
    """A computed figure to so many decimals; a dash for none."""
    return "—" if value is None else f"{value:.{decimals}f}"


def may(actor: Any, permission: str) -> bool:
    """Whether to offer what needs a permission."""
    return permission in actor.permissions
