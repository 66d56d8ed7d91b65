"""Everything a set-up can get wrong, each with what to do about it."""

from hub.doctor import phones, place, work
from hub.doctor.findings import Check, Finding, Level, Patient
from hub.settings import Settings
from hub.unit_of_work import Hub

__all__ = ["Finding", "Level", "examine"]

CHECKS: tuple[Check, ...] = (
    *(place.clocks, place.disk, place.broker, place.address),
    *(phones.people, phones.connections, phones.listening, phones.quiet, phones.comparisons),
    *(work.deliveries, work.processes, work.dials),
)


def examine(hub: Hub, settings: Settings) -> list[Finding]:
    """All findings, worst first. A database that cannot be used ends the examination: the rest lives in it."""
    patient = Patient(hub, settings)
    findings = list(place.database(patient))
    if all(finding.level is Level.GOOD for finding in findings):
        findings += [finding for check in CHECKS for finding in check(patient)]
    order = list(Level)
    return sorted(findings, key=lambda finding: order.index(finding.level))
