from twilio.rest.api.v2010.account import AccountContext

class Api:
    def accounts(self, sid: str) -> AccountContext: ...
