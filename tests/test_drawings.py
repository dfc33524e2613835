"""A pathway's drawings have the edges of its table, no fewer and no more."""

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

import qaf_rules as qaf
from qaf_rules.drawings import Edge, edges, mermaid, svg, told
from qaf_rules.pathway import PathwaySpec

ROOT = Path(__file__).parents[1]
MINIMAL = Path(__file__).parent / "golden" / "good" / "minimal"
PACKS = {name: qaf.load(name).pack for name in ("adults", "children")}
PATHWAYS = [(name, id_) for name, pack in PACKS.items() for id_ in pack.pathway]
PAGES = [p for p in sorted((ROOT / "docs").rglob("*.md")) if "```mermaid" in p.read_text()]
ARROW = re.compile(r"^    (\w+) --> (\w+): (\w+) \(", re.MULTILINE)
SHOWN = re.compile(r"```mermaid\n%% (\w+) (\w+)\n(.*?)```", re.DOTALL)

ODD = PathwaySpec.model_validate(
    {
        "name": 'A "quick" <look> & more',
        "states": {"a": {"name": "Away & <far>", "start": True}, "b": {"name": "Back", "end": True}},
        "transitions": {
            "go": {"text": "Go <on> & on, " + "and on " * 20, "from": "a", "to": "b", "force": "must", "when": {"x": 1}},
            "wait": {"text": "Wait", "from": "a", "owner": "mate", "clause": "B-1"},
        },
    }
)  # fmt: skip


def spec_of(name, id_):
    """Give a pathway of a pack."""
    return PACKS[name].pathway[id_]


@pytest.mark.parametrize(
    "spec", [*(spec_of(*each) for each in PATHWAYS), ODD], ids=lambda s: s.name
)
def test_drawings_have_the_edges_of_the_table(spec):
    """Mermaid, SVG and text each show every transition from each of its states, and nothing else."""
    table = list(edges(spec))
    drawn = [Edge(source, id_, target) for source, target, id_ in ARROW.findall(mermaid(spec))]
    assert drawn == table
    steps = [step for step in ET.fromstring(svg(spec)).iter() if "data-transition" in step.attrib]  # noqa: S314  # our own
    assert [Edge(s.get("data-from"), s.get("data-transition"), s.get("data-to")) for s in steps] == table  # fmt: skip
    lines = [line for line in told(spec) if " -> " in line]
    assert len(lines) == len(table)
    assert all(f"{e.source} -> {e.target}: {e.transition} " in line for e, line in zip(table, lines, strict=True))  # fmt: skip


@pytest.mark.parametrize(
    "spec", [*(spec_of(*each) for each in PATHWAYS), ODD], ids=lambda s: s.name
)
def test_drawings_have_the_states_of_the_table(spec):
    """Each state is drawn once; the start and the ends are marked."""
    text = mermaid(spec)
    assert re.findall(r'^    state ".*" as (\w+)$', text, re.MULTILINE) == list(spec.states)
    assert re.findall(r"^    \[\*\] --> (\w+)$", text, re.MULTILINE) == [spec.start]
    ends = [id_ for id_, state in spec.states.items() if state.end]
    assert re.findall(r"^    (\w+) --> \[\*\]$", text, re.MULTILINE) == ends
    boxes = [b for b in ET.fromstring(svg(spec)).iter() if "data-state" in b.attrib]  # noqa: S314  # our own
    assert [b.get("data-state") for b in boxes] == list(spec.states)
    assert [b.get("data-state") for b in boxes if "end" in b.get("class")] == ends


def test_what_is_automatic_is_drawn_through():
    """Automatic steps and those that a person takes can be told apart."""
    steps = [s for s in ET.fromstring(svg(ODD)).iter() if "data-transition" in s.attrib]  # noqa: S314  # our own
    assert [s.get("class") for s in steps] == ["step", "step decided"]
    assert list(told(ODD))[1:3] == ["  a (start): Away & <far>", "  b (end): Back"]
    assert list(told(ODD))[3] == "  a -> b: go [automatic; must; ]"


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.stem)
def test_the_drawings_of_the_pages_are_real(page, request):
    """The Mermaid and the SVG that the pages show are drawn from the packs' tables."""

    def drawn(found):
        return f"```mermaid\n%% {found[1]} {found[2]}\n{mermaid(spec_of(found[1], found[2]))}```"

    text = page.read_text()
    made = SHOWN.sub(drawn, text)
    images = re.findall(r"\]\((\.\./drawings/(\w+)-(\w+)\.svg)\)", text)
    assert images
    if request.config.getoption("--update-golden"):
        page.write_text(made)
        for path, name, id_ in images:
            (page.parent / path).write_text(svg(spec_of(name, id_)), encoding="utf-8")
    assert page.read_text() == made
    for path, name, id_ in images:
        assert (page.parent / path).read_text(encoding="utf-8") == svg(spec_of(name, id_))


def test_the_overlay_of_the_page_is_the_example():
    """The steps that the page shows are those that its example lays over the pack."""
    page = (ROOT / "docs" / "how-to" / "add-your-own-steps.md").read_text()
    assert f"```yaml\n{(ROOT / 'examples' / 'own_steps.yaml').read_text()}```" in page


# --- the command ---------------------------------------------------------------------------------


def test_the_command_prints_the_table(qaf):
    """`qaf pathway` prints every pathway of a pack, or the one that is named."""
    status, out, _ = qaf("pathway", "children")
    assert status == 0
    assert [line for line in out.splitlines() if line and not line.startswith(" ")] == [
        spec.name for spec in PACKS["children"].pathway.values()
    ]
    status, out, _ = qaf("pathway", "adults", "contract", "--mermaid")
    assert out == f"%% adults contract\n{mermaid(spec_of('adults', 'contract'))}\n"


def test_the_command_reads_the_readings(qaf):
    """A pathway is shown as the readings have it."""
    _, out, _ = qaf("pathway", "children", "additional_visits", "--reading", "X-C-06=may")
    assert "visit_below_good [event visit_below_good; may: cqmo;" in out


def test_the_command_draws(qaf, tmp_path):
    """`--svg` writes one pathway as a file."""
    assert qaf("pathway", "adults", "pamms", "--svg", tmp_path / "p.svg")[0] == 0
    assert (tmp_path / "p.svg").read_text(encoding="utf-8") == svg(spec_of("adults", "pamms"))


@pytest.mark.parametrize(
    ("args", "told_"),
    [
        (
            ("pathway", "adults", "--svg", "p.svg"),
            "a drawing is of one pathway, and this pack has 9",
        ),
        (("pathway", "adults", "contrct"), "the pack `adults` has no pathway `contrct`"),
        (("pathway", "adults", "zzz"), "there is `quality_concern_pathway`"),
        (("pathway", str(MINIMAL)), "the pack `minimal` has no pathway"),
    ],
)
def test_the_command_says_what_is_wrong(qaf, args, told_):
    """What cannot be drawn is refused with what there is."""
    status, _, err = qaf(*args)
    assert status == 2
    assert told_ in err


def test_a_drawing_that_cannot_be_written_is_told(qaf, tmp_path):
    """A folder that is not there is told with its name, and nothing is drawn."""
    path = tmp_path / "none" / "x.svg"
    status, out, err = qaf("pathway", "adults", "pamms", "--svg", path)
    assert (status, out) == (2, "")
    assert "cannot write the file" in err
