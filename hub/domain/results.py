"""What came of a call, in a company's own words, each of one of four kinds."""

from collections.abc import Mapping

KINDS = ("good", "later", "lost", "wrong")
"""It goes on well; it goes on another time; it goes on no more; it never was about us."""
USUAL = "good: Agreed; later: Call later; lost: Not interested; wrong: Wrong number"
MAX_WORD, MAX_WORDS = 50, 20


def parse(text: str) -> Mapping[str, str]:
    """``good: Agreed, Ordered; later: Call later`` → kinds by word, in that order; ValueError says what is expected."""
    found: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in text.split(";"))):
        kind, colon, words = part.partition(":")
        if not colon or kind.strip() not in KINDS:
            raise ValueError(f"expected kinds ({', '.join(KINDS)}) with their words, such as {USUAL!r}")
        found |= {word.strip(): kind.strip() for word in words.split(",") if word.strip()}
    if not 0 < len(found) <= MAX_WORDS or any(len(word) > MAX_WORD for word in found):
        raise ValueError(f"expected 1 to {MAX_WORDS} words of at most {MAX_WORD} characters")
    return found
