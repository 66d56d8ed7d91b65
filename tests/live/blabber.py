"""A phone system whose code puts what it was given into its errors, as careless code does."""

from collections.abc import Sequence

from pydantic import BaseModel

from hub.domain.calls import CallEvent
from hub.domain.delivery import Delivery, Fact
from hub.domain.dialing import DialOrder, Placed
from tests.pipeline.providers.acme import Acme


class Blabber(Acme):
    def translate(self, delivery: Delivery) -> Sequence[CallEvent | Fact]:
        said = delivery.json()
        raise RuntimeError(
            f"nobody calls from {said['number']} with secret={delivery.settings.secret.get_secret_value()}"
        )

    def place(self, settings: BaseModel, order: DialOrder) -> Placed:
        raise RuntimeError(f"{order.extension} cannot call {order.number}")
