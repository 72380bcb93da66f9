"""Whether a step is possible now, by the object's state alone."""

from django.utils.translation import gettext_lazy as _

from xinglin.imaging.models import Conflict, Study
from xinglin.imaging.states import STUDY_TRANSITIONS, StudyStatus
from xinglin.platform.decisions import ALLOWED, Decision, impossible
from xinglin.platform.transitions import can_move


def _step(study: Study, to: StudyStatus) -> Decision:
    return can_move(study, table=STUDY_TRANSITIONS, to=to)


def can_be_linked(study: Study) -> Decision:
    """Whether it can be said whose images these are; of a matched study, only which request they answer."""
    if study.status == StudyStatus.MATCHED and study.request_id is not None:
        return impossible("already-matched", _("已经匹配；如有误，请先解除匹配。"))
    return _step(study, StudyStatus.MATCHED)


def can_be_unlinked(study: Study) -> Decision:
    """Whether the match can be taken back."""
    return _step(study, StudyStatus.UNMATCHED)


def can_be_rejected(study: Study) -> Decision:
    """Whether it can be refused: only while it is nobody's."""
    return _step(study, StudyStatus.REJECTED)


def can_be_settled(conflict: Conflict) -> Decision:
    """Whether a conflict still waits."""
    if conflict.settled_at is None:
        return ALLOWED
    return impossible("already-settled", _("已经处理过。"))
