"""The same behaviour from a Hub in one process on SQLite and from many processes on PostgreSQL and Redis."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from hub import bootstrap, pipeline
from hub.domain import clock
from hub.domain.delivery import Delivery
from hub.settings import Settings
from tests.company import Company
from tests.faults.provider import PATIENCE_SECONDS, Provider
from tests.pipeline.providers.acme import SIGNATURE, signature
from tests.servers import PostgreSQL, Redis
from tests.waiting import until

ACME = "tests.pipeline.providers.acme:Acme"
JUNK = (
    *(b"", b"not json", b"\xff\xfe\x00", b"[" * 50_000, b"{}", b"[1]"),
    *(b'{"event": "unheard of"}', b'{"event": "started", "call": 7}'),
)
CAPTURES = Path(__file__).parents[1] / "fixtures" / "telephony" / "asterisk"


@pytest.fixture(scope="module", params=["one process", "many processes"])
def company(request: pytest.FixtureRequest) -> Iterator[Company]:
    if request.param == "one process":
        with Company.embedded(acme=ACME) as company:
            yield company
        return
    postgresql: PostgreSQL = request.getfixturevalue("postgresql")
    redis: Redis = request.getfixturevalue("redis_server")
    with Company.many(postgresql, redis, acme=ACME) as company:
        yield company


@pytest.fixture
def provider(company: Company) -> Provider:
    return Provider.connected(company)


def test_what_is_delivered_is_in_the_log_with_all_that_follows(provider: Provider) -> None:
    provider.sends(provider.calls(5))
    provider.assert_nothing_lost_nothing_twice()


def test_the_command_line_feeds_and_replays_beside_the_running_hub(company: Company, provider: Provider) -> None:
    pbx = f"pbx-{provider.serial}"
    company.run("connection", "add", "asterisk", pbx, "--set", "region=UA", "--set", "trunks=PJSIP/pstn-trunk")
    with provider.sending(provider.calls(20)):
        company.run("feed", pbx, str(CAPTURES / "01-inbound-answered" / "ami.jsonl"))
        (call,) = company.json("calls", "--connection", pbx)
        assert call["outcome"] == "answered"
        assert company.run("replay", "--connection", pbx) == f"{pbx}: 1 deliveries read again\n"
    provider.assert_nothing_lost_nothing_twice()
    assert company.json("calls", "--connection", pbx) == [call]


def test_what_nobody_rang_for_is_found_by_the_sweep(company: Company, provider: Provider) -> None:
    database = company.settings.get("HUB_DATABASE_URL")
    hub = bootstrap.build(Settings(database_url=database, data_dir=company.folder / "data"))
    with hub.reading() as session:
        connection = hub.connections.row(session, provider.name).id
    body = b'{"event": "keepalive"}'
    pipeline.accept(hub, Delivery(connection_id=connection, body=body, received_at=clock.now()), "nobody rang")
    hub.engine.dispose()
    provider.until_states(done=1)


def test_junk_of_a_proven_sender_is_kept_and_parked_and_that_of_others_is_not_kept(provider: Provider) -> None:
    for body in JUNK:
        answer = httpx.post(provider.address, content=body, headers={SIGNATURE: signature(body, provider.secret)})
        assert answer.status_code == 200
        assert httpx.post(provider.address, content=body, headers={SIGNATURE: "0" * 64}).status_code == 401
    provider.until_states(parked=len(JUNK))
    assert httpx.post(provider.address, content=b"x" * (256 * 1024 + 1)).status_code == 413
    assert httpx.post(f"{provider.address}-not", content=b"{}").status_code == 404
    assert httpx.post(f"{provider.company.url}/hooks/%00", content=b"{}").status_code == 404
    assert provider.log() == []


def test_a_click_is_placed_by_whoever_does_the_work(company: Company, provider: Provider) -> None:
    arguments = ("--name", f"phone {provider.serial}", "--role", "manager", "--extension", "101")
    token = company.run("token", "create", *arguments).strip()
    with httpx.Client(base_url=company.url, headers={"Authorization": f"Bearer {token}"}) as client:
        asked = {"number": "0671234567"}
        clicks = [client.post("/api/v1/calls", json=asked, headers={"Idempotency-Key": "one"}) for _ in range(2)]
        assert {click.status_code for click in clicks} <= {200, 201, 202}
        (dial,) = {click.json()["id"] for click in clicks}
        until(
            lambda: client.get(f"/api/v1/dials/{dial}").json()["state"] == "calling_you",
            seconds=PATIENCE_SECONDS,
            what="the phone",
        )
