"""The port a source implements, and how sources are found: by being there.

A phone system is a module (or package) in ``hub/telephony/providers`` that defines one `Connector` subclass.
Two kinds of systems meet here: those that speak in calls translate each delivery into call events; those
that speak in channels translate into facts, and `interpret` reads all facts of one conversation again.
"""

import importlib
import inspect
import pkgutil
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from types import ModuleType
from typing import ClassVar

from pydantic import BaseModel

from hub.domain.calls import CallEvent
from hub.domain.delivery import Delivery, Fact

PROVIDER_PACKAGES = ("hub.telephony.providers",)


class Connector(ABC):
    """One kind of source. Subclasses are pure: they hold no connection, no clock, no database."""

    kind: ClassVar[str]
    title: ClassVar[str]
    Settings: ClassVar[type[BaseModel]]

    @abstractmethod
    def verify(self, delivery: Delivery) -> None:
        """Prove the sender or raise Unauthentic. No default: every connector chooses in the open."""

    @abstractmethod
    def translate(self, delivery: Delivery) -> Sequence[CallEvent | Fact]:
        """What the delivery says; Unrecognised when its shape is unknown; empty when nothing happened."""

    def interpret(self, facts: Sequence[Fact], settings: BaseModel) -> Sequence[CallEvent]:
        """All facts of one conversation, in any order and with repeats, as call events.

        Systems that speak in calls have no facts, so there is nothing to say here.
        """
        return ()


def discover(packages: Sequence[str] = PROVIDER_PACKAGES) -> Mapping[str, Connector]:
    """Every connector found directly below `packages`, by kind."""
    modules = (module for package in packages for module in _modules(package))
    return {found.kind: found() for module in modules for found in _connectors(module)}


def _modules(package: str) -> Iterator[ModuleType]:
    for entry in pkgutil.iter_modules(importlib.import_module(package).__path__):
        yield importlib.import_module(f"{package}.{entry.name}")


def _connectors(module: ModuleType) -> Iterator[type[Connector]]:
    for _, value in inspect.getmembers(module, inspect.isclass):
        if issubclass(value, Connector) and value.__module__.startswith(module.__name__):
            yield value
