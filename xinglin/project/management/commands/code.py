"""``xinglin code USERNAME``: the present one-time code of a demonstration account."""

from typing import Any

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core.management.base import BaseCommand, CommandError, CommandParser

from xinglin.project.demo import people


class Command(BaseCommand):
    help = "Print the one-time code of an account of the demonstration (its secret lies beside its password)."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", help="account of the demonstration")

    def handle(self, *args: Any, **options: Any) -> None:
        secret = next((each.totp for each in people.load().values() if each.username == options["username"]), "")
        if not secret:
            raise CommandError(f"{options['username']} is no account of the demonstration with a second factor")
        counter = next(iter(yield_hotp_counters_from_time()))
        self.stdout.write(format_hotp_value(hotp_value(secret, counter)))
