"""Places for live desks, and whether somebody is still at the other end."""

import socket

from hub.web.pages.streams import Streams, hung_up


def test_places_are_bounded_and_given_back() -> None:
    streams = Streams(1)
    assert streams.enter()
    assert not streams.enter()
    streams.leave()
    assert streams.enter()


def test_a_closed_line_is_noticed_and_an_open_one_is_not_disturbed() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert not hung_up({"gunicorn.socket": ours})
        theirs.sendall(b"x")
        assert not hung_up({"gunicorn.socket": ours})
        assert ours.recv(1) == b"x"
        theirs.close()
        assert hung_up({"gunicorn.socket": ours})
    assert hung_up({"gunicorn.socket": ours})


def test_another_server_cannot_tell() -> None:
    assert not hung_up({})
