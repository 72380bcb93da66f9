"""Shape of what the pages send."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from xinglin.diagnostics import queries
from xinglin.diagnostics.models import Centre, Request
from xinglin.platform.actors import Actor
from xinglin.platform.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Whom:
    """For whom a unit asks, from where, and at which visit if at one."""

    resident: Any
    facility_id: int
    visit: Any = None


def report_data(post: QueryDict) -> dict[str, Any]:
    """The fields of a report as typed."""
    return {
        "findings": post.get("findings", ""),
        "conclusion": post.get("conclusion", ""),
        "codes": [code for code in post.get("codes", "").split(",") if code],
        "is_abnormal": post.get("is_abnormal") == "on",
        "criticals": post.getlist("criticals"),
        "not_critical_reason": post.get("not_critical_reason", ""),
        "reason": post.get("reason", ""),
    }


def report_arguments(data: dict[str, Any]) -> dict[str, Any]:
    """The same as arguments of an action that signs (without the reason of an amendment)."""
    names = ("findings", "conclusion", "codes", "is_abnormal", "criticals", "not_critical_reason")
    return {name: data[name] for name in names}


def request_data(post: QueryDict) -> dict[str, Any]:
    """The fields of a request as typed."""
    return {
        "question": post.get("question", ""),
        "clinical": post.get("clinical", ""),
        "priority": post.get("priority", ""),
        "centre": post.get("centre", ""),
        "identity_confirmed": post.get("identity_confirmed") == "on",
    }


def centre_from(value: str) -> Centre:
    """The chosen centre. :raises InvalidInput: none is chosen"""
    uuid = uuid_from(value)
    if uuid is None:
        raise InvalidInput(_("请选择诊断中心。"), fields={"centre": _("请选择诊断中心。")})
    return queries.centre_to_ask(uuid)


def repeated_from(value: str, actor: Actor) -> Request | None:
    """The rejected request this one repeats, if one is named. :raises NotVisible: it is not the actor's"""
    uuid = uuid_from(value)
    return queries.visible_request(actor, uuid) if uuid else None


def uuid_from(value: str) -> UUID | None:
    """A uuid, or None for anything else."""
    try:
        return UUID(value)
    except ValueError:
        return None
