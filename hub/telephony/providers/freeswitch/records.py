"""Call records of mod_json_cdr: one for each leg, after it ended, in any of the encodings the module has."""

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote_plus

from hub.domain.delivery import Delivery, Fact
from hub.domain.errors import Unrecognised
from hub.telephony.providers.freeswitch import text as read
from hub.telephony.providers.freeswitch.snapshots import Snapshot, known, of_variables

_FIELD = b"cdr="
_RECORDERS = {"record_session", "record_session_mask"}


def facts(delivery: Delivery) -> list[Fact]:
    """The leg the record is of, and those it called; Unrecognised says what is missing."""
    said = _parsed(delivery.body)
    variables = read.decoded(read.texts(said.get("variables")))
    [leg, *_] = read.uuids(variables.get("uuid", "")) or [""]
    if not leg:
        raise Unrecognised("variables.uuid: is missing; every call record names its channel")
    shown = _snapshot(leg, said, variables)
    if "ended" not in shown:
        raise Unrecognised("variables.end_epoch: is missing; a call record comes after the end")
    at = read.moment(shown["ended"])
    return [Fact(nodes=nodes(one), at=at, data=one) for one in (shown, *_called(leg, said))]


def nodes(shown: Snapshot) -> frozenset[str]:
    """The legs a snapshot names: they are of one conversation."""
    return frozenset({shown["leg"], *shown.get("others", ()), *([shown["by"]] if shown.get("by") else [])})


def _parsed(body: bytes) -> Mapping[str, Any]:
    for candidate in _candidates(body.strip()):
        try:
            said = json.loads(candidate)
        except (ValueError, RecursionError):
            continue
        if isinstance(said, dict):
            return said
    raise Unrecognised("no call record: expected JSON, or a form field cdr= with JSON in it, plain or in base64")


def _candidates(body: bytes) -> Iterator[bytes]:
    """The body as it may be meant: as it is, out of its form field, without percent signs, out of base64."""
    bare = body.removeprefix(_FIELD)
    yield bare
    plain = unquote_plus(bare.decode("latin-1"), encoding="latin-1").encode("latin-1")
    yield plain
    for encoded in (bare, plain.replace(b" ", b"+")):
        try:
            yield base64.b64decode(b"".join(encoded.split()), validate=True)
        except (binascii.Error, ValueError):
            continue


def _snapshot(leg: str, said: Mapping[str, Any], variables: Mapping[str, str]) -> Snapshot:
    shown, profile = of_variables(leg, variables), _profile(said)
    shown |= known(
        {
            "caller": read.number(profile.get("caller_id_number", "")) or shown.get("caller", ""),
            "name": profile.get("caller_id_name", "") or shown.get("name", ""),
            "dialled": read.number(profile.get("destination_number", variables.get("destination_number", ""))),
            "recordings": [*shown.get("recordings", ()), *_recorded(said, variables)],
        }
    )
    return shown


def _flows(said: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """How the leg went through the dial plan, the first step first; older releases show the first step alone."""
    flow = said.get("callflow")
    steps = flow if isinstance(flow, list) else [flow]
    return [step for step in reversed(steps[: read.MOST]) if isinstance(step, Mapping)]


def _profile(said: Mapping[str, Any]) -> Mapping[str, str]:
    """Who called whom when the leg began, before it was sent on."""
    steps = (_plain(step.get("caller_profile")) for step in _flows(said))
    return next((step for step in steps if step), {})


def _plain(said: Any) -> dict[str, str]:
    return read.decoded(read.texts(said))


def _called(leg: str, said: Mapping[str, Any]) -> Iterator[Snapshot]:
    """The legs this one called, for switches that push no records of them."""
    for profile in _originatees(said):
        shown = _plain(profile)
        [other, *_] = read.uuids(shown.get("uuid", "")) or [""]
        if other and other != leg:
            yield known(
                {
                    "leg": other,
                    "by": leg,
                    "direction": "outbound",
                    "heard_of": "yes",
                    "dialled": read.number(shown.get("destination_number", "")),
                    "caller": read.number(shown.get("caller_id_number", "")),
                    "channel": shown.get("chan_name", ""),
                }
            )


def _originatees(said: Mapping[str, Any]) -> Iterator[Any]:
    for step in _flows(said):
        profile = step.get("caller_profile")
        called = profile.get("originatee") if isinstance(profile, Mapping) else None
        several = called.get("originatee_caller_profiles") if isinstance(called, Mapping) else None
        yield from (several if isinstance(several, list) else [])[: read.MOST]


def _applications(said: Mapping[str, Any], variables: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What the dial plan did with the leg, with its arguments."""
    log = said.get("app_log")
    done = log.get("applications") if isinstance(log, Mapping) else None
    for step in (done if isinstance(done, list) else [])[:500]:
        shown = _plain(step)
        yield shown.get("app_name", ""), shown.get("app_data", "")
    yield variables.get("last_app", ""), variables.get("last_arg", "")


def _recorded(said: Mapping[str, Any], variables: Mapping[str, str]) -> list[str]:
    """Files the leg was recorded to."""
    files = (data.partition(" ")[0] for name, data in _applications(said, variables) if name in _RECORDERS and data)
    return list(dict.fromkeys(files))[: read.MOST]
