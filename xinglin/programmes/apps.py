from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProgrammesConfig(AppConfig):
    name = "xinglin.programmes"
    label = "programmes"

    def ready(self) -> None:
        from xinglin.accounts.api import describe_events
        from xinglin.programmes import jobs, kept
        from xinglin.programmes.events import TITLES
        from xinglin.programmes.rules import catalogue

        catalogue.keep_in(kept.dated_definitions)
        describe_events(TITLES)
        jobs.connect()
        self.answer_residents()
        self.answer_others()
        self.navigate()

    def answer_residents(self) -> None:
        """What the record of a resident asks."""
        from xinglin.programmes import screening, secrecy, timeline, transferring
        from xinglin.residents.api import (
            Topic,
            register_measurements,
            register_secret_codes,
            register_secret_conditions,
            register_timeline,
        )

        register_timeline(timeline.provide, topic=Topic.FOLLOWUPS)
        register_timeline(screening.told, topic=Topic.FOLLOWUPS)
        register_timeline(transferring.told, topic=Topic.RECORD)
        register_measurements(timeline.measured)
        register_measurements(screening.measured)
        register_secret_codes(secrecy.secret_codes)
        register_secret_conditions(secrecy.secret_conditions)

    def answer_others(self) -> None:
        """What follow-ups, visits and readings ask."""
        from xinglin.followups.api import register_contacts, register_plan_words, register_purposes
        from xinglin.programmes import contacting, panels, reading_out, titles
        from xinglin.programmes.actions.alerting import ORIGIN
        from xinglin.readings.api import register_observations
        from xinglin.visits.api import register_panels

        register_purposes("programmes", contacting.due, contacting.said)
        register_contacts(contacting.contacts)
        register_plan_words(ORIGIN, titles.rule_said)
        register_observations("survey", reading_out.GRADES)
        register_panels(before=panels.before, after=panels.after)

    def navigate(self) -> None:
        """Lists and figures in the menu."""
        from xinglin.accounts.data import Permission
        from xinglin.web.context import Entry, add_entry

        view, edit = Permission.PROGRAMME_VIEW, Permission.RESIDENT_EDIT
        write, board = Permission.PROGRAMME_WRITE, Permission.BOARD_VIEW
        for each in (
            Entry("disease", _("三高共管"), "programmes:levels", "heart", view, order=33),
            Entry("manage", _("疾病管理人群"), "programmes:population", "users", view, order=34, instead=board),
            Entry("disease", _("病种方案工作台"), "programmes:workshop", "clipboard", write, order=36),
            Entry("disease", _("单病种目录"), "programmes:singles", "table", view, order=37, instead=board),
            Entry("manage", _("批量转移"), "programmes:transfers", "transfer", edit, order=35, also=view),
            Entry("care", _("今日随访"), "programmes:day", "calendar", view, order=32),
        ):
            add_entry(each)
