"""Quality assurance frameworks of councils as data: what is due, suggested, to do and to ask.

A name is imported when it is first used: pytest loads the plugin of every package that it finds,
and should not wait for a library that the project at hand does not use.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qaf_rules.comparing import Comparison, compare
    from qaf_rules.engine import Framework, load
    from qaf_rules.errors import Diagnostic, InputError, PackError, QafError
    from qaf_rules.model import Activity, Decision, Finding, Provider, ProviderRecord, Rating
    from qaf_rules.registers import Register, read_register
    from qaf_rules.result import Assessment
    from qaf_rules.sweeps import readings, sweep

__all__ = [
    "Activity",
    "Assessment",
    "Comparison",
    "Decision",
    "Diagnostic",
    "Finding",
    "Framework",
    "InputError",
    "PackError",
    "Provider",
    "ProviderRecord",
    "QafError",
    "Rating",
    "Register",
    "compare",
    "load",
    "read_register",
    "readings",
    "sweep",
]

_HOMES = {
    "comparing": ("Comparison", "compare"),
    "engine": ("Framework", "load"),
    "errors": ("Diagnostic", "InputError", "PackError", "QafError"),
    "model": ("Activity", "Decision", "Finding", "Provider", "ProviderRecord", "Rating"),
    "registers": ("Register", "read_register"),
    "result": ("Assessment",),
    "sweeps": ("readings", "sweep"),
}


def __getattr__(name: str) -> Any:  # any of the public names
    """Import a public name from its module."""
    for home, names in _HOMES.items():
        if name in names:
            found = globals()[name] = getattr(import_module(f"qaf_rules.{home}"), name)
            return found
    message = f"module `qaf_rules` has no attribute `{name}`"
    raise AttributeError(message)


def __dir__() -> list[str]:
    """Give the public names, imported or not."""
    return [*__all__]
