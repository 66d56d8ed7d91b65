"""A phone system whose deliveries can kill whoever reads them, as a bug in a C library does."""

import os
import signal
from collections.abc import Sequence

from hub.domain.calls import CallEvent
from hub.domain.delivery import Delivery, Fact
from tests.pipeline.providers.acme import Acme


class Killer(Acme):
    def translate(self, delivery: Delivery) -> Sequence[CallEvent | Fact]:
        if delivery.json()["call"] == "poison":
            os.kill(os.getpid(), signal.SIGKILL)
        return super().translate(delivery)
