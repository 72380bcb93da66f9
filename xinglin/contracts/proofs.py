"""What a visit or a follow-up proves, and how the proofs of others read."""

from typing import Any

#: A follow-up on one of these ways was face to face.
FACE_TO_FACE = ("CLINIC", "HOME")


#: By kind of thing: where a proof comes from, in words.
WORDS: dict[str, Any] = {}


def describe_proof(kind: str, words: Any) -> None:
    """Say how a proof that a capability above gives reads; called while applications load."""
    WORDS[kind] = words


def proofs_of_visit(visit: Any) -> frozenset[str]:
    """Kinds of proof a signed visit gives: a visit, by its kind, and by what was measured."""
    found = {"visit"}
    if visit.kind == "HOME":
        found.add("home-visit")
    if visit.kind == "FOLLOWUP":
        found.add("follow-up")
    if visit.systolic is not None:
        found.add("pressure")
    if visit.glucose is not None:
        found.add("glucose")
    return frozenset(found)


def proofs_of_followup(task: Any) -> frozenset[str]:
    """Kinds of proof a completed follow-up gives. What was measured counts face to face only: a figure told on the
    telephone was not measured by the team.
    """
    channel = task.outcome.get("channel", "")
    found = {"follow-up"}
    if channel == "PHONE":
        found.add("call")
    if channel == "HOME":
        found.add("home-visit")
    if channel in FACE_TO_FACE and task.outcome.get("systolic") is not None:
        found.add("pressure")
    if channel in FACE_TO_FACE and task.outcome.get("glucose") is not None:
        found.add("glucose")
    return frozenset(found)
