"""Users for administrators."""

from hub.domain.access import Permission
from hub.reads import people
from hub.web.auth import needs
from hub.web.pages.frame import hub, pages
from hub.web.pages.settings.sections import page


@pages.get("/settings/users", endpoint="settings_users")
@needs(Permission.USERS_WRITE)
def users() -> str:
    with hub().reading() as session:
        found = people.users(session)
        teams = {team["id"]: team["name"] for team in people.teams(session)}
    return page("users", users=found, teams=teams)
