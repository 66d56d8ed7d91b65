from twilio.http import HttpClient
from twilio.rest.api import Api
from twilio.rest.api.v2010.account.call import CallList

class Client:
    def __init__(self, username: str, password: str, *, http_client: HttpClient) -> None: ...
    api: Api
    calls: CallList
