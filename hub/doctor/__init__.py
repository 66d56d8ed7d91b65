"""Everything a set-up can get wrong, each with what to do about it."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait

from hub.doctor import phones, place, sounds, work
from hub.doctor.findings import Check, Finding, Level, Patient
from hub.settings import Settings
from hub.unit_of_work import Hub

__all__ = ["Finding", "Level", "examine", "examine_recordings", "examine_within"]

CHECKS: tuple[Check, ...] = (
    *(place.clocks, place.disk, place.broker, place.address),
    *(phones.people, phones.connections, phones.listening, phones.quiet, phones.comparisons),
    *(work.deliveries, work.processes, work.dials),
    *(sounds.waiting, sounds.folders, sounds.store),
)


def examine(hub: Hub, settings: Settings) -> list[Finding]:
    """All findings, worst first. A database that cannot be used ends the examination: the rest lives in it."""
    patient = Patient(hub, settings)
    findings = list(place.database(patient))
    if all(finding.level is Level.GOOD for finding in findings):
        findings += [finding for check in CHECKS for finding in check(patient)]
    return _worst_first(findings)


def examine_recordings(hub: Hub, settings: Settings) -> list[Finding]:
    """Every stored recording, read from end to end: as long as that takes."""
    return _worst_first(list(sounds.stored(Patient(hub, settings))))


def examine_within(hub: Hub, settings: Settings, seconds: float) -> list[Finding]:
    """The same for somebody who waits for it: the checks run beside each other, and what takes longer is said to."""
    patient = Patient(hub, settings)
    beyond = list(place.database(patient))
    if any(finding.level is not Level.GOOD for finding in beyond):
        return _worst_first(beyond)
    pool = ThreadPoolExecutor(len(CHECKS), thread_name_prefix="doctor")
    asked = {pool.submit(_listed, check, patient): check for check in CHECKS}
    done, late = wait(asked, seconds)
    pool.shutdown(wait=False, cancel_futures=True)
    for each in done:
        beyond += each.result()
    beyond += [
        Finding(
            Level.DOUBTFUL,
            f"looking at {asked[each].__name__} took longer than {seconds:.0f} seconds",
            "look again; `hub doctor` on the machine waits longer",
        )
        for each in late
    ]
    return _worst_first(beyond)


def _listed(check: Check, patient: Patient) -> list[Finding]:
    return list(check(patient))


def _worst_first(findings: Sequence[Finding]) -> list[Finding]:
    order = list(Level)
    return sorted(findings, key=lambda finding: order.index(finding.level))
