"""The log: one JSON object a line on standard error, with ids, and without anybody's number or secret.

Hub's own lines name things by id. What comes from elsewhere (a trace, a library, a phone system's words) may say
anything, so every line passes `mask` last: telephone numbers keep four digits, secrets nothing.
"""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any

import structlog
from structlog.stdlib import ProcessorFormatter

HIDDEN = "[hidden]"
NAMES = r"passwords?|passwd|secrets?|tokens?|auth_token|api_?key|authorization|cookie|set-cookie|signature|body"
VALUE = r"""(?:b?'[^']*'|b?"[^"]*"|[^\s,;&)}]+)"""
_SECRET_NAME = re.compile(rf"(?:\w+[_-])?(?:{NAMES})", re.IGNORECASE)
_SECRETS: Sequence[tuple[re.Pattern[str], str]] = (
    (re.compile(r"(/hooks/[^/\s?#\"'<]+)[/?][^\s\"'\\,)>]*"), rf"\1/{HIDDEN}"),
    (re.compile(r"\bhub_[A-Za-z0-9_-]{8,}"), f"hub_{HIDDEN}"),
    (re.compile(r"\b(Bearer|Basic|Digest)\s+[A-Za-z0-9+/=_.~-]{6,}", re.IGNORECASE), rf"\1 {HIDDEN}"),
    (re.compile(r"(://[^/\s:@]*:)[^/\s@]+@"), rf"\1{HIDDEN}@"),
    (re.compile(rf"(?i)\b((?:\w+[_-])?(?:{NAMES})['\"]?\s*[=:]\s*){VALUE}"), rf"\1{HIDDEN}"),
)
_DIGITS = re.compile(
    r"(?P<id>\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\b[0-9a-f]{32}\b"
    r"|\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?|\b(?:\d{1,3}\.){3}\d{1,3}\b"
    r"|\b1\d{9}\.\d{1,9}\b)"  # a UUID, a request, a moment, an address, a channel of Asterisk
    r"|(?<!\d)(?P<number>\d(?:[ ().-]{0,2}\d){6,14})(?!\d)"
)
ALWAYS_KEPT = frozenset({"timestamp", "level", "request_id", "logger"})


def mask(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Processor, before rendering: nothing leaves that must not."""
    return {name: value if name in ALWAYS_KEPT else _masked(name, value) for name, value in line.items()}


def _masked(name: str, value: Any) -> Any:
    if isinstance(value, bytes) or _SECRET_NAME.fullmatch(name):
        return HIDDEN
    if value is None or isinstance(value, (int, float)):
        return value
    if isinstance(value, Mapping):
        return {key: _masked(str(key), one) for key, one in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_masked(name, one) for one in value]
    return masked(value if isinstance(value, str) else repr(value))


def masked(text: str) -> str:
    """`text` with numbers cut to their last four digits and secrets hidden."""
    for pattern, instead in _SECRETS:
        text = pattern.sub(instead, text)
    return _DIGITS.sub(_shortened, text)


def _shortened(found: re.Match[str]) -> str:
    number = found["number"]
    return found[0] if number is None else "…" + re.sub(r"\D", "", number)[-4:]


SHARED = (
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
)


def start(level: str) -> None:
    """Hub's own lines and those of libraries, all in the same form."""
    structlog.configure(
        processors=[*SHARED, mask, structlog.processors.JSONRenderer(ensure_ascii=False)],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter())
    logging.basicConfig(handlers=[handler], level=max(logging.WARNING, logging.getLevelName(level)), force=True)


def formatter() -> logging.Formatter:
    """For the handlers of libraries that have their own."""
    return ProcessorFormatter(
        foreign_pre_chain=[*SHARED[:3], structlog.stdlib.add_logger_name],
        processors=[
            ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            mask,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )
