"""What a reception does with a fresh lead in one go: who it is, and whose."""

from hub.domain.access import Permission
from hub.leads import cards, lead_work
from hub.leads.cards import CardFields
from hub.reads import cards as card_reads
from hub.reads import leads as lead_reads
from hub.reads.shapes import LeadShape, lead_shapes
from hub.web.acts import Desk, acting

WRITE = Permission.LEADS_WRITE


def introduce(desk: Desk, lead_id: int, fields: CardFields, version: int | None) -> LeadShape:
    """Say who a lead is; the card's new owner is the lead's too. Stale when the card is of another version by now."""
    with acting(desk) as act:
        lead = lead_reads.require(act.session, desk.viewer, lead_id, WRITE)
        card_reads.require(act.session, desk.viewer, lead.contact_id, WRITE)
        cards.edit(act.session, lead.contact_id, fields, desk.hub.rules.region, act.now, version)
        if "owner_id" in fields and fields["owner_id"] != lead.owner_id:
            lead_work.assign(act.session, lead_id, fields["owner_id"])
        act.session.flush()
        act.told("contact.edited", f"contact:{lead.contact_id}", fields=sorted(fields))
        act.told("lead.worked", f"lead:{lead_id}", fields=sorted(fields))
        return lead_shapes(act.session, [lead])[0]
