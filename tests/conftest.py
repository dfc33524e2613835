"""What several tests share."""

from pathlib import Path

import hypothesis
import pytest

# How long an example takes is the machine's, and speed is measured in `benchmarks/`.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")

GOLDEN = Path(__file__).parent / "golden" / "texts"


def pytest_addoption(parser):
    """Add the one flag by which golden texts change."""
    parser.addoption(
        "--update-golden", action="store_true", help="write what comes back as the golden texts"
    )


@pytest.fixture
def golden(request):
    """Give a check of a text against the golden one of a name."""

    def check(name, text):
        path = GOLDEN / f"{name}.txt"
        if request.config.getoption("--update-golden"):
            path.write_text(text, encoding="utf-8")
        assert text == path.read_text(encoding="utf-8")

    return check
