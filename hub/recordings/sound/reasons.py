"""Why a file is not taken as audio, in words for the person who looks for the recording."""

from hub.domain.errors import HubError

REASONS = {
    "no_file": "there is no such file",
    "no_bytes": "it is empty",
    "no_sound": "it is a header without any sound",
    "no_track": "there is no audio in it that Hub can read",
    "web_page": "it is a web page instead of audio: perhaps the address asks to sign in",
    "text": "it is text instead of audio",
    "archive": "it is a compressed archive instead of audio; Hub does not unpack it",
    "other": "it is a picture, a document or a program instead of audio",
    "unread": "it is audio or video of a kind Hub does not read",
    "unknown": "it is not audio of any kind Hub knows",
    "no_index": "it was cut off before its table of contents: nothing of it can be played",
    "damaged": "it is damaged: nothing of it can be played",
    "too_large": "it is too large",
    "too_long": "it plays for too long",
}


class NotAudio(HubError):
    """This file is no recording Hub can play, now or later; `code` is a key of `REASONS`, the text its sentence."""

    def __init__(self, code: str) -> None:
        super().__init__(REASONS[code])
        self.code = code
