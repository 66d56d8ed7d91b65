"""A new phone system is three paths: its module, its captured deliveries, its page. Nothing else knows its name."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from hub.connectors import discover
from hub.domain.delivery import Delivery
from hub.domain.errors import Misconfigured, Unauthentic
from tests.company import Company
from tests.contracts import test_connector as contract
from tests.contracts.connectors import Case
from tests.pipeline.office import MONDAY, Office
from tests.pipeline.providers.acme import SIGNATURE, Acme, signature
from tests.waiting import until

ROOT = Path(__file__).parents[2]
MODULE = ROOT / "tests" / "pipeline" / "providers" / "acme.py"
CAPTURED = ROOT / "tests" / "fixtures" / "telephony" / "acme"
PAGE = MODULE.with_suffix(".md")
TRUTH = json.loads((CAPTURED / "truth.json").read_text())["calls"]
DELIVERIES = [path.read_bytes() for path in sorted(CAPTURED.glob("*-*-*.json"))]
SECRET = json.loads((CAPTURED / "connection.json").read_text())["secret"]


@dataclass(frozen=True)
class Newcomer(Case):
    @property
    def page(self) -> Path:
        return PAGE


CONTRACT = [test for name, test in vars(contract).items() if name.startswith("test_")]


@pytest.mark.parametrize("test", CONTRACT, ids=lambda test: test.__name__)
def test_it_keeps_to_the_contract_of_every_connector(test: Callable[..., None]) -> None:
    test(case=Newcomer(Acme()))


def test_it_is_found_by_being_there() -> None:
    assert isinstance(discover(("tests.pipeline.providers",))["acme"], Acme)
    assert "acme" not in discover()


def test_nothing_of_hub_knows_its_name() -> None:
    naming = [path for path in (ROOT / "hub").rglob("*.*") if path.suffix != ".pyc" and b"acme" in path.read_bytes()]
    assert naming == []


def test_what_it_delivered_is_what_happened(office: Office) -> None:
    for body in DELIVERIES:
        office.accept(body)
    office.drain()
    assert [{name: call[name] for name in truth} for call, truth in zip(office.calls(), TRUTH, strict=True)] == TRUTH


@pytest.mark.parametrize("offered", ["", "0" * 64, "ключ", "\x00"])
def test_a_sender_that_cannot_prove_itself_is_refused(offered: str) -> None:
    settings = Acme.Settings.model_validate({"secret": SECRET})
    headers = {SIGNATURE: offered}
    delivery = Delivery(connection_id=1, body=DELIVERIES[0], headers=headers, received_at=MONDAY, settings=settings)
    with pytest.raises(Unauthentic):
        Acme().verify(delivery)


@pytest.fixture(scope="module")
def company() -> Iterator[Company]:
    """A company that installed Acme's connector with pip and changed nothing else."""
    with Company.embedded(acme="tests.pipeline.providers.acme:Acme") as company:
        company.run("connection", "add", "acme", "voice", "--set", f"secret={SECRET}")
        yield company


def test_an_installed_connector_is_explained_connected_and_delivers(company: Company) -> None:
    shown = company.run("connection", "add", "acme", "--help")
    assert "Acme Voice" in shown
    assert "Signs every delivery" in shown
    for body in DELIVERIES:
        headers = {SIGNATURE: signature(body, SecretStr(SECRET))}
        assert httpx.post(f"{company.url}/hooks/voice", content=body, headers=headers).status_code == 200
    until(lambda: len(company.json("calls", "--state", "ended")) == len(TRUTH), seconds=60, what="the calls")


def test_a_secret_of_a_connector_is_shown_nowhere(company: Company) -> None:
    database = b"".join(path.read_bytes() for path in (company.folder / "data").glob("hub.db*"))
    assert SECRET.encode() not in database
    assert SECRET not in company.run("connection", "list")


@pytest.mark.parametrize(
    ("names", "problem"),
    [
        ("no.such.module:Acme", "No module named"),
        ("hub.domain.errors:Invalid", "expected a Connector"),
    ],
)
def test_an_installed_connector_that_fails_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, names: str, problem: str
) -> None:
    info = tmp_path / "broken-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[hub.providers]\nbroken = {names}\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(Misconfigured, match=f"the installed phone system broken.*{problem}"):
        discover()
