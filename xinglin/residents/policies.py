"""What the state of a registration allows, whoever asks."""

from django.utils.translation import gettext_lazy as _

from xinglin.platform.decisions import ALLOWED, Decision, impossible
from xinglin.residents.models import Consent, Merge, Resident

Status = Resident.Status


def can_be_edited(resident: Resident) -> Decision:
    """A merged registration is history: changes belong to the one that was kept."""
    if resident.status == Status.MERGED:
        return impossible("merged", _("这份档案已合并到另一份，请在保留的档案上修改。"))
    return ALLOWED


def can_be_merged(kept: Resident, merged: Resident) -> Decision:
    """Two different registrations, neither merged already."""
    if kept.pk == merged.pk:
        return impossible("same", _("两份档案是同一份，不能合并。"))
    if Status.MERGED in {kept.status, merged.status}:
        return impossible("merged", _("其中一份档案已经合并过，请刷新后再看。"))
    if kept.died_on != merged.died_on and kept.died_on and merged.died_on:
        return impossible("deaths-differ", _("两份档案的死亡日期不同，请先核实。"))
    return ALLOWED


def can_be_undone(merge: Merge) -> Decision:
    """A merge is undone once."""
    if merge.undone_at is not None:
        return impossible("undone", _("这次合并已经撤销。"))
    return ALLOWED


def can_be_withdrawn(consent: Consent) -> Decision:
    """Only what was agreed to, once."""
    if not consent.agreed:
        return impossible("not-agreed", _("这条记录是“不同意”，无需撤回。"))
    if consent.withdrawn_at is not None:
        return impossible("withdrawn", _("这份同意已经撤回。"))
    return ALLOWED
