"""Errors as people read them: what happened, and where to go on."""

from flask import make_response, render_template, request
from flask_babel import gettext
from werkzeug.wrappers import Response

from hub.web.problems import Problem, request_id


def page(problem: Problem) -> Response:
    """The page of a problem; a part of a page asked for by htmx gets the words alone."""
    title, detail = _words(problem)
    parts = "HX-Request" in request.headers and "HX-Boosted" not in request.headers
    template = "trouble_part.html" if parts else "trouble.html"
    html = render_template(template, status=problem.status, title=title, detail=detail, request_id=request_id())
    return make_response(html, problem.status)


def _words(problem: Problem) -> tuple[str, str]:
    """Hub's own refusals bring their words; what the web server says is put plainly."""
    match problem.status:
        case 403:
            return gettext("Not allowed"), gettext("Your role does not reach this. An administrator can change that.")
        case 404:
            return gettext("Not found"), gettext("There is nothing at this address, or nothing you may see.")
        case 400 if problem.code == "csrf":
            return gettext("Open the page again"), gettext(
                "This form was open for too long. Go back and send it again."
            )
        case 503:
            return gettext("Not now"), gettext("Hub is busy or its database does not answer. Try again in a moment.")
        case status if status >= 500:
            return gettext("Something broke"), gettext("Hub made a mistake. It is in the log under the request below.")
    return gettext("That did not work"), problem.detail or problem.title
