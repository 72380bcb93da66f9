"""What quality control means for results: lost control holds them back, a lapsed external assessment ends their marks."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.urls import reverse

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
    if not state.blocks:
        return None
    url = reverse("labcontrol:loss", args=[state.event]) if state.event else reverse("labcontrol:board")
    return Hold(state.code, state.reason, url)


def ended_by_assessment(marks: Sequence[Any], on: date) -> dict[int, str]:
    """Marks of recognition that end because an item of their panel failed its external assessment, or let it lapse.

    A mark for every item of the laboratory is not ended by one of them; who never took part is judged by the mark alone.
    """
    concerned = [each for each in marks if each.kind == "LAB" and each.item]
    states = labcontrol.eqa_states({each.facility_id for each in concerned}, on=on) if concerned else {}
    ended: dict[int, str] = {}
    for mark in concerned:
        for code in catalogue.expected([mark.item], on=on):
            state = states.get((mark.facility_id, catalogue.analyte(code).control))
            if state is not None and not state.valid:
                ended[mark.pk] = f"{catalogue.analyte(code).title}：{state.reason}"
                break
    return ended
