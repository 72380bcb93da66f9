"""The keystroke-level model: how long a practised person takes, computed from what the browser saw him do.

Card, Moran & Newell, *The Psychology of Human-Computer Interaction* (1983), with the values of Kieras, *Using the
Keystroke-Level Model to Estimate Execution Times* (2001): a tap is pointing (P) and pressing (B). On glass pointing is
faster than with the mouse these values were measured with, so that the sum is rather too long than too short.
"""

from dataclasses import dataclass

#: Seconds. K: a key, average typist. P: point at a target. B: press. H: hands to the keyboard. M: think before a step.
K, P, B, H, M = 0.28, 1.10, 0.10, 0.40, 1.20

#: Counts taps and typed characters, in the page itself and in order.
WATCH = """
window.__seen = [];
addEventListener("click", (event) => event.isTrusted && window.__seen.push("T"), true);
addEventListener("keydown", (event) => event.isTrusted && window.__seen.push("K"), true);
"""


@dataclass(frozen=True, slots=True)
class Task:
    """What was done: taps and typed characters as the browser saw them, thoughts as the model places them."""

    events: str
    thoughts: int
    waited: float = 0.0  # seconds in which the person waited for the machine

    @property
    def taps(self) -> int:
        """Taps."""
        return self.events.count("T")

    @property
    def typed(self) -> int:
        """Characters."""
        return self.events.count("K")

    @property
    def seconds(self) -> float:
        """Taps, characters, one move to the keyboard for each run of characters, thoughts, and waiting."""
        runs = len([run for run in self.events.split("T") if run])
        return self.taps * (P + B) + self.typed * K + runs * H + self.thoughts * M + self.waited

    def __str__(self) -> str:
        return f"{self.taps} taps, {self.typed} characters, {self.thoughts} thoughts, waited {self.waited:.1f} s: {self.seconds:.1f} s"
