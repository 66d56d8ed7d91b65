"""The proxy as it is shipped: deploy/nginx on free ports, before a web on this machine."""

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from socket import socket
from typing import Self

from tests.servers import Server, free_port, nginx_user, program, write_certificate

SHIPPED = Path(__file__).parents[1] / "deploy/nginx"


class ShippedProxy(Server):
    """nginx with deploy/nginx/plain.conf or tls.conf; only ports, folder and the web's address are put in."""

    name = "proxy"

    def __init__(self, kind: str, behind: int, files: Path | None = None) -> None:
        super().__init__()
        self._files = files or self.folder / "no-files"
        self.tls_port = free_port()
        (self.folder / "certificate/webroot").mkdir(parents=True)
        write_certificate(self.folder / "certificate/privkey.pem", self.certificate)
        for path in (SHIPPED / "hub.inc", SHIPPED / f"{kind}.conf"):
            (self.folder / path.name).write_text(self._placed(path.read_text(), behind))
        self._config = self.folder / "nginx.conf"
        self._config.write_text(_AROUND.format(folder=self.folder, kind=kind, user=nginx_user()))

    def _placed(self, text: str, behind: int) -> str:
        places = {
            "listen 80;": f"listen 127.0.0.1:{self.port};",
            "listen 443 ": f"listen 127.0.0.1:{self.tls_port} ",
            "/etc/nginx/": f"{self.folder}/",
            "http://web:8000": f"http://127.0.0.1:{behind}",
            "/var/lib/hub/blobs/": f"{self._files}/",
        }
        for shipped, here in places.items():
            text = text.replace(shipped, here)
        return text

    @classmethod
    @contextmanager
    def before(cls, port: int, kind: str = "plain", files: Path | None = None) -> Iterator[Self]:
        """A running proxy in front of that port; `files`: the blobs it sends for Hub."""
        server = cls(kind, port, files)
        try:
            server.start()
            yield server
        finally:
            server.kill9()
            shutil.rmtree(server.folder)

    @property
    def certificate(self) -> Path:
        return self.folder / "certificate/fullchain.pem"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def tls_url(self) -> str:
        return f"https://localhost:{self.tls_port}"

    def command(self) -> Sequence[str]:
        nginx = program("nginx", "usr/sbin/nginx")
        return [nginx, "-p", str(self.folder), "-c", str(self._config), "-g", "daemon off;"]

    def answers(self) -> bool:
        with socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def checked(self) -> subprocess.CompletedProcess[str]:
        """What nginx itself says of the settings."""
        return subprocess.run([*self.command(), "-t"], capture_output=True, text=True, check=False)


_AROUND = """
{user}
pid {folder}/nginx.pid;
error_log stderr;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path {folder}; proxy_temp_path {folder};
    fastcgi_temp_path {folder}; uwsgi_temp_path {folder}; scgi_temp_path {folder};
    include {folder}/{kind}.conf;
}}
"""
