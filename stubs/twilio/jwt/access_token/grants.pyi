from twilio.jwt.access_token import AccessTokenGrant

class VoiceGrant(AccessTokenGrant):
    def __init__(self, *, outgoing_application_sid: str, incoming_allow: bool) -> None: ...
