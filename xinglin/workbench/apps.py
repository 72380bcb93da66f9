from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WorkbenchConfig(AppConfig):
    name = "xinglin.workbench"
    label = "workbench"

    def ready(self) -> None:
        from xinglin.web.context import CHROME, Entry, add_entry  # noqa: PLC0415

        CHROME.groups.update(
            {
                "care": _("诊疗"), "disease": _("随访与慢病"), "centre": _("诊断中心"), "exam": _("检查检验"), "figures": _("指标与考核"),
                "manage": _("业务管理"), "network": _("机构体系"), "system": _("系统"),
            }
        )  # fmt: skip
        add_entry(Entry("care", _("工作台"), "workbench:home", "home", "", order=0))
