"""Whether somebody waits, and what is asked of the worker when he no longer does."""

from xinglin.platform.waiting import afterwards, is_waited_for, somebody_waits


def test_a_command_has_time_and_a_request_has_not() -> None:
    assert not is_waited_for()

    with somebody_waits():
        assert is_waited_for()
        with somebody_waits():
            pass
        assert is_waited_for()

    assert not is_waited_for()


def test_what_is_asked_for_waits_until_the_request_is_over() -> None:
    done: list[str] = []

    with somebody_waits() as asked:
        afterwards(lambda: done.append("asked"))
        assert not done

    assert len(asked) == 1
    asked[0]()
    assert done == ["asked"]
