from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LaboratoryConfig(AppConfig):
    name = "xinglin.laboratory"
    label = "laboratory"
    verbose_name = "laboratory"

    def ready(self) -> None:
        from xinglin.accounts.api import describe_events
        from xinglin.accounts.data import Permission as P
        from xinglin.diagnostics.kinds import has_page, has_wording
        from xinglin.laboratory import measured, oru, queries, wording
        from xinglin.laboratory.checks import register_release_check
        from xinglin.laboratory.control import ended_by_assessment, held_by_control
        from xinglin.laboratory.events import TITLES
        from xinglin.recognition.api import register_validity
        from xinglin.residents.api import register_measurements
        from xinglin.web.context import Entry, add_entry

        describe_events(TITLES)
        has_page("LAB", "laboratory:order")
        has_wording("LAB", wording.in_words)
        oru.register_handler()
        register_measurements(measured.provide)
        register_release_check(held_by_control)
        register_validity(ended_by_assessment)
        for group, label, name, icon, permission, order, badge in (
            ("exam", _("标本采集"), "collect", "drop", P.SPECIMEN_COLLECT, 44, queries.rows_to_collect),
            ("exam", _("标本送检"), "hand_over", "transfer", P.SPECIMEN_COLLECT, 45, None),
            ("centre", _("标本核收"), "receive", "inbox", P.LABORATORY_WORK, 12, queries.rows_coming),
            ("centre", _("检验工作列表"), "bench", "flask", P.LABORATORY_WORK, 13, queries.rows_on_bench),
            ("centre", _("结果审核"), "review", "check-circle", P.RESULT_RELEASE, 14, queries.rows_to_review),
            ("centre", _("留样与处置"), "retention", "database", P.LABORATORY_WORK, 16, None),
            ("centre", _("检验时效"), "turnaround", "timer", P.RESULT_RELEASE, 17, None),
        ):
            add_entry(Entry(group, label, f"laboratory:{name}", icon, permission, order=order, badge=badge))
        add_entry(
            Entry("centre", _("检验危急值"), "diagnostics:criticals", "alert-octagon", P.RESULT_RELEASE, order=15)
        )
        add_entry(
            Entry("care", _("我的检验结果"), "laboratory:mine", "flask", P.OWN_RECORD, order=20, short=_("我的检验"))
        )
