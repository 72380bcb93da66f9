"""Rate and intervals between beats where the file holds none: computed by a library, never taken for the device's own.

Only what comes out exactly on the recordings at hand is computed. Waves inside a beat (PR, QRS, QT) are left to the reader:
see README for what was measured.
"""

from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xinglin.diagnostics.ecg.recording import EcgRecording, Lead

LIBRARY = "sleepecg"
#: A lead counts when at most so much of it is missing, and it moves at least so many millivolt.
MOST_MISSING, LEAST_MOVING = 0.05, 0.1
FEWEST_BEATS, SLOWEST_MS, FASTEST_MS = 4, 3000.0, 200.0
#: Leads agree when the median interval differs by at most so much; so many of them must.
NEAR, ENOUGH = 0.03, 0.6


@dataclass(frozen=True, slots=True)
class Computed:
    """What was computed: rate per minute, median, shortest and longest interval between beats in ms, from so many leads."""

    by: str
    heart_rate: float
    rr_interval: float
    rr_shortest: float
    rr_longest: float
    n_beats: int
    n_leads: int

    def as_dict(self) -> dict[str, Any]:
        """For keeping beside the recording."""
        return {
            "by": self.by, "heart-rate": round(self.heart_rate, 1), "rr-interval": round(self.rr_interval),
            "rr-shortest": round(self.rr_shortest), "rr-longest": round(self.rr_longest), "beats": self.n_beats,
            "leads": self.n_leads,
        }  # fmt: skip


def compute(recording: EcgRecording) -> Computed | None:
    """Rate and intervals, or None: the device measured a rate itself, or the leads do not agree on where the beats are."""
    if recording.measurement("heart-rate") is not None:
        return None
    found = [each for each in (_intervals(lead, recording.sampling_hz) for lead in recording.leads) if each is not None]
    if not found:
        return None
    middle = float(np.median([np.median(each) for each in found]))
    agreeing = [each for each in found if abs(float(np.median(each)) - middle) <= NEAR * middle]
    if len(agreeing) < max(1, ENOUGH * len(recording.leads)):
        return None
    best = min(agreeing, key=lambda each: (abs(float(np.median(each)) - middle), float(np.ptp(each))))
    return Computed(
        by=f"{LIBRARY} {version(LIBRARY)}", heart_rate=60_000 / middle, rr_interval=middle,
        rr_shortest=float(best.min()), rr_longest=float(best.max()), n_beats=len(best) + 1, n_leads=len(agreeing),
    )  # fmt: skip


def _intervals(lead: Lead, rate: float) -> NDArray[np.float64] | None:
    """Milliseconds between the beats of a lead; None when it cannot say."""
    from sleepecg import detect_heartbeats  # noqa: PLC0415 - brings scipy: a second that only this needs

    samples = lead.samples.astype(np.float64)
    missing = np.isnan(samples)
    if missing.mean() > MOST_MISSING:
        return None
    if missing.any():
        where = np.arange(len(samples))
        samples = np.interp(where, where[~missing], samples[~missing])
    if np.ptp(samples) < LEAST_MOVING:
        return None
    beats = detect_heartbeats(samples, rate)
    if len(beats) < FEWEST_BEATS:
        return None
    intervals: NDArray[np.float64] = np.diff(beats) / rate * 1000
    if intervals.min() < FASTEST_MS or intervals.max() > SLOWEST_MS:
        return None
    return intervals
