"""Understanding a recording: what kind of audio a local file is, how it is heard, and a rendition everything plays.

Works on local files alone and knows no database. `examine` says what a file is, or raises `NotAudio` with a reason in
plain words. `render` makes an MP3 and a waveform of it and measures it, in memory that does not grow with its length.
"""

from hub.recordings.sound.examine import Examined, examine
from hub.recordings.sound.limits import Limits
from hub.recordings.sound.measures import Measures, compare
from hub.recordings.sound.reasons import REASONS, NotAudio
from hub.recordings.sound.render import Rendition, render

__all__ = ["REASONS", "Examined", "Limits", "Measures", "NotAudio", "Rendition", "compare", "examine", "render"]
