"""From a posted form to the arguments of one action: shape only."""

from django.http import QueryDict

from xinglin.checkups.data import PlanStep, Step
from xinglin.web import posted


def plan(post: QueryDict) -> list[PlanStep]:
    """The steps that were kept, and one that was added. :raises InvalidInput: a day is none"""
    steps = []
    for index in post.getlist("keep"):
        steps.append(
            PlanStep(
                post.get(f"step-{index}", ""), posted.day(post, f"on-{index}"), post.get(f"words-{index}", ""),
                post.get(f"programme-{index}", ""), tuple(post.get(f"items-{index}", "").split()),
            )
        )  # fmt: skip
    if more := post.get("more", "").strip():
        steps.append(PlanStep(Step.GUIDE, posted.day(post, "more_on"), more))
    return steps
