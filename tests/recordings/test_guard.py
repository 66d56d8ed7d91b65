"""Downloads go nowhere they should not, take no password abroad, and end."""

import ssl
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from hub import download as downloading
from hub.domain.errors import Rejected, Transient
from hub.domain.recordings import Address
from hub.download import download
from hub.download.peers import Inward, is_public, judged
from tests.media import Media, Said, tone
from tests.servers import write_certificate

SOUND = tone()
FILE = Said(body=SOUND)
HOME = frozenset({"127.0.0.1"})


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.8.9.1", "0.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254"),
        *("100.64.0.1", "192.0.0.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.2.1"),
        *("::", "::1", "::ffff:8.8.8.8", "::ffff:127.0.0.1", "::8.8.8.8", "64:ff9b::808:808", "64:ff9b:1::1"),
        *("2002:7f00:1::", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1"),
        *("ff02::1", "2001:db8::1", "nothing"),
    ],
)
def test_what_is_not_of_the_public_internet(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.215.14", "2606:4700:4700::1111"])
def test_what_is(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "host",
    [
        *("localhost", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "127.0.0.1.", "0", "[::1]"),
        *("[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::1]", "169.254.169.254"),
    ],
)
def test_no_spelling_leads_inside(host: str) -> None:
    with pytest.raises((Inward, Transient)):
        judged(urlsplit(f"https://{host}/x.wav"), allowed=False, ports=(443,))


@pytest.mark.parametrize(
    "url",
    [
        *("file:///etc/passwd", "ftp://example.com/x", "gopher://127.0.0.1", "http://93.184.215.14/x.wav", "https://"),
        *("https://93.184.215.14:22/x.wav", "https://user:word@93.184.215.14/", "https://93.184.215.14:99999/x"),
        *(
            "https://93.184.215.14/a b",
            "https://93.184.215.14/\r\nX: y",
            "//93.184.215.14/x",
            "x.wav",
            "https://[::1/x",
        ),
    ],
)
def test_what_is_no_address_to_ask(url: str, tmp_path: Path) -> None:
    with pytest.raises(Rejected):
        download(Address(url=url), tmp_path / "file")


def test_a_password_goes_to_its_own_host_alone(media: Media, tmp_path: Path) -> None:
    with Media.running("127.0.0.2", [FILE]) as abroad:
        media.answers = [Said(302, headers={"Location": "/further"}), Said(302, headers={"Location": abroad.url})]
        hosts = frozenset({"127.0.0.1", "127.0.0.2"})
        where = Address(url=media.url, auth=("anna", "secret"), headers={"X-Key": "secret"}, hosts=hosts)
        assert download(where, tmp_path / "file").size == len(SOUND)
        assert (tmp_path / "file").read_bytes() == SOUND
        assert [one.path for one in media.asked] == ["/", "/further"]
        assert all(one.headers["authorization"].startswith("Basic ") for one in media.asked)
        (foreign,) = abroad.asked
        assert not {"authorization", "x-key"} & set(foreign.headers)


def test_three_redirects_are_followed_and_no_fourth(media: Media, tmp_path: Path) -> None:
    media.answers = [Said(307, headers={"Location": "/on"})]
    with pytest.raises(Rejected, match="more than 3 times"):
        download(Address(url=media.url, hosts=HOME), tmp_path / "file")
    assert len(media.asked) == 4


def test_one_that_promises_no_length_is_cut_at_the_limit(media: Media, tmp_path: Path) -> None:
    media.answers = [Said(body=bytes(3_000_000), headers={"Content-Length": ""})]
    with pytest.raises(Rejected, match="larger than 1 MB"):
        download(Address(url=media.url, hosts=HOME), tmp_path / "file", limit=1_000_000)
    assert (tmp_path / "file").stat().st_size <= 1_000_000


def test_one_that_breaks_off_in_a_chunk_is_noticed(media: Media, tmp_path: Path) -> None:
    chunked = {"Content-Length": "", "Transfer-Encoding": "chunked"}
    media.answers = [Said(body=b"4000\r\n" + bytes(100), headers=chunked)]
    with pytest.raises(Transient, match="it broke off"):
        download(Address(url=media.url, hosts=HOME), tmp_path / "file")


def test_nobody_waits_for_one_that_takes_too_long(media: Media, tmp_path: Path) -> None:
    media.answers = [FILE]
    with pytest.raises(Transient, match="it took too long"):
        download(Address(url=media.url, hosts=HOME), tmp_path / "file", seconds=0.0)


def test_a_certificate_must_be_of_that_host(media: Media, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The connection goes to the number that was judged, in the name of its host."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    write_certificate(key, certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    media.encrypt(context)
    media.answers = [FILE]
    hosts = frozenset({"localhost", "127.0.0.1"})
    at = [Address(url=f"https://{host}:{media.port}/x.wav", hosts=hosts) for host in ("localhost", "127.0.0.1")]
    with pytest.raises(Transient, match="certificate"):
        download(at[0], tmp_path / "unknown")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    assert download(at[0], tmp_path / "known").size == len(SOUND)
    with pytest.raises(Transient, match="certificate"):
        download(at[1], tmp_path / "another")


def test_nobody_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(Transient, match="cannot be reached"):
        download(Address(url="http://127.0.0.1:9/x.wav", hosts=HOME), tmp_path / "file")
    assert downloading.REDIRECTS == 3
