"""The live line to a PBX: listening, a try of the connection, click-to-call."""

from hub.connectors import Listening
from hub.domain.dialing import DialOrder, PhoneState, Placed
from hub.domain.errors import Misconfigured
from hub.telephony import dialer
from hub.telephony.ami import Ami, Endpoint
from hub.telephony.ami.line import Manager
from hub.telephony.cdr_source import Records
from hub.telephony.listener import Listener
from hub.telephony.providers.asterisk.ami import keeps
from hub.telephony.providers.asterisk.settings import AsteriskSettings


def endpoint(settings: AsteriskSettings) -> Endpoint:
    """Where the manager interface is; Misconfigured when nobody said."""
    if not settings.host:
        raise Misconfigured("host: is not set; expected the name or address of the PBX")
    secret = settings.secret.get_secret_value()
    return Endpoint(host=settings.host, port=settings.port, username=settings.username, secret=secret)


def listener(settings: AsteriskSettings) -> Listening | None:
    """None without a host: such a connection takes imports alone."""
    if not settings.host:
        return None
    records = Records(settings.cdr.get_secret_value(), settings.zone).read if settings.cdr else None
    return lambda lease, intake: Listener(Manager(endpoint(settings), keeps), lease, intake, records)


def probe(settings: AsteriskSettings) -> str:
    """Log in and out again; Misconfigured or Transient say what is wrong."""
    if not settings.host:
        return "nothing to try: without a host it takes what is fed to it alone"
    there = endpoint(settings)
    with Ami.connect(there) as ami:
        ami.login(there, "off")
    return f"{there} answers and takes the manager user {settings.username}"


def place(settings: AsteriskSettings, order: DialOrder) -> Placed:
    dialer.place(endpoint(settings), _plan(settings), order)
    return Placed(detail="the phone system rings your phone")


def cancel(settings: AsteriskSettings, order: DialOrder) -> str:
    dialer.hang_up(endpoint(settings), order)
    return "the phone system hung up"


def phone_state(settings: AsteriskSettings, extension: str) -> PhoneState:
    return dialer.phone_state(endpoint(settings), _plan(settings), extension)


def _plan(settings: AsteriskSettings) -> dialer.DialPlan:
    return dialer.DialPlan(channel=settings.dial_channel, context=settings.dial_context)
