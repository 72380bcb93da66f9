"""``python -m xinglin token``: make a token for a program from the command line."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from xinglin.accounts import actions
from xinglin.accounts.models import User
from xinglin.platform import clock
from xinglin.platform.actors import system_actor
from xinglin.platform.errors import DomainError, InvalidInput


class Command(BaseCommand):
    """The secret is printed once and kept nowhere."""

    help = "make a token that acts for an account within some of its permissions"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username", help="whose token it is")
        parser.add_argument("label", help="what it is for")
        parser.add_argument("scopes", nargs="+", metavar="resource:action", help="permissions the token is limited to")
        parser.add_argument("--days", type=int, default=90, help="how long it holds (default 90, at most 366)")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["username"].lower()).first()
        if user is None:
            raise CommandError(f"no account is named {options['username']}")
        now = clock.now()
        try:
            new = actions.create_token(
                user=user,
                label=options["label"],
                permitted=options["scopes"],
                expires_at=now + timedelta(days=options["days"]),
                by=system_actor("command line"),
                at=now,
            )
        except InvalidInput as error:
            raise CommandError("; ".join([str(error), *(f"{k}: {v}" for k, v in error.fields.items())])) from error
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(new.secret)
