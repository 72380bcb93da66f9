from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PathologyConfig(AppConfig):
    name = "xinglin.pathology"
    label = "pathology"
    verbose_name = "pathology"

    def ready(self) -> None:
        from xinglin.accounts.api import describe_events
        from xinglin.accounts.data import Permission
        from xinglin.diagnostics.kinds import has_page
        from xinglin.pathology import badges, jobs
        from xinglin.pathology.events import TITLES
        from xinglin.web.context import Entry, add_entry

        describe_events(TITLES)
        jobs.connect()
        has_page("PATHOLOGY", "pathology:of_request")
        for group, label, url_name, icon, permission, order, badge in (
            ("exam", _("病理申请"), "sent", "microscope", Permission.REQUEST_PLACE, 46, badges.held),
            ("centre", _("病理核收"), "desk", "inbox", Permission.PATHOLOGY_RECEIVE, 13, badges.at_desk),
            ("centre", _("取材制片"), "bench", "grid", Permission.PATHOLOGY_PREPARE, 14, badges.to_make),
            ("centre", _("病理诊断"), "reading", "microscope", Permission.REPORT_WRITE, 15, badges.to_read),
            ("centre", _("病理借阅"), "loans", "book", Permission.PATHOLOGY_LEND, 16, None),
        ):
            add_entry(Entry(group, label, f"pathology:{url_name}", icon, permission, order=order, badge=badge))
        # Who heads another centre has no business here.
        add_entry(
            Entry(
                "centre", _("病理质控"), "pathology:quality", "chart", Permission.CENTRE_MANAGE, order=26,
                also=Permission.PATHOLOGY_PREPARE,
            )
        )  # fmt: skip
