"""A Twilio of our own: its REST API, as strict as the published description, and a telephone exchange behind it.

rules     what its REST API takes: parameters, which must be there, of what form
exchange  what it does with a call: asks for instructions (TwiML), follows them, tells of each leg
script    how the people behave who are called
http      how it reaches Hub: over real HTTP, signed
rest      its REST API as a server, with troubles to order
"""

from tests.standins.twilio.exchange import Exchange, Leg
from tests.standins.twilio.rest import Api, Trouble
from tests.standins.twilio.script import ABSENT, Answers, Busy, Caller

__all__ = ["ABSENT", "Answers", "Api", "Busy", "Caller", "Exchange", "Leg", "Trouble"]
