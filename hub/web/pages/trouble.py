"""Errors as people read them: what happened, and where to go on."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from flask import g, make_response, render_template, request
from flask_babel import LazyString, gettext, lazy_gettext
from werkzeug.wrappers import Response

from hub.web import auth
from hub.web.pages.frame import for_a_part
from hub.web.pages.told import tell
from hub.web.problems import Problem, request_id

Words = tuple[LazyString, LazyString]
STALE: Words = (
    lazy_gettext("Open the page again"),
    lazy_gettext("This form was open for too long. Go back, load the page again and send it once more."),
)
BROKEN: Words = (
    lazy_gettext("Something broke"),
    lazy_gettext(
        "Hub made a mistake; nothing of what you sent is half done. It is in the log under the request below."
    ),
)
LINK: Mapping[str, Words] = {
    "gone": (
        lazy_gettext("This is no more"),
        lazy_gettext("The link has expired, or the recording was erased. Ask whoever gave it to you for a new one."),
    ),
    "link": (
        lazy_gettext("This link does not open"),
        lazy_gettext("It is not whole, or whoever made it may not share this recording any more. Ask for a new one."),
    ),
}
"""By code: what a link to a recording may meet."""
PLAIN: Mapping[int, Words] = {
    400: (
        lazy_gettext("That did not work"),
        lazy_gettext("Hub cannot read what was sent. Open the page again."),
    ),
    403: (
        lazy_gettext("Not allowed"),
        lazy_gettext("Your role does not reach this. An administrator can change that."),
    ),
    404: (
        lazy_gettext("Not found"),
        lazy_gettext("There is nothing at this address, or nothing you may see."),
    ),
    405: (
        lazy_gettext("Not in this way"),
        lazy_gettext("This address is there, but not to be opened like this. Go back and use the button."),
    ),
    413: (
        lazy_gettext("Too much at once"),
        lazy_gettext("What was sent is larger than Hub takes. Shorten it and send it again."),
    ),
    415: (
        lazy_gettext("Not in this form"),
        lazy_gettext("Hub does not take what was sent. Use the form of the page."),
    ),
    429: (
        lazy_gettext("Too many tries"),
        lazy_gettext("Wait a little, then try again."),
    ),
    503: (
        lazy_gettext("Not now"),
        lazy_gettext("Hub is busy or its database does not answer. Try again in a moment."),
    ),
}
"""By status: title and what to do."""


def page(problem: Problem) -> Response:
    """The page of a problem; a part of a page asked for by htmx gets the words alone."""
    bare: dict[str, None] = {}
    if problem.status >= 500:
        # Nothing is asked of what may be broken: who it is, if not known yet, and what stands in the frame.
        g.setdefault("viewer", None)
        bare = {"me": None}
    title, detail = _words(problem)
    html = render_template(
        "trouble_part.html" if for_a_part() else "trouble.html",
        status=problem.status,
        title=title,
        detail=detail,
        request_id=request_id(),
        back=_back(),
        **bare,
    )
    return make_response(html, problem.status)


def _back() -> str | None:
    """The page of Hub somebody came from, when that is another one: the way back."""
    came = urlsplit(request.headers.get("Referer", ""))
    if came.netloc != request.host or came.path == request.path:
        return None
    return auth.local(f"{came.path}?{came.query}" if came.query else came.path)


def _words(problem: Problem) -> tuple[str, str]:
    """Hub's own refusals bring their words; what the web server says is put plainly."""
    if problem.code == "csrf":
        title, detail = STALE
    elif problem.code in LINK:
        title, detail = LINK[problem.code]
    elif problem.status in PLAIN:
        title, detail = PLAIN[problem.status]
    elif problem.status >= 500:
        title, detail = BROKEN
    else:
        return gettext("That did not work"), tell(problem.detail or problem.title)
    return str(title), str(detail)
