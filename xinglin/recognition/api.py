"""The front door of recognition: what others read of it, and how they tell that a mark no longer holds."""

from xinglin.recognition.data import Level, Outcome, Reach
from xinglin.recognition.events import Event
from xinglin.recognition.models import Decision, Mark
from xinglin.recognition.queries import decisions_visible_to
from xinglin.recognition.validity import levels_of, register_validity

__all__ = [
    "Decision",
    "Event",
    "Level",
    "Mark",
    "Outcome",
    "Reach",
    "decisions_visible_to",
    "levels_of",
    "register_validity",
]
