"""Internal quality control holds results back: what is measured out of control is released by nobody."""

from datetime import datetime
from typing import Any

from xinglin.labcontrol import api as labcontrol
from xinglin.laboratory import catalogue
from xinglin.laboratory.data import Hold


def held_by_control(centre: Any, instrument: str, analyte: str, at: datetime) -> Hold | None:
    """Why quality control forbids the release of an item; None when it does not, or when the item is not controlled.

    `instrument` is what the device calls itself; where it says nothing that is known, any instrument of the laboratory
    that has the item in control will do.
    """
    called = labcontrol.instrument_called(centre.facility_id, instrument)
    state = labcontrol.blocks_release(centre, called, catalogue.analyte(analyte).control, at)
    return Hold(state.code, state.reason) if state.blocks else None
