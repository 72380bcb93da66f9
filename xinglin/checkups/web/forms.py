"""From a posted form to the arguments of one action: shape only."""

from datetime import date
from uuid import UUID

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from xinglin.checkups.data import PlanStep, Step
from xinglin.platform.errors import InvalidInput


def day(post: QueryDict, name: str) -> date:
    """A day. :raises InvalidInput: it is none"""
    try:
        return date.fromisoformat(post.get(name, ""))
    except ValueError as error:
        raise InvalidInput(_("日期格式不对。"), fields={name: _("请选择日期。")}) from error


def whole(post: QueryDict, name: str) -> int:
    """A whole number. :raises InvalidInput: it is none"""
    text = post.get(name, "").strip()
    if not (text.isascii() and text.isdecimal() and len(text) < 6):
        raise InvalidInput(_("有数字无法识别。"), fields={name: _("请填整数。")})
    return int(text)


def uuid(post: QueryDict, name: str) -> UUID:
    """An identifier chosen from a list. :raises InvalidInput: it is none"""
    try:
        return UUID(post.get(name, ""))
    except ValueError as error:
        raise InvalidInput(_("请从列表中选择。"), fields={name: _("请从列表中选择。")}) from error


def plan(post: QueryDict) -> list[PlanStep]:
    """The steps that were kept, and one that was added. :raises InvalidInput: a day is none"""
    steps = []
    for index in post.getlist("keep"):
        steps.append(
            PlanStep(
                post.get(f"step-{index}", ""), day(post, f"on-{index}"), post.get(f"words-{index}", ""),
                post.get(f"programme-{index}", ""),
            )
        )  # fmt: skip
    if post.get("more", "").strip():
        steps.append(PlanStep(Step.GUIDE, day(post, "more_on"), post["more"].strip()))
    return steps
