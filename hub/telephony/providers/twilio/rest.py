"""Twilio's REST API, and what it means when it says no."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from twilio.rest import Client

from hub.domain.errors import HubError, Misconfigured, Rejected, Transient
from hub.http import NoAnswer
from hub.telephony.providers.twilio.settings import TwilioSettings
from hub.telephony.providers.twilio.transport import Bounded

BUSY = timedelta(seconds=10)
REASONS = {
    20003: "the account or its token is not right",
    21205: "Twilio does not accept Hub's public address",
    21210: "the number to show is not verified at Twilio; choose one of the account's numbers",
    21211: "Twilio knows no such number",
    21212: "the number to show is not one Twilio can call from",
    21214: "Twilio cannot reach that number",
    21215: "calls to that country are not allowed in the Twilio account (Geo permissions)",
    21216: "Twilio does not call that number",
    21217: "Twilio knows no such number",
    21219: "a trial account calls only numbers verified at Twilio",
    21220: "that call is over",
}
"""What a person can do about the refusals that happen, by Twilio's code."""


def client(settings: TwilioSettings, seconds: float) -> Client:
    """A client whose every request takes at most `seconds`."""
    token = settings.auth_token.get_secret_value()
    return Client(settings.account_sid, token, http_client=Bounded(settings.api_base, seconds))


@contextmanager
def in_our_words() -> Iterator[None]:
    """Twilio's errors as Hub's. NoAnswer: it is not known whether Twilio did what it was asked."""
    try:
        yield
    except (TwilioRestException, TwilioServiceException) as error:
        raise _refusal(error) from error
    except (TwilioException, ValueError, TypeError, KeyError, AttributeError) as error:
        raise NoAnswer("Twilio answered something that is no answer") from error


def _refusal(error: TwilioRestException | TwilioServiceException) -> HubError:
    status = error.status
    if status in (401, 403):
        return Misconfigured("auth_token: Twilio does not accept it for this account_sid")
    if status == 429:
        return Transient("Twilio has too much to do for this account; try again in a moment", BUSY)
    if status == 404:
        return Rejected("Twilio knows nothing of it")
    if 400 <= status < 500:
        return Rejected(f"Twilio refuses: {_reason(error)}")
    return NoAnswer(f"Twilio has trouble of its own ({status})")


def _reason(error: TwilioRestException | TwilioServiceException) -> str:
    if known := REASONS.get(error.code or 0):
        return known
    said = error.msg if isinstance(error, TwilioRestException) else f"{error.title}: {error.detail or ''}"
    return f"{said.partition(': ')[2][:200] or 'no reason given'} ({error.code})"
