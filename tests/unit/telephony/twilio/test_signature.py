"""Only Twilio gets in, and only with requests about our account that were signed for our address."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.delivery import Delivery
from hub.domain.errors import Unauthentic
from tests.standins.twilio.exchange import ACCOUNT
from tests.standins.twilio.http import signature
from tests.unit.telephony.twilio.hub_side import CONNECTOR, FORM, MONDAY, PUBLIC, TOKEN, settings

FIELDS = {
    "AccountSid": ACCOUNT,
    "CallSid": f"CA{1:032x}",
    "CallStatus": "ringing",
    "CallerName": "",
    "From": "+12025550123",
}
TARGET = "/hooks/main/leg?of=in"
STRANGER = "AC" + "f" * 32


def form(
    fields: Mapping[str, str] | list[tuple[str, str]] = FIELDS, signed: str | None = None, **more: Any
) -> Delivery:
    """A form; `signed` is the address it was signed for."""
    sent: dict[str, Any] = {"target": TARGET, "token": TOKEN, "settings": settings()} | more
    proof = signature(sent.pop("token"), signed or PUBLIC + sent["target"], fields)
    plain: dict[str, Any] = {"connection_id": 1, "content_type": FORM, "path": "leg", "received_at": MONDAY}
    body = urlencode(fields).encode()
    return Delivery(**({"body": body, "headers": {"x-twilio-signature": proof}} | plain | sent))


def document(said: Mapping[str, str], *, named: bytes | None = None, **more: Any) -> Delivery:
    """A JSON body, whose digest stands in the address; `named` is what the digest is of."""
    body = json.dumps(said).encode()
    digest = f"bodySHA256={hashlib.sha256(body if named is None else named).hexdigest()}"
    target = more.pop("target", f"{TARGET}&{digest}")
    proof = signature(TOKEN, PUBLIC + target)
    return form(
        target=target, body=body, content_type="application/json", headers={"x-twilio-signature": proof}, **more
    )


def asked(fields: Mapping[str, str] = FIELDS) -> Delivery:
    """A GET: fields in the query."""
    target = f"/hooks/main/voice?{urlencode(fields)}"
    query = target.partition("?")[2]
    return form({}, target=target, query=query, method="GET", content_type="application/octet-stream", path="voice")


ACCEPTED = {
    "a form": form(),
    "a field that repeats": form([*FIELDS.items(), ("Tag", "b"), ("Tag", "a"), ("Tag", "b")]),
    "signed with the port of https": form(signed=f"https://hub.example.org:443{TARGET}"),
    "our address with a port, signed with it": form(
        settings=settings(public_url="https://hub.example.org:8443"), signed=f"https://hub.example.org:8443{TARGET}"
    ),
    "our address with a port, signed without": form(
        settings=settings(public_url="https://hub.example.org:8443"), signed=PUBLIC + TARGET
    ),
    "our address below a path of a proxy's": form(
        settings=settings(public_url=f"{PUBLIC}/phone/"), signed=f"{PUBLIC}/phone{TARGET}"
    ),
    "with the token before": form(token="old", settings=settings(previous_auth_token="old")),
    "with the new token beside the one before": form(settings=settings(previous_auth_token="old")),
    "JSON with its digest": document(FIELDS),
    "a GET": asked(),
}
REFUSED = {
    "no signature": form(headers={}),
    "an empty signature": form(headers={"x-twilio-signature": ""}),
    "a signature that is no text of this world": form(headers={"x-twilio-signature": "\udcff\xe9…" * 400}),
    "another token": form(token="somebody else's"),
    "the token before, after it was forgotten": form(token="old"),
    "signed for another address": form(signed="https://other.example.org" + TARGET),
    "signed for another path": form(signed=f"{PUBLIC}/hooks/other/leg?of=in"),
    "signed for another query": form(signed=f"{PUBLIC}/hooks/main/leg?of=out"),
    "signed for the address inside": form(signed="http://127.0.0.1:8000" + TARGET),
    "a form with a field more": replace(form(), body=urlencode(FIELDS | {"From": "+12025550199"}).encode()),
    "another account": form(FIELDS | {"AccountSid": STRANGER}),
    "no account": form({"CallSid": FIELDS["CallSid"]}),
    "JSON without a digest": document(FIELDS, target=TARGET),
    "JSON with the digest of another body": document(FIELDS, named=b"{}"),
    "JSON of another account": document(FIELDS | {"AccountSid": STRANGER}),
    "JSON called a form": replace(document(FIELDS), content_type=FORM),
    "a form called text": replace(form({}), body=urlencode(FIELDS).encode(), content_type="text/plain"),
    "more fields than anybody sends": form({f"Field{number}": "" for number in range(300)}),
    "a GET with a body": replace(asked(), body=b"AccountSid=" + ACCOUNT.encode()),
    "an absolute target": form(target=PUBLIC + TARGET, signed=PUBLIC + PUBLIC + TARGET),
}


@pytest.mark.parametrize("what", ACCEPTED)
def test_it_is_twilio(what: str) -> None:
    CONNECTOR.verify(ACCEPTED[what])


@pytest.mark.parametrize("what", REFUSED)
def test_it_is_not_twilio(what: str) -> None:
    with pytest.raises(Unauthentic):
        CONNECTOR.verify(REFUSED[what])


def test_a_get_tells_and_is_kept() -> None:
    delivery = ACCEPTED["a GET"]
    assert not CONNECTOR.is_question(delivery)
    assert len(CONNECTOR.translate(delivery)) == 1


def test_json_is_understood_as_a_form_is() -> None:
    assert CONNECTOR.translate(ACCEPTED["JSON with its digest"]) == CONNECTOR.translate(form(path="leg"))


@given(
    body=st.binary(max_size=200),
    offered=st.text(max_size=50),
    content_type=st.sampled_from([FORM, "application/json", "text/plain"]),
)
def test_nothing_else_gets_in(body: bytes, offered: str, content_type: str) -> None:
    delivery = form(body=body, headers={"x-twilio-signature": offered}, content_type=content_type)
    with pytest.raises(Unauthentic):
        CONNECTOR.verify(delivery)
