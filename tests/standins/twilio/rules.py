"""What Twilio's REST API takes, from its published OpenAPI description (2010-04-01): nothing else, nothing less."""

import re
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import urlsplit

Check = Callable[[str], bool]
STATUSES = ("queued", "ringing", "in-progress", "completed", "busy", "failed", "no-answer", "canceled")


def _sid(prefix: str) -> Check:
    return lambda value: re.fullmatch(prefix + "[0-9a-fA-F]{32}", value) is not None


def _among(*values: str) -> Check:
    return lambda value: value in values


def _number(low: int, high: int) -> Check:
    return lambda value: re.fullmatch("[0-9]{1,9}", value) is not None and low <= int(value) <= high


def _text(value: str) -> bool:
    return bool(value)


def _uri(value: str) -> bool:
    """Absolute; the description also rules out underscores in the host."""
    parts = urlsplit(value)
    return parts.scheme in ("http", "https") and bool(parts.hostname) and "_" not in (parts.hostname or "")


def _endpoint(value: str) -> bool:
    """A telephone number, a browser, or a SIP address."""
    return re.fullmatch(r"\+[1-9][0-9]{6,14}|client:[A-Za-z0-9_]+|sips?:[^@\s]+@[^@\s]+", value) is not None


def _moment(value: str) -> bool:
    return re.fullmatch(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\dZ)?", value) is not None


_METHOD, _FLAG, _SECONDS = _among("GET", "POST"), _among("true", "false"), _number(0, 100_000)
_EVENT = _among("initiated", "ringing", "answered", "completed")
REPEATED = frozenset({"StatusCallbackEvent", "RecordingStatusCallbackEvent"})

CREATE: Mapping[str, Check] = {
    "To": _endpoint,
    "From": _endpoint,
    "Method": _METHOD,
    "FallbackUrl": _uri,
    "FallbackMethod": _METHOD,
    "StatusCallback": _uri,
    "StatusCallbackEvent": _EVENT,
    "StatusCallbackMethod": _METHOD,
    "SendDigits": _text,
    "Timeout": _number(0, 600),
    "Record": _FLAG,
    "RecordingChannels": _among("mono", "dual"),
    "RecordingStatusCallback": _uri,
    "RecordingStatusCallbackMethod": _METHOD,
    "RecordingStatusCallbackEvent": _among("in-progress", "completed", "absent"),
    "SipAuthUsername": _text,
    "SipAuthPassword": _text,
    "MachineDetection": _among("Enable", "DetectMessageEnd"),
    "MachineDetectionTimeout": _SECONDS,
    "Trim": _among("trim-silence", "do-not-trim"),
    "CallerId": _text,
    "MachineDetectionSpeechThreshold": _SECONDS,
    "MachineDetectionSpeechEndThreshold": _SECONDS,
    "MachineDetectionSilenceTimeout": _SECONDS,
    "AsyncAmd": _FLAG,
    "AsyncAmdStatusCallback": _uri,
    "AsyncAmdStatusCallbackMethod": _METHOD,
    "Byoc": _sid("BY"),
    "CallReason": _text,
    "CallToken": _text,
    "RecordingTrack": _among("inbound", "outbound", "both"),
    "TimeLimit": _SECONDS,
    "ClientNotificationUrl": _uri,
    "Url": _uri,
    "Twiml": _text,
    "ApplicationSid": _sid("AP"),
}
UPDATE: Mapping[str, Check] = {
    "Url": _uri,
    "Method": _METHOD,
    "Status": _among("canceled", "completed"),
    "FallbackUrl": _uri,
    "FallbackMethod": _METHOD,
    "StatusCallback": _uri,
    "StatusCallbackMethod": _METHOD,
    "Twiml": _text,
    "TimeLimit": _SECONDS,
}
LIST: Mapping[str, Check] = {
    "To": _text,
    "From": _text,
    "ParentCallSid": _sid("CA"),
    "Status": _among(*STATUSES),
    "StartTime": _moment,
    "StartTime<": _moment,
    "StartTime>": _moment,
    "EndTime": _moment,
    "EndTime<": _moment,
    "EndTime>": _moment,
    "PageSize": _number(1, 1000),
    "Page": _number(0, 100_000),
    "PageToken": _text,
}


def problem(given: Mapping[str, Sequence[str]], rules: Mapping[str, Check]) -> str | None:
    """Why a request is refused; None when it keeps to the rules."""
    for name, values in given.items():
        if name not in rules:
            return f"there is no parameter {name}"
        if len(values) > 1 and name not in REPEATED:
            return f"{name} is given twice"
        if wrong := [value for value in values if not rules[name](value)]:
            return f"{name} is not valid: {wrong[0][:60]}"
    return None


def create_problem(given: Mapping[str, Sequence[str]]) -> str | None:
    """The same for a new call, which needs both ends and one way to know what to do."""
    if missing := [name for name in ("To", "From") if name not in given]:
        return f"{missing[0]} is missing"
    if not {"Url", "Twiml", "ApplicationSid"} & given.keys():
        return "Url, Twiml or ApplicationSid is missing"
    if given["To"][0].startswith("+") and not given["From"][0].startswith("+"):
        return "From must be a telephone number when To is one"
    return problem(given, CREATE)
