"""What is possible for an institution, an agreement or a round now, whoever asks."""

from datetime import date

from django.utils.translation import gettext_lazy as _

from xinglin.contracts import api as contracts
from xinglin.institutions import rules
from xinglin.institutions.models import CareAgreement, Institution, Round
from xinglin.institutions.states import InstitutionStatus, RoundStatus, Status
from xinglin.platform.decisions import ALLOWED, Decision, impossible


def is_open(institution: Institution) -> Decision:
    """Whether it is open."""
    return ALLOWED if institution.status == InstitutionStatus.OPEN else impossible("closed", _("这个机构已经关停。"))


def can_be_renewed(agreement: CareAgreement, *, on: date) -> Decision:
    """Whether its term is near its end, as its package says."""
    return contracts.can_be_renewed(agreement, days=rules.version(agreement.package).renew_days, on=on)


def can_be_done(found: Round, *, on: date) -> Decision:
    """Whether a round is owed, and its days have begun. One that was missed may still be made up."""
    if found.status != RoundStatus.PLANNED:
        return impossible(
            "not-planned", _("这次巡诊现在是：%(status)s。") % {"status": RoundStatus(found.status).label}
        )
    if found.agreement.status != Status.ACTIVE:
        return contracts.stands(found.agreement)
    if on < found.opens_on:
        return impossible("not-open", _("这次巡诊 %(day)s 起才可以做。") % {"day": found.opens_on.isoformat()})
    return ALLOWED
