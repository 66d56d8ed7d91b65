"""`hub replay` changes nothing that was right, mends what was wrong, and keeps what people wrote."""

import json
from collections.abc import Sequence
from datetime import timedelta

from hub import repair
from hub.domain.calls import CallEvent, CallStarted
from hub.domain.delivery import Delivery, Fact
from hub.inbox.models import DeliveryRow
from hub.leads.models import LeadRow
from hub.telephony.models import CallRow
from tests.pipeline.office import MONDAY, Office, answered, hungup, missed, rang, started, talk
from tests.pipeline.providers.acme import Acme
from tests.pipeline.providers.exchange import Exchange
from tests.pipeline.test_order import TRANSFER


class CrossedExchange(Exchange):
    """A release with a bug: it takes all channels for one conversation."""

    def translate(self, delivery: Delivery) -> Sequence[CallEvent | Fact]:
        facts = [fact for fact in super().translate(delivery) if isinstance(fact, Fact)]
        return [Fact(nodes=fact.nodes | {"everything"}, at=fact.at, data=fact.data) for fact in facts]


class NamelessAcme(Acme):
    """A release that forgets callers' names."""

    def translate(self, delivery: Delivery) -> Sequence[CallEvent | Fact]:
        return [_nameless(event) if isinstance(event, CallStarted) else event for event in super().translate(delivery)]


def _nameless(event: CallStarted) -> CallStarted:
    return CallStarted(call=event.call, at=event.at, direction=event.direction, number=event.number, line=event.line)


def test_a_replay_changes_nothing(office: Office) -> None:
    office.hear(*talk("c1", name="Anna"), *missed("c2", 100), *missed("c3", 200, number="0509876543"))
    office.hear(started("c4", 300, from_="101"), hungup("c4", 320, by="agent"))
    office.hear(*talk("c5", 400, number="anonymous"), started("c6", 500), rang("c6", 501))
    office.hear(*TRANSFER, to="exchange")
    before = office.everything()
    assert repair.replay(office.hub, office.ids["acme"]) == 18
    assert repair.replay(office.hub, office.ids["exchange"]) == 8
    assert repair.replay(office.hub, office.ids["acme"], since=MONDAY) == 18
    assert office.everything() == before


def test_a_replay_mends_history_and_keeps_ids_notes_and_tags(office: Office) -> None:
    office.teach(NamelessAcme())
    office.hear(*talk(name="Anna"))
    with office.hub.unit_of_work() as session:
        row = session.get_one(CallRow, office.rows(CallRow)[0].id)
        row.note, row.tags = "asked for a discount", ["price"]
    wrong = office.call()
    office.teach(Acme())
    repair.replay(office.hub, office.ids["acme"])
    assert office.call() == wrong | {"external_name": "Anna", "contact": office.call()["contact"]}
    assert (office.call()["note"], office.call()["tags"]) == ("asked for a discount", ["price"])


def test_a_replay_parts_conversations_a_bug_had_joined(office: Office) -> None:
    office.teach(CrossedExchange())
    other = [line | {"channel": line["channel"] + "-b"} | _other(line) for line in TRANSFER[:3]]
    office.hear(*TRANSFER, *other, to="exchange")
    assert len(office.calls()) == 1
    kept = office.call()["id"]
    office.teach(Exchange())
    repair.replay(office.hub, office.ids["exchange"])
    assert {call["provider_call_id"] for call in office.calls()} == {"client-1", "client-1-b"}
    assert kept in {call["id"] for call in office.calls()}
    before = office.everything()
    repair.replay(office.hub, office.ids["exchange"])
    assert office.everything() == before


def _other(line: dict[str, str]) -> dict[str, str]:
    return {"other": line["other"] + "-b"} if "other" in line else {}


def test_only_what_was_received_since_is_read_again(office: Office) -> None:
    office.hear(*talk())
    assert repair.replay(office.hub, office.ids["acme"], since=MONDAY + timedelta(seconds=1)) == 0


def test_a_replay_also_works_off_what_still_waits(office: Office) -> None:
    office.hear(started())
    office.accept(json.dumps(answered()).encode())
    repair.replay(office.hub, office.ids["acme"])
    assert office.states() == ["done", "done"]
    assert office.call()["state"] == "talking"


def test_replayed_history_still_opens_no_lead(office: Office) -> None:
    office.hear(*missed(), hub_history="1")
    with office.hub.unit_of_work() as session:
        for row in session.query(CallRow):
            session.delete(row)
    repair.replay(office.hub, office.ids["acme"])
    assert office.call()["outcome"] == "missed"
    assert office.rows(LeadRow) == []


def test_the_bytes_are_never_touched(office: Office) -> None:
    office.hear(*talk())
    before = [row.body for row in office.rows(DeliveryRow)]
    repair.replay(office.hub, office.ids["acme"])
    assert [row.body for row in office.rows(DeliveryRow)] == before
