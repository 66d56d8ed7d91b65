"""What Hub's inside says in English, in the viewer's language.

Rows, logs and the API keep the English words: a reason of a call, why a card was matched, a refusal. A page asks
here. `phrases.py` declares what can be said; what is not declared (a phone system's own words, a person's) is shown
as it is.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from flask_babel import gettext

from hub.web.pages.phrases import NESTED, PHRASES

SEPARATORS = ("; ", ", ")
_PLACE = re.compile(r"%\((\w+)\)s")
PLAIN = frozenset(phrase for phrase in PHRASES if not _PLACE.search(phrase))


def tell(text: str | None) -> str:
    """`text` as the viewer reads it, a list of things said one by one; nothing stays nothing."""
    if not text:
        return ""
    if found := said(text):
        return _worded(*found)
    for separator in SEPARATORS:
        parts = text.split(separator)
        if all(said(part) for part in parts):
            return separator.join(map(tell, parts))
    return text


@lru_cache(maxsize=2000)  # a log says the same few things on every page
def said(text: str) -> tuple[str, Mapping[str, str]] | None:
    """The phrase a text is, and what stands in its places; None when it is not declared."""
    if text in PLAIN:
        return text, {}
    for phrase, shape in _SHAPES:
        if found := shape.fullmatch(text):
            return phrase, found.groupdict()
    return None


def _worded(phrase: str, values: Mapping[str, str]) -> str:
    return gettext(phrase, **{name: tell(value) if name in NESTED else value for name, value in values.items()})


def _shapes() -> Iterator[tuple[str, re.Pattern[str]]]:
    for phrase in PHRASES:
        literal, *rest = _PLACE.split(phrase)
        if rest:
            places = zip(rest[::2], rest[1::2], strict=True)
            shape = re.escape(literal) + "".join(f"(?P<{name}>.+?){re.escape(after)}" for name, after in places)
            yield phrase, re.compile(shape, re.DOTALL)


_SHAPES = tuple(_shapes())
