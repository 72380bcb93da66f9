"""Words of access that cross the door: permissions as ``resource:action``."""

from dataclasses import dataclass
from enum import StrEnum


class Permission(StrEnum):
    """Everything that may be allowed or refused. Stored as slugs, so a member may be renamed but never its value."""

    # people
    RESIDENT_SEARCH = "resident:search"
    RESIDENT_VIEW = "resident:view"
    RESIDENT_REGISTER = "resident:register"
    RESIDENT_EDIT = "resident:edit"
    RESIDENT_MERGE = "resident:merge"
    RESIDENT_REVEAL = "resident:reveal"  # see identity and telephone numbers in full
    RESIDENT_EXPORT = "resident:export"
    # care
    VISIT_VIEW = "visit:view"
    VISIT_RECORD = "visit:record"
    VISIT_PRESCRIBE = "visit:prescribe"
    FOLLOWUP_VIEW = "followup:view"
    FOLLOWUP_DO = "followup:do"
    FOLLOWUP_CALL = "followup:call"  # contact residents for what is due, see their number while doing so
    METER_MANAGE = "meter:manage"  # home and corner devices: register, lend, report lost
    READING_SORT = "reading:sort"  # say whose a device's reading is
    # programmes of care
    PROGRAMME_VIEW = "programme:view"
    PROGRAMME_DO = "programme:do"  # confirm, enrol, see, end
    PROGRAMME_CONFIDENTIAL = "programme:confidential"  # know who is in a programme that is secret, where one manages
    PROGRAMME_LEAD = "programme:lead"  # of a chief physician's team: cohort, cases, quality checks
    PROGRAMME_WRITE = "programme:write"  # definitions of programmes: write, ask for review, date
    PROGRAMME_REVIEW = "programme:review"  # look at what somebody else wrote, approve or return it
    CHECKUP_VIEW = "checkup:view"  # what was found
    CHECKUP_BOOK = "checkup:book"  # book, cancel, register who comes
    CHECKUP_EXAMINE = "checkup:examine"  # write values at a station
    CHECKUP_REPORT = "checkup:report"  # sign, withdraw
    CHECKUP_MANAGE = "checkup:manage"  # sessions and terminals
    POINTS_VIEW = "points:view"
    POINTS_KEEP = "points:keep"  # behaviours by hand, exchanges, handing over
    POINTS_STOCK = "points:stock"  # goods: receive, count
    # family-doctor contracts
    CONTRACT_VIEW = "contract:view"
    CONTRACT_SIGN = "contract:sign"  # sign, renew, end, show what was done
    CONTRACT_MANAGE = "contract:manage"  # teams, pairing, population, performance pay
    # diagnostics
    REQUEST_PLACE = "request:place"
    REQUEST_VIEW = "request:view"
    RECORDING_UPLOAD = "recording:upload"
    REPORT_WRITE = "report:write"
    REPORT_AMEND = "report:amend"
    CRITICAL_ACKNOWLEDGE = "critical:acknowledge"
    CENTRE_MANAGE = "centre:manage"
    ROSTER_EDIT = "roster:edit"  # who is on duty at a centre
    IMAGE_MATCH = "image:match"  # say whose images these are
    # laboratory
    SPECIMEN_COLLECT = "specimen:collect"  # label, take, hand over
    LABORATORY_WORK = "laboratory:work"  # receive, refuse, enter results, keep and dispose
    RESULT_RELEASE = "result:release"  # review, release, correct
    PATHOLOGY_RECEIVE = "pathology:receive"  # take in specimens, hold or refuse them
    PATHOLOGY_PREPARE = "pathology:prepare"  # blocks, slides, stains, pictures
    PATHOLOGY_LEND = "pathology:lend"  # blocks and slides out of the archive
    # quality control of laboratories
    CONTROL_VIEW = "control:view"
    CONTROL_RECORD = "control:record"  # enter runs, find causes, act
    CONTROL_MANAGE = "control:manage"  # instruments, targets, external assessment
    CONTROL_REVIEW = "control:review"  # close what somebody else handled
    # referrals
    REFERRAL_SEND = "referral:send"
    REFERRAL_VIEW = "referral:view"
    REFERRAL_ANSWER = "referral:answer"
    REFERRAL_ADMIT = "referral:admit"
    REFERRAL_RETURN = "referral:return"
    REFERRAL_RECEIVE_BACK = "referral:receive-back"
    # consultations
    CONSULTATION_REQUEST = "consultation:request"
    CONSULTATION_ANSWER = "consultation:answer"  # as an expert, in the cases one was invited to
    CONSULTATION_DESK = "consultation:desk"  # invite, schedule, keep experts, settle fees
    # network and figures
    NETWORK_VIEW = "network:view"
    NETWORK_EDIT = "network:edit"
    NETWORK_IMPORT = "network:import"
    DEVICE_MANAGE = "device:manage"  # which devices may speak to us
    RECOGNITION_MANAGE = "recognition:manage"  # marks of recognition
    CATALOGUE_EDIT = "catalogue:edit"
    BOARD_VIEW = "board:view"
    FIGURES_KEEP = "figures:keep"  # returns from outside; publishing figures
    EVALUATION_MANAGE = "evaluation:manage"  # open rounds of assessment, publish their results
    EVALUATION_REVIEW = "evaluation:review"  # judge other units, decide appeals
    EVALUATION_ANSWER = "evaluation:answer"  # for one's own unit: self-check, appeal
    FUND_MANAGE = "fund:manage"  # work out and publish distributions of funds
    FUND_APPROVE = "fund:approve"  # approve what another worked out
    # administration, in three separate hands
    USER_MANAGE = "user:manage"  # system administrator: accounts, not rights
    SYSTEM_CONFIGURE = "system:configure"
    EXCHANGE_MANAGE = "exchange:manage"  # messages between systems: what failed, why, again
    GRANT_MANAGE = "grant:manage"  # security administrator: rights, tokens, lock-outs
    TOKEN_MANAGE = "token:manage"  # noqa: S105 - the name of a right
    EMERGENCY_REVIEW = "emergency:review"
    AUDIT_READ = "audit:read"  # audit administrator: reads what the other two did
    # exceptional and own access
    EMERGENCY_OPEN = "emergency:open"  # break-glass
    OWN_RECORD = "own:record"  # the resident's own view


@dataclass(frozen=True, slots=True)
class Holder:
    """An account that holds a permission somewhere; `is_senior`: he may amend reports there."""

    id: int
    username: str
    name: str
    is_senior: bool
