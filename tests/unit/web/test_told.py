"""What the inside says in English can be said in every language: the declared phrases are held against the code.

Sentences are read out of the sources. A new one that a page may show fails here until `hub/web/pages/phrases.py` has
it; one that nobody says any more fails too.
"""

import ast
import re
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest
from pydantic import BaseModel, Field, ValidationError

from hub.doctor.findings import lasting
from hub.web.pages.phrases import NESTED, PHRASES
from hub.web.pages.told import said, tell
from scripts.phrases import of_connectors

HUB = Path(__file__).parents[3] / "hub"
FIXTURES = Path(__file__).parents[2] / "fixtures"
SPOKEN = (
    "clicks/*.py",
    "connecting.py",
    "doctor/*.py",
    "domain/dialing.py",
    "domain/identity.py",
    "domain/routing.py",
    "leads/*.py",
    "leads/merging/*.py",
    "listening.py",
    "people/users.py",
    "people/passwords.py",
    "reads/ours.py",
    "reads/people.py",
    "reads/routing.py",
    "telephony/dialer.py",
    "telephony/dials.py",
    "telephony/listener/*.py",
    "telephony/ami/client.py",
    "telephony/ami/line.py",
    "telephony/calls.py",
    "telephony/providers/asterisk/ending.py",
    "telephony/providers/asterisk/live.py",
    "telephony/providers/freeswitch/causes.py",
    "telephony/providers/freeswitch/ending.py",
    "telephony/providers/generic/story.py",
    "telephony/providers/twilio/ending.py",
    "telephony/providers/twilio/rest.py",
    "people/preferences.py",
    "web/acts.py",
    "web/acts_self.py",
    "web/acts_calls.py",
    "web/acts_self.py",
    "telephony/providers/*/settings.py",
    "telephony/providers/zadarma/endings.py",
    "telephony/setting_types.py",
)
"""Where sentences are written that pages show, beside others."""
UNSHOWN = frozenset(
    {
        # Told to programs: a page gives its own keys, times, roles and statuses, and says its own words to a 503.
        "expected 1 to 100 printable characters without spaces",
        "expected at most 50 printable characters without spaces",
        "expected one of 7",
        "a time needs its offset from UTC",
        "it is 7 there",
        "7; there are: 7",
        "7: only digits, and letters in a phone's name, can be dialled",
        "7: got 7, which may not be dialled",
        "too many people are signing in at this moment",
        "the inbox is still being worked off",
        # Told to operators: `hub connection test`.
        "7 answers and takes the manager user 7",
        "nothing to try: without a host it takes what is fed to it alone",
        # Told to operators: `hub doctor --recordings`.
        "7 more recordings are wrong or gone",
        "7 objects in the store belong to no recording",
        "all 7 stored objects are what was stored",
        "bring it back from a backup, or fetch it again from the phone system",
        *("see above", "they take room and do no harm"),
        # Read to callers, in the words and the language a company chose.
        "Nobody can take your call now. Please call again later.",
        "Nobody can take your call now. Please leave a message after the tone.",
        "Press 1 to call the client.",
        "This call is recorded.",
        # Told to nobody.
        "\\+?[\\d ().-]{3,30}",
        "Header of the signature: 7.",
        "MailAddress | None",
        "state = 'open'",
        "talked_until IS NOT NULL",
        "listener 7",
        "nobody has this password",
        "a call needs at least one event",
        # A phone system's words, by which they are looked up.
        *(
            "Permission denied",
            "No such channel",
            "Asterisk Call Manager/",
            "call failed",
            "unallocated number",
            "line limit",
        ),
        *("no money", "no limit", "no day limit", "no money, no limit"),
        # Parts of the sentences below.
        *("a card has", "7 cards have", "7's owner first, then ", "no such 7", "7 refuses: 7", "answer 7"),
        "7 a number with the same last nine digits as 7; perhaps the same person",
        *("7 seconds", "ahead of", "this machine's clock is 7 seconds 7 the database's"),
        *("`hub 7`", "`hub listen`", "`hub serve`"),
        *("read why on the connection's page", "7, then `hub replay`", "7; `hub replay` after an update"),
    }
)
LENGTHS = ((3, 0, 0), (0, 5, 0), (0, 0, 4), (0, 0, 1))
ASSEMBLED = (
    # Put together of parts, so that no source holds them whole.
    "number +380 67 123 4567 and address anna@example.com stands on this card",
    "a card has a number with the same last nine digits as number +380 67 123 4567; perhaps the same person",
    "2 cards have a number with the same last nine digits as number +380 67 123 4567; perhaps the same person",
    "2 cards have number +380 67 123 4567; chosen because it has an open lead",
    "Acme's owner first, then as line Sales says",
    "Acme's owner first, then everybody with a phone",
    "Zadarma cannot be reached; your phone may ring all the same, so wait a minute before you try again",
    *("no such call", "no such lead", "no such task"),
    *(lasting(timedelta(days=days, hours=hours, minutes=minutes)) for days, hours, minutes in LENGTHS),
    "this machine's clock is 3 seconds ahead of the database's",
    "this machine's clock is 3 seconds behind the database's",
    "read why on the connection's page, then `hub replay`",
    "read why on the connection's page; `hub replay` after an update",
)
LISTED = (
    "nobody answered, the card has no owner, nor has the line",
    "last event 4 s ago; the PBX said nothing for 9 s",
)
PLACE = "7"


def test_every_sentence_a_page_may_show_is_declared() -> None:
    written = {text for pattern in SPOKEN for path in HUB.glob(pattern) for text in sentences(path)}
    told_of = {text for text in written if " " in text.strip() and text.upper() != text}
    of_settings = {message for _, message in of_connectors()}
    assert sorted(text for text in told_of - of_settings - UNSHOWN if not said(text)) == []
    assert everything().issuperset(UNSHOWN)


def test_every_declared_phrase_is_said_somewhere() -> None:
    used = {phrase for text in (*everything(), *ASSEMBLED, *words_of_pydantic()) for phrase in phrases_of(text)}
    assert [phrase for phrase in PHRASES if phrase not in used] == []


class Bounds(BaseModel):
    """A field for each way a setting can be out of bounds."""

    whole: int = 0
    small: int = Field(default=0, le=9)
    large: int = Field(default=9, ge=5)
    short: str = Field(default="", max_length=2)
    long: str = Field(default="long", min_length=3)
    shaped: str = Field(default="a", pattern="^a$")


def words_of_pydantic() -> list[str]:
    wrong = {"whole": "x", "small": 10, "large": 1, "short": "abc", "long": "ab", "shaped": "b"}
    with pytest.raises(ValidationError) as caught:
        Bounds.model_validate(wrong)
    return [one["msg"] for one in caught.value.errors()]


def test_what_pydantic_says_of_bounds_is_declared() -> None:
    assert [text for text in words_of_pydantic() if not said(text)] == []


@pytest.mark.parametrize(
    "text", [*ASSEMBLED, *LISTED, "caller gave up", "somebody's own words", "", "busy, but not so"]
)
def test_in_english_the_words_are_those_that_were_said(text: str) -> None:
    assert tell(text) == text


def test_the_reasons_of_every_captured_call_can_be_told() -> None:
    """What the connectors make of the deliveries they are tested with."""
    found = set[str]()
    for path in FIXTURES.rglob("*.json"):
        found |= set(re.findall(r'"reason": "([^"]+)"', path.read_text(encoding="utf-8")))
    assert "caller gave up" in found
    assert [reason for reason in sorted(found) if not said(reason)] == []


def test_what_is_listed_is_told_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.web.pages.told.gettext", lambda phrase, **values: f"<{phrase % values}>")
    assert [tell(text) for text in LISTED] == [
        "<nobody answered>, <the card has no owner>, <nor has the line>",
        "<last event 4 s ago>; <the PBX said nothing for 9 s>",
    ]
    assert (
        tell("number +1 and address a@b.c stands on this card") == "<<number +1 and address a@b.c> stands on this card>"
    )
    assert tell("busy, but not so") == "busy, but not so"


def phrases_of(text: str) -> Iterator[str]:
    """The phrases a text is made of, those within them too."""
    if found := said(text):
        phrase, values = found
        yield phrase
        for name in values.keys() & NESTED:
            yield from phrases_of(values[name])


@cache
def everything() -> frozenset[str]:
    """The texts of all of Hub but the phrases themselves and the phone system in the box."""
    paths = [path for path in HUB.rglob("*.py") if path.name != "phrases.py" and "simulator" not in path.parts]
    return frozenset(text for path in paths for text in sentences(path))


def sentences(path: Path) -> Iterator[str]:
    """The texts of a module that are no docstrings and no log lines; what is put into one is a 7."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    passed = set[int]()
    for node in ast.walk(tree):
        if _is_docstring(node) or (isinstance(node, ast.Call) and ast.unparse(node.func).startswith("log.")):
            passed.update(id(inner) for inner in ast.walk(node))
        elif isinstance(node, ast.JoinedStr):
            passed.update(id(part) for part in node.values)
    for node in ast.walk(tree):
        if id(node) not in passed and (text := _text(node)):
            yield text


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _text(node: ast.AST) -> str | None:
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(_text(part) or PLACE for part in parts)
    return None


def test_how_long_is_told_in_the_viewer_s_language() -> None:
    text = "pbx: nothing was delivered for 3 days"
    assert said(text) == ("%(name)s: nothing was delivered for %(length)s", {"name": "pbx", "length": "3 days"})
    assert said("3 days") == ("%(count)s days", {"count": "3"})
