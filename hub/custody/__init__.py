"""Recordings in our custody: fetched until they are here, kept by what they contain, given to their calls.

fetching   one recording: whose turn it is, one try, and what came of it
rendering  what is made of one that is ours: what everything plays, a waveform, measures
watching   what lies in folders and lists although nobody told of it, and what an older Hub wrote
placing    orphans and the calls they belong to
uploading  a file somebody brings
erasing    what goes for good, and what must stay
retention  what goes because its time is over
contents   what rows point to in the store, and when it may be removed
checking   everything that is stored, read again
"""

from hub.custody.fetching import tend, to_do
from hub.custody.retention import expire
from hub.custody.watching import watch

__all__ = ["expire", "tend", "to_do", "watch"]
