"""The notebooks of the examples show, run from top to bottom, what is committed with them."""

import re
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

EXAMPLES = Path(__file__).parents[1] / "examples"
NOTEBOOKS = sorted(EXAMPLES.glob("*.ipynb"))
SKIPPED = "skip-execution"  # the tag of a cell that nbclient passes over
CHANGING = re.compile(r"0x[0-9a-f]{6,}|/tmp/|/home/|\d\d:\d\d:\d\d")


@pytest.fixture(scope="module", params=NOTEBOOKS, ids=lambda path: path.stem)
def path(request):
    """The path of each notebook."""
    return request.param


class Words(HTMLParser):
    """The text of HTML or SVG and its labels, without how it looks."""

    def __init__(self, markup):
        super().__init__()
        self.found = []
        self.style = False
        self.feed(markup)

    def handle_starttag(self, tag, attrs):
        """Keep what a mark of a picture is labelled, which holds its values."""
        self.style = tag == "style"
        self.found += [value for name, value in attrs if name == "aria-label"]

    def handle_endtag(self, tag):
        """Read on after a style."""
        self.style = False

    def handle_data(self, data):
        """Keep a text."""
        if not self.style and data.strip():
            self.found.append(data.strip())


def shown(output):
    """Give what an output says: where a letter stands in a picture is the business of its fonts."""
    if output.output_type == "stream":
        return [output.text]
    data = {kind: "".join(text) for kind, text in output.data.items()}
    marked = [kind for kind in data if kind in ("text/html", "image/svg+xml")]
    return [Words(data[kind]).found for kind in marked] or list(data.values())


def said(notebook):
    """Give each code cell with what its outputs say."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return [(cell.source, [shown(output) for output in cell.outputs]) for cell in cells]


def executed(path):
    """Run a notebook in the folder in which it lies; a cell that fails raises."""
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=120,
        record_timing=False,
        coalesce_streams=True,  # how output is cut into pieces is a matter of time
        skip_cells_with_tag=SKIPPED,
        resources={"metadata": {"path": str(path.parent)}},
    )
    client.execute()
    notebook.metadata.language_info = {"name": "python"}
    return notebook


def test_it_shows_what_is_committed(path, request):
    """Run again, every cell says what its committed outputs say."""
    again = executed(path)
    if request.config.getoption("--update-golden"):
        nbformat.write(again, path)
    assert said(again) == said(nbformat.read(path, as_version=4))


def test_there_are_two():
    """The stories of the two examples are both looked at."""
    assert [path.stem for path in NOTEBOOKS] == [
        "special_schools_every_two_years",
        "what_if_several_means_three",
    ]


def test_it_opens_with_one_line_to_install(path):
    """The first cell installs what is needed in one line, and alone is passed over by the tests."""
    first, *rest = nbformat.read(path, as_version=4).cells
    lines = [line for line in first.source.splitlines() if not line.startswith("#")]
    assert len(lines) == 1
    assert lines[0].startswith("%pip install ")
    assert first.metadata.tags == [SKIPPED]
    assert first.outputs == []
    assert not any("tags" in cell.metadata for cell in rest)


def test_it_is_short_and_every_cell_has_run_once_in_order(path):
    """There are ten cells at most, and the committed ones were run from top to bottom."""
    cells = nbformat.read(path, as_version=4).cells
    assert len(cells) <= 10
    assert [cell.id for cell in cells] == [f"cell-{n}" for n, _ in enumerate(cells, start=1)]
    counts = [cell.execution_count for cell in cells[1:] if cell.cell_type == "code"]
    assert counts == list(range(1, len(counts) + 1))


def test_nothing_committed_is_of_one_run(path):
    """The outputs hold no address, no folder of a machine and no time of day, and load nothing."""
    for _, outputs in said(nbformat.read(path, as_version=4)):
        assert CHANGING.search(str(outputs)) is None
    assert "<script" not in path.read_text(encoding="utf-8")


def test_prose_repeats_no_figure_of_an_output(path):
    """What is written around the cells has no number in digits, which a rule could make untrue."""
    cells = nbformat.read(path, as_version=4).cells
    prose = " ".join(cell.source for cell in cells if cell.cell_type == "markdown")
    plain = re.sub(r"[A-Z]+-\w*-?\d+|level \d|`[^`]*`", "", prose)
    assert re.findall(r"\d+", plain) == []
