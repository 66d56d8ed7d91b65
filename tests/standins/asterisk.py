"""Servers that sit where a PBX should: one that says whatever bytes a test wants, to whoever connects."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

LIMIT_SECONDS = 10.0


@contextmanager
def saying(*speeches: bytes) -> Iterator[int]:
    """Say one speech per line the client sends (the first at once), then listen until it leaves; gives the port."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        door.settimeout(LIMIT_SECONDS)
        thread = threading.Thread(target=_serve, args=(door, speeches), daemon=True)
        thread.start()
        yield door.getsockname()[1]
    thread.join(LIMIT_SECONDS)


def _serve(door: socket.socket, speeches: tuple[bytes, ...]) -> None:
    with suppress(OSError):
        connection, _ = door.accept()
        with connection:
            connection.settimeout(LIMIT_SECONDS)
            for speech in speeches:
                connection.sendall(speech)
                connection.recv(65536)
            while connection.recv(65536):
                pass
