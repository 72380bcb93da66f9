"""State diagrams, drawn from the tables that `move` enforces."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from django.conf import settings

from xinglin.project.docs.text import chinese, english, page, table


@dataclass(frozen=True, slots=True)
class Machine:
    """One table: which file tells about it, and with which states an object may begin."""

    name: str
    title: str
    starts: tuple[str, ...]


#: By capability and name of the table.
MACHINES = {
    ("diagnostics", "REQUEST_TRANSITIONS"): Machine("request", "Request · 检查申请", ("REQUESTED",)),
    ("laboratory", "SPECIMEN_TRANSITIONS"): Machine("specimen", "Specimen · 检验标本", ("LABELLED",)),
    ("laboratory", "SHIPMENT_TRANSITIONS"): Machine("shipment", "Shipment · 标本转运箱", ("ON_THE_WAY",)),
    ("imaging", "STUDY_TRANSITIONS"): Machine("study", "Study · 影像检查", ("UNMATCHED",)),
    ("pathology", "CASE_TRANSITIONS"): Machine("pathology-case", "Pathology case · 病理病例", ("SUBMITTED",)),
    ("consultations", "TRANSITIONS"): Machine("consultation", "Consultation · 远程会诊", ("REQUESTED",)),
    ("consultations", "INVITATION_TRANSITIONS"): Machine("invitation", "Invitation · 会诊邀请", ("INVITED",)),
    ("consultations", "FEE_TRANSITIONS"): Machine("consultation-fee", "Fee · 会诊费", ("DUE",)),
    ("diagnostics", "CRITICAL_TRANSITIONS"): Machine("critical-value", "Critical value · 危急值", ("NOTIFIED",)),
    ("centres", "ASSIGNMENT_TRANSITIONS"): Machine("assignment", "Assignment · 诊断任务分配", ("ASSIGNED",)),
    ("centres", "SECOND_TRANSITIONS"): Machine("second-reading", "Second reading · 双盲复阅", ("DRAWN",)),
    ("exchange", "INBOUND_TRANSITIONS"): Machine(
        "inbound-message", "Message received · 收到的消息", ("RECEIVED", "REFUSED")
    ),
    ("exchange", "OUTBOUND_TRANSITIONS"): Machine("outbound-message", "Message sent · 发出的消息", ("QUEUED",)),
    ("labcontrol", "TRANSITIONS"): Machine("out-of-control", "Loss of control · 失控", ("OPEN",)),
    ("contracts", "TRANSITIONS"): Machine("agreement", "Agreement · 签约协议", ("DRAFT",)),
    ("institutions", "INSTITUTION_TRANSITIONS"): Machine("institution", "Institution · 签约机构", ("OPEN",)),
    ("institutions", "TRANSITIONS"): Machine("care-agreement", "Agreement with an institution · 医养协议", ("DRAFT",)),
    ("institutions", "ROUND_TRANSITIONS"): Machine("round", "Round · 机构巡诊", ("PLANNED",)),
    ("followups", "TRANSITIONS"): Machine("follow-up-task", "Follow-up task · 随访任务", ("PLANNED",)),
    ("readings", "DEVICE_TRANSITIONS"): Machine("health-device", "Device · 测量设备", ("IN_USE",)),
    ("readings", "READING_TRANSITIONS"): Machine(
        "device-reading", "Reading of a device · 设备测量", ("KEPT", "WAITING")
    ),
    ("programmes", "TRANSITIONS"): Machine(
        "enrolment", "Enrolment in a programme · 疾病管理", ("CANDIDATE", "CONFIRMED")
    ),
    ("programmes", "EDITION_TRANSITIONS"): Machine("edition", "Definition made in the county · 县定方案", ("DRAFT",)),
    ("checkups", "CHECKUP_TRANSITIONS"): Machine("checkup", "Check-up · 健康体检", ("BOOKED",)),
    ("checkups", "STATION_TRANSITIONS"): Machine("checkup-station", "Station of a check-up · 体检站点", ("WAITING",)),
    ("points", "TRANSITIONS"): Machine("points-exchange", "Exchange of points · 积分兑换", ("RESERVED",)),
    ("pocket", "TRANSITIONS"): Machine("pocket-device", "Telephone · 随访手机", ("ACTIVE",)),
    ("pocket", "CHANGE_TRANSITIONS"): Machine("pocket-change", "Change sent by a telephone · 手机记录", ("RECEIVED",)),
    ("submissions", "TRANSITIONS"): Machine("submission", "Submission of figures · 指标上报", ("DUE",)),
    ("evaluations", "ROUND_TRANSITIONS"): Machine("evaluation-round", "Round of assessment · 考核", ("SELF_CHECK",)),
    ("evaluations", "SHEET_TRANSITIONS"): Machine("evaluation-sheet", "Sheet of a unit · 单位考核表", ("OPEN",)),
    ("evaluations", "APPEAL_TRANSITIONS"): Machine("evaluation-appeal", "Appeal · 考核申诉", ("OPEN",)),
    ("evaluations", "FUND_TRANSITIONS"): Machine("fund-distribution", "Distribution of a fund · 资金分配", ("DRAFT",)),
    ("network", "TRANSITIONS"): Machine("facility", "Facility · 机构", ("PLANNED", "OPEN")),
    ("referrals", "TRANSITIONS"): Machine("referral", "Referral · 转诊", ("DRAFT", "SUBMITTED")),
    ("residents", "TRANSITIONS"): Machine("resident", "Registration of a resident · 居民档案", ("ACTIVE",)),
    ("visits", "TRANSITIONS"): Machine("visit", "Visit · 就诊", ("OPEN",)),
}


def pages() -> dict[str, str]:
    """One page for each table, and their index. :raises LookupError: a table nobody has named here"""
    found = {}
    for (capability, name), states in tables().items():
        if (capability, name) not in MACHINES:
            raise LookupError(f"xinglin.{capability}.states.{name} has no entry in xinglin/project/docs/states.py")
        machine = MACHINES[capability, name]
        found[f"states/{machine.name}.md"] = _page(machine, f"xinglin/{capability}/states.py: {name}", states)
    rows = [(f"[{text.splitlines()[2][2:]}]({path.split('/')[1]})",) for path, text in sorted(found.items())]
    intro = "Only `xinglin.platform.transitions.move` writes a status, and only along these arrows."
    return found | {"states/README.md": page("State diagrams", intro, table(("object",), rows))}


def tables() -> dict[tuple[str, str], Mapping[Any, frozenset[Any]]]:
    """Every state table of the capabilities, in order."""
    found = {}
    for path in sorted(Path(settings.BASE_DIR, "xinglin").glob("*/states.py")):
        capability = path.parent.name
        module = import_module(f"xinglin.{capability}.states")
        for name in sorted(vars(module)):
            if name.endswith("TRANSITIONS"):
                found[capability, name] = vars(module)[name]
    return found


def _page(machine: Machine, source: str, states: Mapping[Any, frozenset[Any]]) -> str:
    order = list(states)
    arrows = [f"    [*] --> {start}" for start in machine.starts]
    for state in order:
        arrows += [f"    {state.value} --> {following.value}" for following in sorted(states[state], key=order.index)]
        if not states[state]:
            arrows.append(f"    {state.value} --> [*]")
    labels = [f"    {state.value}: {state.value} {chinese(state.label)}" for state in order]
    diagram = "\n".join(["```mermaid", "stateDiagram-v2", *labels, *arrows, "```"])
    rows = [
        (f"`{state.value}`", chinese(state.label), english(state.label), _following(states[state], order))
        for state in order
    ]
    return page(machine.title, f"From `{source}`.", diagram, table(("state", "中文", "English", "leads to"), rows))


def _following(states: frozenset[Any], order: list[Any]) -> str:
    return ", ".join(f"`{each.value}`" for each in sorted(states, key=order.index)) or "final"
