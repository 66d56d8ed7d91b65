class TwilioException(Exception): ...

class TwilioRestException(TwilioException):
    status: int
    code: int | None
    msg: str

class TwilioServiceException(TwilioException):
    status: int
    code: int
    title: str
    detail: str | None
