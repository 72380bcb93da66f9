"""From a posted form to the arguments of one action: shape only."""

from typing import Any
from uuid import UUID

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from xinglin.platform.errors import InvalidInput
from xinglin.submissions.data import Outcome
from xinglin.submissions.models import Delivery


def snapshot(post: QueryDict) -> UUID | None:
    """The publication that was chosen; None: the facts of today. :raises InvalidInput: it is none"""
    text = post.get("snapshot", "")
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError as error:
        raise InvalidInput(_("请从列表中选择。"), fields={"snapshot": _("请从列表中选择。")}) from error


def destination(post: QueryDict) -> dict[str, Any]:
    """A server. An empty secret keeps the one that is known."""
    return {
        "code": post.get("code", ""), "title": post.get("title", ""), "address": post.get("address", ""),
        "username": post.get("username", ""), "secret": post.get("secret", "") or None, "is_on": post.get("is_on") == "on",
    }  # fmt: skip


def outcome(delivery: Delivery) -> str:
    """What is said after sending."""
    return str(Outcome(delivery.outcome).label)
