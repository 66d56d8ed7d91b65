"""What goes over the wire to and from a manager interface."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.errors import Invalid
from hub.telephony.ami import Lost, one, parse, serialise
from hub.telephony.ami.wire import MAX_BLOCK, MAX_HEADERS, MAX_LINE, Reader

SAFE = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=100)
BREAKING = st.sampled_from(["\r", "\n", "\0", "\x0b", "\x1b", "\x7f", "\x85", "\u2028", "\ud800"])


def test_an_action_is_lines_ended_by_an_empty_one() -> None:
    assert serialise([("Action", "Ping"), ("ActionID", "hub-1")]) == b"Action: Ping\r\nActionID: hub-1\r\n\r\n"


@given(before=SAFE, breaking=BREAKING, after=SAFE)
def test_no_value_breaks_out_of_its_line(before: str, breaking: str, after: str) -> None:
    with pytest.raises(Invalid) as refused:
        serialise([("Action", "Originate"), ("Exten", before + breaking + after)])
    assert refused.value.field == "Exten"


@given(name=st.text().filter(lambda text: not text.isascii() or not text.replace("-", "a").isalnum()))
def test_no_name_but_a_plain_word_is_sent(name: str) -> None:
    with pytest.raises(Invalid):
        serialise([(name, "1")])


@given(value=SAFE)
def test_what_is_serialised_reads_back_as_it_was(value: str) -> None:
    raw = serialise([("Action", "UserEvent"), ("Note", value)])
    assert one(parse(raw.removesuffix(b"\r\n\r\n")), "Note") == value


def test_a_value_asterisk_would_drop_is_refused() -> None:
    with pytest.raises(Invalid, match="1000"):
        serialise([("Variable", "x" * 1000)])


def test_repeated_headers_become_a_list_in_their_order() -> None:
    block = parse(b"Event: X\r\nVariable: a=1\r\nVariable: b=2\r\nVariable: c=3\r\nAccountCode: ")
    assert block == {"Event": "X", "Variable": ["a=1", "b=2", "c=3"], "AccountCode": ""}
    assert list(block) == ["Event", "Variable", "AccountCode"]
    assert (one(block, "Variable"), one(block, "Nothing")) == ("a=1", "")


def test_bad_utf8_and_nul_bytes_do_not_stop_the_reading() -> None:
    assert parse(b"CallerIDName: Ol\xffena\0\r\nno header at all") == {"CallerIDName": "Ol\ufffdena"}


@given(cuts=st.lists(st.integers(0, 60), max_size=8).map(sorted))
def test_blocks_are_the_same_however_the_stream_is_cut(cuts: list[int]) -> None:
    stream = "Event: А\r\nX: 1\r\n\r\nEvent: B\r\n\r\nEvent: C\r\nY: a: b\r\n\r\nEvent: D".encode()
    reader = Reader()
    blocks = []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        reader.feed(stream[start:end])
        blocks += reader.blocks()
    assert blocks == [{"Event": "А", "X": "1"}, {"Event": "B"}, {"Event": "C", "Y": "a: b"}]


@pytest.mark.parametrize(
    "stream",
    [
        b"X: " + b"x" * MAX_LINE,
        b"X: " + b"x" * MAX_LINE + b"\r\n\r\n",
        b"X: 1\r\n" * (MAX_BLOCK // 6 + 1),
        b"X: 1\r\n" * (MAX_BLOCK // 6 + 1) + b"\r\n",
        b"X: 1\r\n" * MAX_HEADERS + b"Y: 2\r\n\r\n",
    ],
    ids=["endless line", "long line", "endless block", "long block", "many headers"],
)
def test_what_is_too_long_to_be_asterisk_ends_the_line(stream: bytes) -> None:
    with pytest.raises(Lost, match="the PBX sent a"):
        _read(stream)


def _read(stream: bytes) -> None:
    reader = Reader()
    reader.feed(stream)
    reader.blocks()
