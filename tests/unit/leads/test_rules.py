"""The default rules a sales company expects, and the ladder that names an owner."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from hub.domain.activity import CallKind, Channel, Contacted, LineFacts
from hub.leads.rules import DEFAULTS, LADDER, Rule, kind_of, owner

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def call(**more: Any) -> Contacted:
    return replace(Contacted(channel=Channel.CALL, subject="c", at=NOON), **more)


@pytest.mark.parametrize(
    ("kind", "known", "card", "lead", "task"),
    [
        ("inbound_answered", False, True, True, False),
        ("inbound_answered", True, False, False, False),
        ("inbound_missed", False, True, True, True),
        ("inbound_missed", True, False, False, True),
        ("outbound_answered", False, True, True, False),
        ("outbound_answered", True, False, False, False),
        ("outbound_unanswered", False, False, False, False),
        ("outbound_unanswered", True, False, False, False),
        ("form", False, True, True, False),
        ("form", True, False, True, False),
        ("mail", False, True, True, False),
        ("mail", True, False, False, False),
    ],
)
def test_what_each_kind_of_contact_causes(kind: str, known: bool, card: bool, lead: bool, task: bool) -> None:
    rule = DEFAULTS[(kind, known)]
    assert (rule.create_contact, rule.open_lead, rule.open_task) == (card, lead, task)
    assert rule.deadline_minutes == 15
    assert rule.owners == LADDER


def test_every_kind_has_a_rule_for_the_known_and_the_unknown() -> None:
    kinds = {*CallKind, Channel.FORM, Channel.MAIL}
    assert set(DEFAULTS) == {(kind, known) for kind in kinds for known in (True, False)}


def test_the_owner_is_the_first_the_ladder_names() -> None:
    told = call(answered_by=1, talked_until=NOON, line=LineFacts(number="+380445551200", owner_id=3))
    assert (owner(Rule(), told, 2).user_id, owner(Rule(), told, 2).why) == (1, "talked with the client")
    assert owner(Rule(), told, 2).talked
    own_card_first = Rule(owners=("card_owner", "answered_by"))
    assert (owner(own_card_first, told, 2).user_id, owner(own_card_first, told, 2).why) == (2, "owns the client's card")
    unanswered = call(answered_by=1, line=LineFacts(number="+380445551200", owner_id=3))
    assert (owner(Rule(), unanswered, None).user_id) == 3
    assert owner(Rule(), unanswered, None).why == "owns the line +380445551200"


def test_when_nobody_is_named_it_says_so() -> None:
    nobody = owner(Rule(), call(), None)
    assert (nobody.user_id, nobody.why) == (None, "nobody answered, the card has no owner, nor has the line")
    talked = owner(Rule(), call(talked_until=NOON), None)
    assert talked.why == "whoever talked is no user of Hub, the card has no owner, nor has the line"
    assert owner(Rule(owners=("default",)), call(answered_by=1), 2).why == "the rule names nobody"


def test_no_rule_speaks_of_what_rings_and_of_the_past() -> None:
    assert kind_of(call()) is None
    assert kind_of(call(kind=CallKind.INBOUND_MISSED, history=True)) is None
    assert kind_of(call(kind=CallKind.INBOUND_MISSED)) == "inbound_missed"
    assert kind_of(call(channel=Channel.MAIL)) == "mail"
