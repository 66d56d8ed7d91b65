class AccountInstance:
    status: str | None
    friendly_name: str | None

class AccountContext:
    def fetch(self) -> AccountInstance: ...
