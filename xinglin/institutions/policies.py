"""What is possible for an institution, an agreement or a round now, whoever asks."""

from datetime import date, timedelta

from django.utils.translation import gettext_lazy as _

from xinglin.institutions import rules
from xinglin.institutions.models import CareAgreement, Institution, Round
from xinglin.institutions.states import IN_FORCE, InstitutionStatus, RoundStatus, Status
from xinglin.platform.decisions import ALLOWED, Decision, impossible


def is_open(institution: Institution) -> Decision:
    """Whether it is open."""
    return ALLOWED if institution.status == InstitutionStatus.OPEN else impossible("closed", _("这个机构已经关停。"))


def can_be_signed(agreement: CareAgreement) -> Decision:
    """Whether it waits for a signature."""
    return ALLOWED if agreement.status == Status.DRAFT else _stands(agreement)


def can_be_ended(agreement: CareAgreement) -> Decision:
    """Whether it binds."""
    return ALLOWED if agreement.status in IN_FORCE else _stands(agreement)


def can_be_renewed(agreement: CareAgreement, *, on: date) -> Decision:
    """Whether its term is near its end."""
    if agreement.status != Status.ACTIVE:
        return _stands(agreement)
    opens = agreement.ends_on - timedelta(days=rules.version(agreement.package).renew_days)
    if on < opens:
        return impossible("too-early", _("还不到续签的时候：%(day)s 起可以续签。") % {"day": opens.isoformat()})
    return ALLOWED


def can_be_done(found: Round, *, on: date) -> Decision:
    """Whether a round is owed, and its days have begun. One that was missed may still be made up."""
    if found.status != RoundStatus.PLANNED:
        return impossible(
            "not-planned", _("这次巡诊现在是：%(status)s。") % {"status": RoundStatus(found.status).label}
        )
    if found.agreement.status != Status.ACTIVE:
        return _stands(found.agreement)
    if on < found.opens_on:
        return impossible("not-open", _("这次巡诊 %(day)s 起才可以做。") % {"day": found.opens_on.isoformat()})
    return ALLOWED


def _stands(agreement: CareAgreement) -> Decision:
    return impossible("not-in-state", _("这份协议现在是：%(status)s。") % {"status": Status(agreement.status).label})
