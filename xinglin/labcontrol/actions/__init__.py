"""The only writers of laboratory control."""

from xinglin.labcontrol.actions.eqa import add_scheme, keep_certificate, keep_round
from xinglin.labcontrol.actions.instruments import add_assay, add_instrument, change_assay, change_instrument
from xinglin.labcontrol.actions.losses import close_loss, note_action, note_cause, send_back
from xinglin.labcontrol.actions.materials import add_material, open_material, retire_material
from xinglin.labcontrol.actions.runs import record_run
from xinglin.labcontrol.actions.targets import begin_target, compute_target, end_target, own_values, set_target

__all__ = [
    "add_assay",
    "add_instrument",
    "add_material",
    "add_scheme",
    "begin_target",
    "change_assay",
    "change_instrument",
    "close_loss",
    "compute_target",
    "end_target",
    "keep_certificate",
    "keep_round",
    "note_action",
    "note_cause",
    "open_material",
    "own_values",
    "record_run",
    "retire_material",
    "send_back",
    "set_target",
]
