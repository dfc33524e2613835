"""Write the example workbooks from the YAML beside them: `make_workbooks.py [FOLDER]`.

Edit the YAML, run this, and commit both. The YAML is the source; the workbook says the same.
"""

from __future__ import annotations

import sys
from pathlib import Path

import qaf_rules as qaf
from qaf_rules.registers import write_register

HERE = Path(__file__).parent


def main(folder: Path = HERE) -> None:
    """Write `adults.xlsx` and `children.xlsx` into a folder."""
    for name in ("adults", "children"):
        framework = qaf.load(name)
        register = qaf.read_register(HERE / f"{name}.yaml", framework)
        if register.faults:
            sys.exit(str(register.faults))
        path = folder / f"{name}.xlsx"
        write_register(register, path, framework)
        print(f"{path.name}: {len(register)} providers")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
