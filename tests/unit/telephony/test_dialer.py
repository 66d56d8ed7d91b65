"""What Hub asks of a PBX for a click-to-call, and what it refuses to ask."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.dialing import DialOrder
from hub.domain.errors import Invalid
from hub.telephony.ami import serialise
from hub.telephony.dialer import DialPlan, originate

ORDER = DialOrder(request="7b1f", extension="101", number="+380671234567")


def test_the_managers_phone_rings_first_and_then_the_client_is_called() -> None:
    headers = originate(ORDER, DialPlan())
    assert headers == [
        ("Channel", "PJSIP/101"),
        ("Context", "from-internal"),
        ("Exten", "+380671234567"),
        ("Priority", "1"),
        ("CallerID", '"+380671234567" <+380671234567>'),
        ("Timeout", "25000"),
        ("Async", "true"),
        ("ChannelId", "hub-7b1f-a"),
        ("Variable", "__HUB_CALL_ID=7b1f"),
    ]


def test_a_local_channel_has_two_ends_with_ids_of_ours() -> None:
    headers = dict(originate(ORDER, DialPlan(channel="Local/{extension}@from-internal")))
    assert headers["Channel"] == "Local/101@from-internal"
    assert (headers["ChannelId"], headers["OtherChannelId"]) == ("hub-7b1f-a", "hub-7b1f-b")


@pytest.mark.parametrize(
    "number",
    [
        *("", "+", "380+67", "++38067", "anonymous", "<unknown>", "sip:x@example.org", "0671234567,101", "٠٦٧١٢"),
        *("067\r\nAction: Command", "067\nApplication: System", "067\0", "067&PJSIP/102", "067;echo", "9" * 33),
    ],
)
def test_what_is_no_number_is_never_dialled(number: str) -> None:
    with pytest.raises(Invalid) as refused:
        DialOrder(request="7b1f", extension="101", number=number)
    assert refused.value.field == "number"


ANYTHING = st.one_of(st.text(max_size=40), st.text("0123456789+*#\r\n ,&/@;:={}<>\"'", max_size=20))


def attempt(request: str, extension: str, number: str, plan: DialPlan) -> list[tuple[str, str]] | str | None:
    """The headers, or the name of the field that was refused."""
    try:
        return originate(DialOrder(request=request, extension=extension, number=number), plan)
    except Invalid as refused:
        return refused.field


@given(request=ANYTHING, extension=ANYTHING, number=ANYTHING)
def test_nothing_typed_ever_becomes_another_header(request: str, extension: str, number: str) -> None:
    made = attempt(request, extension, number, DialPlan())
    if not isinstance(made, list):
        assert made in {"request", "extension", "number"}
        return
    names = [line.partition(b":")[0] for line in serialise(made).strip().split(b"\r\n")]
    assert names == [name.encode() for name, _ in originate(ORDER, DialPlan())]
    assert all(value.isascii() and value.isprintable() for _, value in made)


@given(channel=ANYTHING, context=ANYTHING)
def test_a_plan_that_is_no_channel_is_refused_by_the_settings_name(channel: str, context: str) -> None:
    made = attempt("7b1f", "101", "067", DialPlan(channel=channel, context=context))
    if not isinstance(made, list):
        assert made in {"dial_channel", "dial_context"}
        return
    assert not set("&,\r\n") & set(dict(made)["Channel"] + dict(made)["Context"])
