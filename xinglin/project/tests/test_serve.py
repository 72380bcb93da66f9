"""Starting the server."""

import socket

import pytest
from django.core.management import CommandError, call_command

from xinglin.project.management.commands.serve import demand_free


def test_a_second_server_on_the_same_port_is_refused_before_anything_starts() -> None:
    with socket.socket() as first:
        first.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)  # as the web server listens
        first.bind(("127.0.0.1", 0))
        first.listen()
        port = first.getsockname()[1]

        with pytest.raises(CommandError, match="another server is running there"):
            call_command("serve", port=port)

    demand_free("127.0.0.1", port)
