"""Quality assurance frameworks of councils as data: what is due, suggested, to do and to ask."""

from qaf_rules.engine import Framework, load
from qaf_rules.errors import Diagnostic, InputError, PackError, QafError
from qaf_rules.model import Activity, Decision, Finding, Provider, ProviderRecord, Rating
from qaf_rules.registers import Register, read_register
from qaf_rules.result import Assessment

__all__ = [
    "Activity",
    "Assessment",
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
    "load",
    "read_register",
]
