"""Real PostgreSQL, Redis and nginx for the tests: own folder, free port, gone with the test run however that ends."""

import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar, Self

import psycopg
import redis
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tests.waiting import until

PORTS = range(20_000, 32_000)
"""Below the ports the system hands to outgoing connections, so that a server finds its own free after a restart."""
START_SECONDS = 60
STOP_SECONDS = 30


def free_port() -> int:
    """A port on 127.0.0.1 nobody listens on."""
    while True:
        port = random.choice(PORTS)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def program(name: str, *patterns: str) -> str:
    """The path of an installed program, the newest of those matching `patterns` or on PATH."""
    found = [str(path) for pattern in patterns for path in sorted(Path("/").glob(pattern))]
    if path := (found[-1] if found else shutil.which(name)):
        return path
    raise FileNotFoundError(f"{name} is not installed; `make setup` installs what the tests need")


class Server(ABC):
    """One process in a folder of its own; it keeps folder and port over stop, kill9 and start."""

    name: ClassVar[str]

    def __init__(self) -> None:
        self.port = free_port()
        self.folder = Path(tempfile.mkdtemp(prefix=f"hub-{self.name}-"))
        self._process: subprocess.Popen[bytes] | None = None

    @classmethod
    @contextmanager
    def running(cls) -> Iterator[Self]:
        """A started server; leaving the block stops it and removes its folder."""
        server = cls()
        try:
            server.start()
            yield server
        finally:
            server.kill9()
            shutil.rmtree(server.folder)

    @abstractmethod
    def command(self) -> Sequence[str]:
        """What runs the server in the foreground."""

    @abstractmethod
    def answers(self) -> bool:
        """Whether the server takes requests now."""

    def start(self) -> None:
        # setpriv: the kernel ends the server when this process is gone, even by kill -9.
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                ["setpriv", "--pdeathsig=INT", *self.command()], cwd=self.folder, stdout=log, stderr=log
            )
        until(self._started, seconds=START_SECONDS, what=f"{self.name} on port {self.port}")

    def stop(self) -> None:
        """Ask it to end in order, and wait until it has."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(STOP_SECONDS)
            self._process = None

    def kill9(self) -> None:
        """What a power cut does to the process and all its children; nothing when it does not run."""
        if self._process is None:
            return
        children = _children(self._process.pid)
        self._process.kill()
        self._process.wait(STOP_SECONDS)
        for child in children:
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        until(lambda: not any(map(_alive, children)), seconds=STOP_SECONDS, what=f"the end of {self.name}")
        self._process = None

    def restart(self) -> None:
        self.stop()
        self.start()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """It stands still and answers nobody, though its port is open, until the block is left."""
        if self._process is None:
            raise RuntimeError(f"{self.name} does not run")
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    def _started(self) -> bool:
        if self._process is None or self._process.poll() is not None:
            raise RuntimeError(f"{self.name} did not start:\n{self.log.read_text()[-2000:]}")
        return self.answers()


class PostgreSQL(Server):
    """A cluster that forgets durability for speed; `DurablePostgreSQL` does not."""

    name = "postgresql"
    settings: ClassVar[Sequence[str]] = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")

    def __init__(self) -> None:
        super().__init__()
        self._user = _server_user(self.folder)
        self._data = self.folder / "data"
        initdb = ["initdb", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
        command = [*self._user, *self._program(initdb), f"--pgdata={self._data}"]
        subprocess.run(command, check=True, capture_output=True, cwd=self.folder)

    def command(self) -> Sequence[str]:
        options = [f"port={self.port}", f"unix_socket_directories={self.folder}", "max_connections=200", *self.settings]
        arguments = [part for option in options for part in ("-c", option)]
        return [*self._user, *self._program(["postgres", "-D", str(self._data), *arguments])]

    def answers(self) -> bool:
        try:
            self.execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def url(self, database: str = "postgres") -> str:
        """As SQLAlchemy and HUB_DATABASE_URL take it."""
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{database}"

    def execute(self, statement: str) -> None:
        """One statement outside any database of a test, such as CREATE DATABASE."""
        address = f"host=127.0.0.1 port={self.port} user=postgres dbname=postgres connect_timeout=3"
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(statement.encode())

    @staticmethod
    def _program(command: Sequence[str]) -> Sequence[str]:
        return [program(command[0], f"usr/lib/postgresql/*/bin/{command[0]}"), *command[1:]]


class DurablePostgreSQL(PostgreSQL):
    """As in production: what was committed is there after a kill -9."""

    name = "durable-postgresql"
    settings: ClassVar[Sequence[str]] = ()


class Redis(Server):
    """A Redis that keeps its data over a restart."""

    name = "redis"

    def command(self) -> Sequence[str]:
        options = {
            "port": str(self.port),
            "bind": "127.0.0.1",
            "dir": str(self.folder),
            "appendonly": "yes",
            "save": "",
        }
        arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
        return [program("redis-server"), *arguments]

    def answers(self) -> bool:
        try:
            with self.client() as client:
                return bool(client.ping())
        except redis.ConnectionError:
            return False

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def client(self) -> redis.Redis:
        return redis.Redis(port=self.port, socket_timeout=5)


class Nginx(Server):
    """A proxy with TLS in front of a port on this machine; `certificate` is its own, to be trusted by who asks."""

    name = "nginx"

    def __init__(self, behind: int = 0) -> None:
        super().__init__()
        key, certificate = self.folder / "key.pem", self.certificate
        write_certificate(key, certificate)
        self._config = self.folder / "nginx.conf"
        self._config.write_text(_PROXY.format(port=self.port, behind=behind, folder=self.folder, user=nginx_user()))

    @classmethod
    @contextmanager
    def before(cls, port: int) -> Iterator[Self]:
        """A proxy in front of that port."""
        server = cls(port)
        try:
            server.start()
            yield server
        finally:
            server.kill9()
            shutil.rmtree(server.folder)

    @property
    def certificate(self) -> Path:
        return self.folder / "certificate.pem"

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"

    def command(self) -> Sequence[str]:
        return [program("nginx", "usr/sbin/nginx"), "-p", str(self.folder), "-c", str(self._config)]

    def answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


class S3(Server):
    """A small S3 service that keeps objects as files, checks signatures (SigV4), and answers ranges and parts."""

    name = "s3"
    key, secret = "hub-tests", "a secret of the tests alone"

    def command(self) -> Sequence[str]:
        options = ["--host", "127.0.0.1", "--port", str(self.port), "--data-dir", str(self.folder / "data")]
        credentials = [f"NANIO_ACCESS_KEY={self.key}", f"NANIO_SECRET_KEY={self.secret}"]
        return ["env", *credentials, str(Path(sys.executable).parent / "nanio"), "serve", *options]

    def answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def bucket(self, name: str) -> None:
        """Make a bucket: a folder, as this service keeps them."""
        (self.folder / "data" / name).mkdir()


_PROXY = """
daemon off; {user}
pid {folder}/nginx.pid;
error_log stderr;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path {folder}; proxy_temp_path {folder};
    fastcgi_temp_path {folder}; uwsgi_temp_path {folder}; scgi_temp_path {folder};
    server {{
        listen 127.0.0.1:{port} ssl;
        ssl_certificate {folder}/certificate.pem;
        ssl_certificate_key {folder}/key.pem;
        client_max_body_size 1m;
        location / {{
            proxy_pass http://127.0.0.1:{behind};
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Host $host;
            proxy_set_header X-Forwarded-For $remote_addr;
            proxy_set_header X-Forwarded-Proto $scheme;
        }}
    }}
}}
"""


def nginx_user() -> str:
    """Who the proxy's workers run as: somebody who may use its folder."""
    return "user root;" if os.geteuid() == 0 else ""


def write_certificate(key_file: Path, certificate_file: Path) -> None:
    """A key and a certificate for ``localhost`` that nobody signed but itself, good for a day."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(issuer_name=name, subject_name=name, public_key=key.public_key())
    made = made.serial_number(x509.random_serial_number())
    made = made.not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(days=1))
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    certificate_file.write_bytes(made.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM))
    key_file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def _server_user(folder: Path) -> Sequence[str]:
    """PostgreSQL refuses to run as root: then it runs as the user its package made, who gets the folder."""
    if os.geteuid() != 0:
        return ()
    user = pwd.getpwnam("postgres")
    os.chown(folder, user.pw_uid, user.pw_gid)
    return ("setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", "--pdeathsig=INT")


def _children(pid: int) -> Sequence[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"  # ended, and only waits for its parent to notice
