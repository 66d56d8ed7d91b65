"""What is done on the call log: views kept under a name, columns chosen, a word put on many calls at once."""

from urllib.parse import urlencode
from uuid import UUID

from flask import flash, redirect, request, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from hub.domain.access import Permission
from hub.domain.errors import Conflict, HubError, Invalid
from hub.domain.identity import clean
from hub.leads.cards import MAX_TAG
from hub.people.preferences import CallColumn
from hub.web import acts, acts_calls, auth
from hub.web.auth import needs, signed_in
from hub.web.pages.calls import PAGE, PLACE, log_page
from hub.web.pages.filters import parsed
from hub.web.pages.frame import desk, pages

Answer = Response | tuple[str, int]


@pages.post("/calls/views", endpoint="call_view_save")
@needs(Permission.CALLS_READ)
def save() -> Answer:
    """Keep the filters one sees; the view is where one is then."""
    query = urlencode(parsed(request.form.get("query", "")))
    try:
        acts_calls.save_view(desk(), PLACE, request.form.get("name", ""), query)
    except (Conflict, Invalid) as error:
        return log_page({"view": _words(error)}), 409 if isinstance(error, Conflict) else 422
    return redirect(f"{url_for('pages.calls')}?{query}" if query else url_for("pages.calls"), 303)


def _words(error: HubError) -> str:
    if isinstance(error, Conflict):
        return gettext("There are 50 views already: forget one first.")
    return gettext("Give the view a name of at most 100 characters.")


@pages.post("/calls/views/<int(max=2147483647):view_id>/forget", endpoint="call_view_forget")
@needs(Permission.CALLS_READ)
def forget(view_id: int) -> Response:
    acts_calls.forget_view(desk(), view_id)
    return redirect(_back(), 303)


@pages.post("/calls/columns", endpoint="call_columns")
@signed_in
def columns() -> Response:
    """What the log shows from now on; words that name no column are none."""
    chosen = [each for each in CallColumn if each in request.form.getlist("column")]
    acts.prefer(desk(), {"call_columns": chosen})
    return redirect(_back(), 303)


@pages.post("/calls/tag", endpoint="call_tag")
@needs(Permission.CALLS_WRITE)
def tag() -> Answer:
    """A word on each of the chosen calls; those one may only see are left out, and that is said."""
    word, ids = clean(request.form.get("tag"), MAX_TAG + 1), _chosen()
    if not 0 < len(word) <= MAX_TAG:
        return log_page({"tag": gettext("Write a tag of at most 50 characters.")}), 422
    if not ids:
        return log_page({"tag": gettext("Choose calls first.")}), 422
    done, left = acts_calls.tag(desk(), ids, word)
    said = ngettext(
        "%(num)s call has the tag “%(tag)s” now", "%(num)s calls have the tag “%(tag)s” now", done, tag=word
    )
    rest = ngettext("%(num)s is not yours to change", "%(num)s are not yours to change", left) if left else ""
    flash("; ".join(filter(None, (said, rest))))
    return redirect(_back(), 303)


def _chosen() -> list[UUID]:
    """The calls a form names; what is no call's id is none, and there is no more than a few pages of them."""
    found = []
    for text in request.form.getlist("call")[: 10 * PAGE]:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


def _back() -> str:
    here = auth.local(request.form.get("back"))
    return url_for("pages.calls") if here == "/" else here
