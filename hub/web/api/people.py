"""Users, teams and tokens."""

from typing import Annotated, Any

from pydantic import Field, StringConstraints
from typing_extensions import TypedDict

from hub.domain import clock
from hub.domain.access import Permission, Role
from hub.people import journal, passwords, tokens, users
from hub.people.tokens import NewToken
from hub.people.users import LANGUAGES, NewUser, UserChanges
from hub.reads import people
from hub.reads.people import TeamShape, TokenShape, UserShape
from hub.telephony import lines
from hub.web.acts import Desk
from hub.web.api import inputs
from hub.web.api.inputs import Body, Patch
from hub.web.api.operations import TEAM, TOKEN, USER, api

USERS, TOKENS = "People", "Tokens"
Password = Annotated[str, StringConstraints(min_length=passwords.SHORTEST, max_length=passwords.LONGEST)]
Roles = Annotated[list[Role], Field(min_length=1, max_length=4)]
Language = Annotated[str, StringConstraints(pattern=f"^({'|'.join(LANGUAGES)})$")]
Zone = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_+/-]{1,64}$"), Field(examples=["Europe/Kyiv"])]
Email = Annotated[
    str,
    StringConstraints(max_length=254, pattern=r"^[A-Za-z0-9._%+-]{1,64}@([A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,24}$"),
    Field(examples=["anna@example.org"]),
]


class Phone(Body):
    """A phone: its short number, or its name, on a connection."""

    connection: Annotated[str, StringConstraints(pattern=r"^[\w-]{1,64}$")]
    number: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_.+@:-]{1,100}$"), Field(examples=["101"])]


Phones = Annotated[list[Phone], Field(max_length=20)]


class UserList(TypedDict):
    """Everybody, by name."""

    items: list[UserShape]


class NewUserBody(Body):
    """A new user; without a password they cannot sign in."""

    email: Email
    name: inputs.Name
    roles: Roles
    password: Password | None = None
    team_id: inputs.Id | None = None
    timezone: Zone = "UTC"
    language: Language = "en"
    extensions: Phones = Field(default_factory=list)


class UserPatch(Patch):
    """What changes; a new password ends every session of the user."""

    email: Email = ""
    name: inputs.Name = ""
    roles: Roles = Field(default_factory=list)
    password: Password | None = None
    team_id: inputs.Id | None = None
    timezone: Zone = "UTC"
    language: Language = "en"
    active: bool = True
    extensions: Phones = Field(default_factory=list)


class TeamList(TypedDict):
    """Every team, by name."""

    items: list[TeamShape]


class TeamBody(Body):
    """A team and its head, who sees all of the team's."""

    name: inputs.Name
    head_id: inputs.Id | None = None


class TokenList(TypedDict):
    """Every token, newest first."""

    items: list[TokenShape]


class NewTokenBody(Body):
    """`scopes` null: all that the roles allow. `extension`: the phone it may dial from."""

    name: inputs.Name
    roles: Roles
    scopes: Annotated[list[Permission], Field(min_length=1, max_length=len(Permission))] | None = None
    extension: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z]{1,32}$")] | None = None


class FreshToken(TypedDict):
    """A new token; its secret is shown this once."""

    token: TokenShape
    secret: str


class Me(TypedDict):
    """Who asks. `user` null: a token that acts for nobody."""

    user: UserShape | None
    name: str
    roles: list[Role]
    permissions: list[Permission]


@api.operation("GET", "/me", None, USERS)
def get_me(desk: Desk) -> Me:
    """Who asks, and what they may do."""
    asks = desk.viewer
    with desk.hub.reading() as session:
        user = None if asks.user_id is None else people.user(session, asks.user_id)
    allowed = [permission for permission in Permission if asks.can(permission)]
    return {"user": user, "name": asks.name, "roles": sorted(asks.roles), "permissions": allowed}


@api.operation("GET", "/users", Permission.USERS_READ, USERS)
def list_users(desk: Desk) -> UserList:
    """Everybody, by name."""
    with desk.hub.reading() as session:
        return {"items": people.users(session)}


@api.operation("GET", USER, Permission.USERS_READ, USERS)
def get_user(desk: Desk, user_id: int) -> UserShape:
    """One user."""
    with desk.hub.reading() as session:
        return people.user(session, user_id)


@api.operation("POST", "/users", Permission.USERS_WRITE, USERS, status=201, problems=(404, 409))
def create_user(desk: Desk, body: NewUserBody) -> UserShape:
    """A new user."""
    new = NewUser(
        email=body.email,
        name=body.name,
        roles=frozenset(body.roles),
        password=None if body.password is None else passwords.hashed(body.password),
        team_id=body.team_id,
        timezone=body.timezone,
        language=body.language,
    )
    with desk.hub.unit_of_work() as session:
        row = users.create_user(session, new, clock.now())
        _give_phones(desk, session, row.id, body.extensions)
        journal.append(session, desk.viewer, "user.created", f"user:{row.id}", clock.now())
        return people.user(session, row.id)


@api.operation("PATCH", USER, Permission.USERS_WRITE, USERS, problems=(409,))
def edit_user(desk: Desk, user_id: int, body: UserPatch) -> UserShape:
    """Change what is named; nobody changes their own roles."""
    given = body.given()
    phones = given.pop("extensions", None)
    if given.get("password") is not None:
        given["password"] = passwords.hashed(given["password"])
    changes: UserChanges = given
    with desk.hub.unit_of_work() as session:
        users.edit_user(session, user_id, changes, desk.viewer)
        if phones is not None:
            _give_phones(desk, session, user_id, phones)
        fields = sorted(body.model_fields_set)
        journal.append(session, desk.viewer, "user.edited", f"user:{user_id}", clock.now(), fields=fields)
        return people.user(session, user_id)


def _give_phones(desk: Desk, session: Any, user_id: int, phones: list[Phone]) -> None:
    wanted: dict[int, list[str]] = {}
    for phone in phones:
        connection = desk.hub.connections.named(session, phone.connection)
        wanted.setdefault(connection.id, []).append(connection.connector.phone(phone.number))
    lines.reassign(session, user_id, wanted)


@api.operation("GET", "/teams", Permission.USERS_READ, USERS)
def list_teams(desk: Desk) -> TeamList:
    """Every team, by name."""
    with desk.hub.reading() as session:
        return {"items": people.teams(session)}


@api.operation("POST", "/teams", Permission.USERS_WRITE, USERS, status=201, problems=(409,))
def create_team(desk: Desk, body: TeamBody) -> TeamShape:
    """A new team."""
    with desk.hub.unit_of_work() as session:
        row = users.create_team(session, body.name, body.head_id)
        journal.append(session, desk.viewer, "team.created", f"team:{row.id}", clock.now())
        return people.team_shape(row)


@api.operation("PUT", TEAM, Permission.USERS_WRITE, USERS, problems=(409,))
def edit_team(desk: Desk, team_id: int, body: TeamBody) -> TeamShape:
    """Another name or another head."""
    with desk.hub.unit_of_work() as session:
        row = users.edit_team(session, team_id, body.name, body.head_id)
        journal.append(session, desk.viewer, "team.edited", f"team:{team_id}", clock.now())
        return people.team_shape(row)


@api.operation("DELETE", TEAM, Permission.USERS_WRITE, USERS, status=204, problems=(409,))
def remove_team(desk: Desk, team_id: int) -> None:
    """Remove a team nobody belongs to."""
    with desk.hub.unit_of_work() as session:
        users.remove_team(session, team_id)
        journal.append(session, desk.viewer, "team.removed", f"team:{team_id}", clock.now())


@api.operation("GET", "/tokens", Permission.TOKENS_WRITE, TOKENS)
def list_tokens(desk: Desk) -> TokenList:
    """Every token, without secrets."""
    with desk.hub.reading() as session:
        return {"items": people.tokens(session)}


@api.operation("POST", "/tokens", Permission.TOKENS_WRITE, TOKENS, status=201)
def create_token(desk: Desk, body: NewTokenBody) -> FreshToken:
    """A new token: made by a signed-in administrator, never by another token."""
    new = NewToken(
        name=body.name,
        roles=frozenset(body.roles),
        scopes=None if body.scopes is None else frozenset(body.scopes),
        user_id=desk.viewer.user_id,
        extension=body.extension,
    )
    with desk.hub.unit_of_work() as session:
        row, secret = tokens.create(session, new, clock.now())
        journal.append(session, desk.viewer, "token.created", f"token:{row.id}", clock.now())
        return {"token": people.token_shape(row), "secret": secret}


@api.operation("DELETE", TOKEN, Permission.TOKENS_WRITE, TOKENS, status=204)
def revoke_token(desk: Desk, token_id: int) -> None:
    """Make a token useless from now on: done by a signed-in administrator, never by another token."""
    with desk.hub.unit_of_work() as session:
        tokens.revoke(session, token_id, clock.now())
        journal.append(session, desk.viewer, "token.revoked", f"token:{token_id}", clock.now())
