"""Click-to-call, one door for every phone system: checked, stored, placed, followed, taken back.

choosing   which of one's phones rings, as its owner has chosen;
asking     may this be called, from which phone? then the wish is stored, once for each key;
placing    in a job: would the phone ring? then the system is asked to ring it, once, within ten seconds;
following  how far it is, in words for whoever clicked; taken back while it can be.
"""

from hub.clicks.asking import Click, dial
from hub.clicks.checks import browser_phone, softphone
from hub.clicks.following import cancel, dialled, dialled_in, going_on
from hub.clicks.foreseen import check
from hub.clicks.placing import forgotten, phone, place

__all__ = [
    "Click",
    "browser_phone",
    "cancel",
    "check",
    "dial",
    "dialled",
    "dialled_in",
    "forgotten",
    "going_on",
    "phone",
    "place",
    "softphone",
]
