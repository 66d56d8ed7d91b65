"""Small forms inside a card of the board: a part of the page with scripts, a page of its own without."""

import re
from collections.abc import Mapping
from typing import Any

from flask import make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from hub.domain.errors import Invalid
from hub.web.pages.frame import BIGGEST_ID, for_a_part
from hub.web.pages.told import tell


def part(template: str, heading: str, *, status: int = 200, **known: Any) -> Response:
    """The form; with 422 when it comes back with `problems`, words by field."""
    known = {"problems": {}} | known
    if for_a_part():
        return make_response(render_template(template, **known), status)
    return make_response(render_template("live/sheet.html", part=template, heading=heading, **known), status)


def done(address: str | None = None) -> Response:
    """It happened: the board hears of it by itself, whoever has no scripts is taken back to it (or to `address`)."""
    if for_a_part():
        # Empties the place of the form; the card is drawn anew by the event.
        return Response("", 200)
    return redirect(address or url_for("pages.live"), 303)


def problems_of(error: Invalid) -> Mapping[str, str]:
    """What is wrong, by the field; "" where no field is named."""
    return {error.field or "": tell(str(error))}


def chosen_id(name: str) -> int | None:
    """The id a form names in this field; None when it names none. Invalid: such a number is nobody's."""
    text = request.form.get(name, "").strip()
    if not text:
        return None
    if not re.fullmatch("[0-9]{1,10}", text) or not 0 < int(text) <= BIGGEST_ID:
        raise Invalid("choose from the list", name)
    return int(text)
