"""Whether somebody waits."""

from xinglin.platform.waiting import is_waited_for, somebody_waits


def test_a_command_has_time_and_a_request_has_not() -> None:
    assert not is_waited_for()

    with somebody_waits():
        assert is_waited_for()
        with somebody_waits():
            pass
        assert is_waited_for()

    assert not is_waited_for()
