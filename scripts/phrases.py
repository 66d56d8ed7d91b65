"""The phrases of Hub's pages: gathered from the sources into each language's catalog, and compiled for serving.

`gather` brings every .po in line with the sources: what is new stands there without a translation, what is gone goes.
`compile` makes the .mo files that pages read. A language is there when it has a folder.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

HUB = Path(__file__).parents[1] / "hub"
CATALOGS = HUB / "web/translations"
METHODS = [("**.py", "python"), ("web/templates/**.html", "jinja2")]
KEYWORDS = {**DEFAULT_KEYWORDS, "lazy_gettext": None, "lazy_pgettext": ((1, "c"), 2), "phrase": None}
"""The functions a phrase is given to, beside gettext's own: see hub/web/pages/phrases.py for the last."""
HEADER = """# The words of Hub's pages. `make phrases` adds what is new; a test holds them whole.
msgid ""
msgstr ""
"Language: {0.locale}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {0.plural_forms}\\n"

"""
"""Without dates, so that a catalog changes only where a phrase does."""
WIDTH = 120


def sources() -> Catalog:
    """Every phrase of the sources, with the files it stands in."""
    found = Catalog(project="Hub", charset="utf-8")
    for name, _line, message, comments, context in extract_from_dir(HUB, METHODS, keywords=KEYWORDS):
        found.add(message, None, [(f"hub/{name}", 0)], auto_comments=comments, context=context)
    for file, message in of_connectors():
        found.add(message, None, [(file, 0)])
    return found


def of_connectors() -> Iterator[tuple[str, str]]:
    """What connectors say of their settings, which forms are made of; each with the file it stands in."""
    from hub.connectors import discover  # noqa: PLC0415 - compiling needs no more of Hub than its catalogs
    from hub.web.pages.settings.setting_fields import label  # noqa: PLC0415 - same

    for kind, connector in sorted(discover().items()):
        for name, field in connector.Settings.model_fields.items():
            for message in filter(None, (label(name), field.description)):
                yield f"hub/telephony/providers/{kind}", message


def languages() -> list[str]:
    return sorted(folder.name for folder in CATALOGS.iterdir() if folder.is_dir())


def catalog_of(language: str) -> Path:
    return CATALOGS / language / "LC_MESSAGES/messages.po"


def catalog(language: str) -> Catalog:
    """A language's phrases as they are kept."""
    with catalog_of(language).open("rb") as file:
        return read_po(file, locale=language)


def gather() -> None:
    there = sources()
    for language in languages():
        kept = catalog(language)
        kept.update(there, no_fuzzy_matching=True, update_creation_date=False)
        with catalog_of(language).open("wb") as file:
            file.write(HEADER.format(kept).encode())
            write_po(file, kept, WIDTH, omit_header=True, ignore_obsolete=True, include_lineno=False, sort_by_file=True)


def compile_all() -> None:
    for language in languages():
        with catalog_of(language).with_suffix(".mo").open("wb") as file:
            write_mo(file, catalog(language))


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["gather"]:
            gather()
        case ["compile"]:
            compile_all()
        case _:
            sys.exit("phrases.py gather | compile")
