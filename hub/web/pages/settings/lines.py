"""Lines for administrators: whom each rings, what is recorded, when it is open; and what would happen if."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hub.domain.access import Permission
from hub.reads import people, routing
from hub.reads.names import names
from hub.reads.people import LineShape
from hub.web.auth import needs, viewer
from hub.web.pages.frame import hub, pages
from hub.web.pages.people_in_calls import Speaker
from hub.web.pages.settings import line_words, what_if
from hub.web.pages.settings.sections import page


@dataclass(frozen=True, slots=True)
class Row:
    """A line as its row tells it."""

    line: LineShape
    whom: str
    phoneless: str | None
    recorded: Sequence[str]
    hours: Sequence[str]
    team: str | None


@pages.get("/settings/lines", endpoint="settings_lines")
@needs(Permission.CONNECTIONS_READ)
def lines() -> str:
    with hub().reading() as session:
        found, rung, speaker = people.lines(session), routing.rung(session), Speaker(names(session))
        tested = what_if.tested(session)
        teams = {team["id"]: team["name"] for team in people.teams(session)}
    return page(
        "lines",
        rows=[_row(line, rung[line["id"]], speaker, teams) for line in found],
        user_name=speaker.user_name,
        may_edit=viewer().can(Permission.LINES_WRITE),
        **tested,
    )


def _row(line: LineShape, rung: routing.Rung, speaker: Speaker, teams: Mapping[int, str]) -> Row:
    return Row(
        line=line,
        whom=line_words.whom(line, rung, speaker),
        phoneless=line_words.phoneless(rung, speaker),
        recorded=list(line_words.recorded(line)),
        hours=line_words.hours(line),
        team=teams.get(line["team_id"] or 0),
    )
