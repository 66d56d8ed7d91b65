"""Who has a thing in sight is the same from both sides: what somebody sees, and who sees something."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from sqlalchemy import ColumnElement, select

from hub.leads.models import ContactRow, LeadRow, TaskRow
from hub.reads import scope
from hub.telephony.models import CallRow
from tests.web.company import Company

KINDS: Mapping[str, tuple[Any, Callable[[scope.Users], ColumnElement[bool]]]] = {
    "call": (CallRow, scope.calls),
    "contact": (ContactRow, scope.contacts),
    "lead": (LeadRow, scope.leads),
    "task": (TaskRow, scope.tasks),
}


@pytest.mark.parametrize("kind", KINDS)
def test_both_sides_agree(company: Company, kind: str) -> None:
    table, condition = KINDS[kind]
    _mix(company)
    with company.office.hub.reading() as session:
        everything = list(session.scalars(select(table.id)))
        watchers = scope.watchers(session, kind, everything)
        for user_id in company.people.values():
            seen = set(session.scalars(select(table.id).where(condition(frozenset({user_id})))))
            assert seen == {one for one in everything if user_id in watchers.get(one, ())}


def test_nothing_is_nobody_s(company: Company) -> None:
    with company.office.hub.reading() as session:
        assert scope.watchers(session, "call", []) == {}


def _mix(company: Company) -> None:
    """Cards, leads and tasks of different owners, so that each way to have one is taken."""
    mira, oleg, max_ = (company.people[name] for name in ("Mira", "Oleg", "Max"))
    with company.office.hub.unit_of_work() as session:
        session.get_one(ContactRow, company.things["Mira"].contact).owner_id = oleg
        session.get_one(LeadRow, company.things["Oleg"].lead).owner_id = max_
        session.get_one(TaskRow, company.things["Max"].task).owner_id = mira
        session.get_one(ContactRow, company.things["Max"].contact).owner_id = None
