"""Roles: who may hold them and what they may do. A grant binds a role to places and a period.

The three administrators are kept apart (GB/T 22239 level 3): one makes accounts, one gives rights, one reads what both
did. None of them sees residents. `EXCLUSIVE` lists which roles one account can never hold together.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from xinglin.accounts.data import Permission as P

_LOOK = {
    P.RESIDENT_SEARCH,
    P.RESIDENT_VIEW,
    P.VISIT_VIEW,
    P.REQUEST_VIEW,
    P.REFERRAL_VIEW,
    P.FOLLOWUP_VIEW,
    P.NETWORK_VIEW,
}
_TREAT = _LOOK | {
    P.RESIDENT_REGISTER,
    P.RESIDENT_EDIT,
    P.RESIDENT_REVEAL,
    P.VISIT_RECORD,
    P.VISIT_PRESCRIBE,
    P.REQUEST_PLACE,
    P.RECORDING_UPLOAD,
    P.SPECIMEN_COLLECT,
    P.CRITICAL_ACKNOWLEDGE,
    P.REFERRAL_SEND,
    P.CONSULTATION_REQUEST,
    P.FOLLOWUP_DO,
    P.FOLLOWUP_CALL,
    P.METER_MANAGE,
    P.READING_SORT,
    P.PROGRAMME_VIEW,
    P.PROGRAMME_DO,
    P.EMERGENCY_OPEN,
}
_SIGN = {P.CONTRACT_VIEW, P.CONTRACT_SIGN, P.POINTS_VIEW, P.POINTS_KEEP, P.CHECKUP_BOOK}
_EXAMINE = {P.CHECKUP_VIEW, P.CHECKUP_EXAMINE}
_ASSESS = {P.EVALUATION_MANAGE, P.EVALUATION_REVIEW, P.FUND_MANAGE, P.FUND_APPROVE}


@dataclass(frozen=True, slots=True)
class Role:
    """One role. `needs_second_factor`: signing in takes TOTP or a security key."""

    slug: str
    title: Promise
    holder: Promise
    permissions: frozenset[P]
    needs_second_factor: bool = False
    export: bool = False


ROLES: dict[str, Role] = {
    role.slug: role
    for role in (
        Role(
            "village-doctor",
            _("村医"),
            _("在村卫生室执业的乡村医生或执业（助理）医师"),
            frozenset(_TREAT | _SIGN | _EXAMINE | {P.PROGRAMME_CONFIDENTIAL}),
        ),
        Role(
            "township-doctor",
            _("卫生院医生"),
            _("乡镇卫生院、社区卫生服务中心的医师"),
            frozenset(
                _TREAT
                | _SIGN
                | _EXAMINE
                | {
                    P.CHECKUP_REPORT,
                    P.CHECKUP_MANAGE,
                    P.CONTRACT_MANAGE,
                    P.POINTS_STOCK,
                    P.RESIDENT_MERGE,
                    P.REFERRAL_ANSWER,
                    P.REFERRAL_ADMIT,
                    P.REFERRAL_RETURN,
                    P.REFERRAL_RECEIVE_BACK,
                    P.CONSULTATION_ANSWER,
                    P.PROGRAMME_LEAD,
                    P.PROGRAMME_CONFIDENTIAL,
                    P.BOARD_VIEW,
                    P.EVALUATION_ANSWER,
                }
            ),
        ),
        Role(
            "public-health-worker",
            _("公卫人员"),
            _("从事基本公共卫生服务的人员"),
            frozenset(
                _LOOK
                | _SIGN
                | _EXAMINE
                | {
                    P.CHECKUP_MANAGE,
                    P.RESIDENT_REGISTER,
                    P.RESIDENT_EDIT,
                    P.RESIDENT_REVEAL,
                    P.RESIDENT_MERGE,
                    P.POINTS_STOCK,
                    P.FOLLOWUP_DO,
                    P.FOLLOWUP_CALL,
                    P.METER_MANAGE,
                    P.READING_SORT,
                    P.PROGRAMME_VIEW,
                    P.PROGRAMME_DO,
                    P.PROGRAMME_LEAD,
                    P.PROGRAMME_CONFIDENTIAL,
                    P.BOARD_VIEW,
                    P.EVALUATION_ANSWER,
                }
            ),
        ),
        Role(
            "doctor-assistant",
            _("医生助理"),
            _("一站式健康管理中心的医生助理：建档、签约、预约体检、兑换积分，不写诊疗记录"),
            frozenset(_SIGN | {P.RESIDENT_SEARCH, P.RESIDENT_VIEW, P.RESIDENT_REGISTER, P.NETWORK_VIEW}),
        ),
        Role(
            "mental-health-worker",
            _("精防人员"),
            _("负责严重精神障碍管理的医师、精神卫生防治人员"),
            frozenset(
                _LOOK
                | {
                    P.RESIDENT_REVEAL,
                    P.FOLLOWUP_DO,
                    P.FOLLOWUP_CALL,
                    P.PROGRAMME_VIEW,
                    P.PROGRAMME_DO,
                    P.PROGRAMME_LEAD,
                    P.PROGRAMME_CONFIDENTIAL,
                }
            ),
        ),
        Role(
            "technician",
            _("影像/心电技师"),
            _("采集影像、心电的技术人员"),
            frozenset(
                {
                    P.RESIDENT_SEARCH,
                    P.RESIDENT_VIEW,
                    P.REQUEST_VIEW,
                    P.REQUEST_PLACE,
                    P.RECORDING_UPLOAD,
                    P.IMAGE_MATCH,
                    P.NETWORK_VIEW,
                }
            ),
        ),
        Role(
            "reading-doctor",
            _("诊断医生"),
            _("县级诊断中心出具报告的医师"),
            frozenset(
                {
                    P.REQUEST_VIEW,
                    P.REPORT_WRITE,
                    P.REPORT_AMEND,
                    P.IMAGE_MATCH,
                    P.PATHOLOGY_PREPARE,
                    P.PATHOLOGY_LEND,
                    P.CENTRE_MANAGE,
                    P.ROSTER_EDIT,
                    P.CONSULTATION_ANSWER,
                    P.NETWORK_VIEW,
                    P.BOARD_VIEW,
                }
            ),
        ),
        Role(
            "laboratory-technician",
            _("检验技师"),
            _("检验中心核收标本、上机检验的技术人员"),
            frozenset(
                {
                    P.REQUEST_VIEW,
                    P.SPECIMEN_COLLECT,
                    P.LABORATORY_WORK,
                    P.CONTROL_VIEW,
                    P.CONTROL_RECORD,
                    P.NETWORK_VIEW,
                }
            ),
        ),
        Role(
            "laboratory-doctor",
            _("检验医师"),
            _("检验中心审核、发布结果的医师或主管技师"),
            frozenset(
                {
                    P.REQUEST_VIEW,
                    P.LABORATORY_WORK,
                    P.RESULT_RELEASE,
                    P.CENTRE_MANAGE,
                    P.CONTROL_VIEW,
                    P.CONTROL_RECORD,
                    P.CONTROL_MANAGE,
                    P.CONTROL_REVIEW,
                    P.NETWORK_VIEW,
                    P.BOARD_VIEW,
                }
            ),
        ),
        Role(
            "pathology-technician",
            _("病理技师"),
            _("病理诊断中心核收标本、取材记录、制片和管理档案的技术人员"),
            frozenset({P.REQUEST_VIEW, P.PATHOLOGY_RECEIVE, P.PATHOLOGY_PREPARE, P.PATHOLOGY_LEND, P.NETWORK_VIEW}),
        ),
        Role(
            "specialist",
            _("专科医生"),
            _("县级医院临床科室医师"),
            frozenset(
                _TREAT
                | {
                    P.REFERRAL_ADMIT,
                    P.REFERRAL_RETURN,
                    P.CONSULTATION_ANSWER,
                    P.PROGRAMME_LEAD,
                    P.PROGRAMME_WRITE,
                    P.PROGRAMME_REVIEW,
                }
            ),
        ),
        Role(
            "referral-desk",
            _("转诊服务中心"),
            _("县级医院转诊服务中心的工作人员"),
            frozenset(
                _LOOK | {P.RESIDENT_REGISTER, P.RESIDENT_REVEAL, P.REFERRAL_ANSWER, P.REFERRAL_ADMIT, P.REFERRAL_SEND}
            ),
        ),
        Role(
            "consultation-desk",
            _("远程会诊中心"),
            _("组织远程会诊、管理专家和名医工作站的工作人员，不看病历资料"),
            frozenset({P.CONSULTATION_DESK, P.NETWORK_VIEW}),
        ),
        Role(
            "consulting-expert",
            _("外聘会诊专家"),
            _("县外受邀专家，只能看到邀请本人的会诊"),
            frozenset({P.CONSULTATION_ANSWER, P.NETWORK_VIEW}),
        ),
        Role(
            "followup-caller",
            _("随访专员"),
            _("随访中心打电话的人员，只在通话期间看到居民的电话，不看病历"),
            frozenset({P.FOLLOWUP_CALL, P.NETWORK_VIEW}),
        ),
        Role(
            "pharmacist",
            _("药师"),
            _("药房、审方中心的药学人员"),
            frozenset({P.RESIDENT_SEARCH, P.RESIDENT_VIEW, P.VISIT_VIEW, P.NETWORK_VIEW}),
        ),
        Role(
            "consortium-manager",
            _("医共体管理人员"),
            _("医共体办公室、牵头医院管理人员"),
            frozenset(
                {
                    P.NETWORK_VIEW,
                    P.NETWORK_EDIT,
                    P.NETWORK_IMPORT,
                    P.CATALOGUE_EDIT,
                    P.BOARD_VIEW,
                    P.FIGURES_KEEP,
                    P.RECOGNITION_MANAGE,
                    P.CONTRACT_MANAGE,
                    P.PROGRAMME_WRITE,
                    P.PROGRAMME_REVIEW,
                    *_ASSESS,
                    P.EVALUATION_ANSWER,
                }
            ),
            needs_second_factor=True,
            export=True,
        ),
        Role(
            "bureau-officer",
            _("卫健局工作人员"),
            _("县级卫生健康行政部门工作人员"),
            frozenset({P.NETWORK_VIEW, P.NETWORK_EDIT, P.BOARD_VIEW, P.FIGURES_KEEP, *_ASSESS}),
            needs_second_factor=True,
            export=True,
        ),
        Role(
            "system-administrator",
            _("系统管理员"),
            _("管理账号与系统参数，不授权、不看诊疗数据"),
            frozenset({P.USER_MANAGE, P.SYSTEM_CONFIGURE, P.DEVICE_MANAGE, P.EXCHANGE_MANAGE, P.NETWORK_VIEW}),
            needs_second_factor=True,
        ),
        Role(
            "security-administrator",
            _("安全管理员"),
            _("授予和收回权限、令牌，复核紧急访问"),
            frozenset({P.GRANT_MANAGE, P.TOKEN_MANAGE, P.EMERGENCY_REVIEW, P.NETWORK_VIEW}),
            needs_second_factor=True,
        ),
        Role(
            "audit-administrator",
            _("审计管理员"),
            _("查阅审计记录，监督前两类管理员"),
            frozenset({P.AUDIT_READ, P.NETWORK_VIEW}),
            needs_second_factor=True,
            export=True,
        ),
        Role("resident", pgettext_lazy("role", "居民"), _("本人查看自己的记录"), frozenset({P.OWN_RECORD})),
    )
}

#: No account holds two of these at once.
EXCLUSIVE = frozenset({"system-administrator", "security-administrator", "audit-administrator"})
