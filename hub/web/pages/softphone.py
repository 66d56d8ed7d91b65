"""The phone in the browser: who is calling it. Its sound never passes Hub; what it is, `/api/v1/softphone` says."""

from flask import Response, render_template

from hub.domain.access import Permission
from hub.reads import cards
from hub.web.auth import needs, viewer
from hub.web.pages.frame import hub, pages, typed


@pages.get("/phone/who", endpoint="phone_who")
@needs(Permission.CALLS_ORIGINATE)
def who() -> str | Response:
    """The cards that have this number, as the dock shows them; nothing when none is in sight."""
    number = typed("number")
    with hub().reading() as session:
        found = cards.search(session, viewer(), number, region=hub().rules.region, limit=2) if number else []
    return render_template("phone/who.html", found=found, typed=number) if found else Response(status=204)
