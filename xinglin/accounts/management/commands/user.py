"""``python -m xinglin user``: make an account from the command line, such as the first administrators."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from xinglin.accounts import actions, queries
from xinglin.accounts.roles import ROLES
from xinglin.platform import clock
from xinglin.platform.actors import system_actor
from xinglin.platform.errors import DomainError, InvalidInput


class Command(BaseCommand):
    """There is no default account and no default password: the first ones are made here, on the machine itself."""

    help = "make an account, give it a role, print its one-time password"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username", help="name to sign in with")
        parser.add_argument("name", help="the holder's own name")
        parser.add_argument("--role", choices=sorted(ROLES), help="given everywhere, or at --facility")
        parser.add_argument("--facility", metavar="CODE", help="code of the facility where the holder works")
        parser.add_argument("--with-subordinates", action="store_true", help="the role covers what is below it too")

    def handle(self, *args: Any, **options: Any) -> None:
        by, now = system_actor("command line"), clock.now()
        try:
            with transaction.atomic():
                facility = _facility(options["facility"])
                facility_id = facility.pk if facility else None
                new = actions.create_user(
                    username=options["username"], name=options["name"], facility_id=facility_id, by=by, at=now
                )
                if options["role"]:
                    actions.grant_role(
                        user=new.user,
                        role=options["role"],
                        facility_id=facility_id,
                        with_subordinates=options["with_subordinates"],
                        everywhere=facility is None,
                        by=by,
                        at=now,
                    )
        except InvalidInput as error:
            raise CommandError("; ".join([str(error), *(f"{k}: {v}" for k, v in error.fields.items())])) from error
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"user name: {new.user.username}\none-time password: {new.password}")
        self.stdout.write("to be changed at the first sign-in; it is kept nowhere else")


def _facility(code: str | None) -> Any | None:
    if code is None:
        return None
    found = next((each for each in queries.facilities_named(code) if each.code == code), None)
    if found is None:
        raise CommandError(f"no facility has the code {code}")
    return found
