"""All facts of one conversation as call events."""

from collections.abc import Sequence

from hub.domain.calls import CallEvent
from hub.domain.delivery import Fact
from hub.telephony.providers.asterisk import ami
from hub.telephony.providers.asterisk.cast import cast
from hub.telephony.providers.asterisk.channels import gather
from hub.telephony.providers.asterisk.settings import AsteriskSettings
from hub.telephony.providers.asterisk.signals import Verb
from hub.telephony.providers.asterisk.story import Story


def interpret(facts: Sequence[Fact], settings: AsteriskSettings) -> list[CallEvent]:
    signals = sorted({signal for fact in facts for signal in ami.signals(fact.at, fact.data)})
    wanted = next((signal.other for signal in signals if signal.verb is Verb.ORIGINATED), "")
    roles = cast(gather(signals), settings, wanted)
    return Story(roles, settings).tell(signals) if roles else []
