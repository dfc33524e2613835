"""A pathway's drawings have the edges of its table, no fewer and no more."""

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

import qaf_rules as qaf
from qaf_rules.condition import ALWAYS
from qaf_rules.drawings import Edge, edges, mermaid, svg, told
from qaf_rules.pathway import PathwaySpec

ROOT = Path(__file__).parents[1]
MINIMAL = Path(__file__).parent / "golden" / "good" / "minimal"
PACKS = {name: qaf.load(name).pack for name in ("adults", "children")}
ROLES = PACKS["adults"].roles
PATHWAYS = [(name, id_) for name, pack in PACKS.items() for id_ in pack.pathway]
PAGES = [p for p in sorted((ROOT / "docs").rglob("*.md")) if "```mermaid" in p.read_text()]
ARROW = re.compile(r"^    (\w+) --> (\w+): (\w+) \(", re.MULTILINE)
SHOWN = re.compile(r"```mermaid\n%% (\w+) (\w+)\n(.*?)```", re.DOTALL)

ODD = PathwaySpec.model_validate(
    {
        "name": 'A "quick" <look> & more',
        "note": "Nothing <else> is & was known",
        "steps_source": [{"is": "cook", "when": {"x": 1}}, {"is": "partial", "clause": "B-2"}],
        "states": {"a": {"name": "Away & <far>", "start": True}, "b": {"name": "Back", "end": True}},
        "transitions": {
            "go": {"text": "Go <on> & on, " + "and on " * 20, "from": "a", "to": "b", "force": "must", "when": {"x": 1}},
            "wait": {"text": "Wait", "from": "a", "owner": "mate", "clause": "B-1", "note": "As long as it takes"},
            "call": {"text": "Call", "from": "a", "decided_by": ["mate", "captain"], "decided_with": "cook"},
        },
    }
)  # fmt: skip


ODD_ROLES = {"mate": "First Mate", "cook": "Ship's Cook"}


def spec_of(name, id_):
    """Give a pathway of a pack."""
    return PACKS[name].pathway[id_]


def texts_of(drawing):
    """Give the texts of an SVG in order, as one, with the lines of each joined."""
    root = ET.fromstring(drawing)  # noqa: S314  # our own
    return " ".join(t.text for t in root.iter("{http://www.w3.org/2000/svg}text"))


@pytest.mark.parametrize(
    "spec", [*(spec_of(*each) for each in PATHWAYS), ODD], ids=lambda s: s.name
)
def test_drawings_have_the_edges_of_the_table(spec):
    """Mermaid, SVG and text each show every transition from each of its states, and nothing else."""
    table = list(edges(spec))
    drawn = [
        Edge(source, id_, target) for source, target, id_ in ARROW.findall(mermaid(spec, ROLES))
    ]
    assert drawn == table
    root = ET.fromstring(svg(spec, ROLES))  # noqa: S314  # our own
    steps = [step for step in root.iter() if "data-transition" in step.attrib]
    assert [Edge(s.get("data-from"), s.get("data-transition"), s.get("data-to")) for s in steps] == table  # fmt: skip
    lines = [line for line in told(spec, ROLES) if " -> " in line]
    assert len(lines) == len(table)
    assert all(f"{e.source} -> {e.target}: {e.transition} " in line for e, line in zip(table, lines, strict=True))  # fmt: skip


@pytest.mark.parametrize(
    "spec", [*(spec_of(*each) for each in PATHWAYS), ODD], ids=lambda s: s.name
)
def test_drawings_have_the_states_of_the_table(spec):
    """Each state is drawn once; the start and the ends are marked."""
    text = mermaid(spec, ROLES)
    assert re.findall(r'^    state ".*" as (\w+)$', text, re.MULTILINE) == list(spec.states)
    assert re.findall(r"^    \[\*\] --> (\w+)$", text, re.MULTILINE) == [spec.start]
    ends = [id_ for id_, state in spec.states.items() if state.end]
    assert re.findall(r"^    (\w+) --> \[\*\]$", text, re.MULTILINE) == ends
    boxes = [b for b in ET.fromstring(svg(spec, ROLES)).iter() if "data-state" in b.attrib]  # noqa: S314  # our own
    assert [b.get("data-state") for b in boxes] == list(spec.states)
    assert [b.get("data-state") for b in boxes if "end" in b.get("class")] == ends


def test_what_is_automatic_is_drawn_through():
    """Automatic steps and those that a person takes can be told apart."""
    steps = [s for s in ET.fromstring(svg(ODD, ODD_ROLES)).iter() if "data-transition" in s.attrib]  # noqa: S314  # our own
    assert [s.get("class") for s in steps] == ["step", "step decided", "step decided"]
    assert list(told(ODD, ODD_ROLES)) == [
        'A "quick" <look> & more',
        "  Its steps: partial (B-2)",
        "  Nothing <else> is & was known",
        "  a (start): Away & <far>",
        "  b (end): Back",
        "  a -> b: go [automatic; must; ]",
        "  a -> a: wait [event wait; may: First Mate; B-1]",
        "  a -> a: call [event call; may: First Mate or captain with Ship's Cook; ]",
    ]


def test_a_drawing_says_what_it_stands_on():
    """Where the steps come from, the note, the roles by name and what the lines mean are drawn too."""
    beside = ["Its steps: partial (B-2)", "Nothing <else> is & was known"]
    who = ["may: First Mate", "may: First Mate or captain with Ship's Cook"]
    drawn = texts_of(svg(ODD, ODD_ROLES))
    for text in (*beside, *who, "follows by itself", "is taken by whom it names", "the start", "an end"):  # fmt: skip
        assert text in drawn
    assert "As long as it takes" in drawn
    written = mermaid(ODD, ODD_ROLES)
    for text in (*beside, *who, "A step that names nobody follows by itself."):
        assert text in written


@pytest.mark.parametrize(
    ("name", "id_"), PATHWAYS, ids=lambda each: each if isinstance(each, str) else None
)
def test_a_drawing_cuts_no_text_and_is_not_too_wide(name, id_):
    """Whatever a transition says is there in full, by roles' names, on a page that can be read."""
    spec, roles = spec_of(name, id_), PACKS[name].roles
    drawing = svg(spec, roles)
    drawn = texts_of(drawing)
    for transition in spec.transitions.values():
        assert transition.text in drawn
        for role in (*transition.takers, *transition.decided_with):
            assert roles[role] in drawn
    assert "…" not in drawing
    assert all(source.value in drawn for source in spec.steps_source if source.when == ALWAYS)
    assert spec.note.strip() in drawn
    assert int(re.search(r'viewBox="0 0 (\d+) ', drawing)[1]) <= 1300


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.stem)
def test_the_drawings_of_the_pages_are_real(page, request):
    """The Mermaid and the SVG that the pages show are drawn from the packs' tables."""

    def drawn(found):
        return f"```mermaid\n%% {found[1]} {found[2]}\n{mermaid(spec_of(found[1], found[2]), PACKS[found[1]].roles)}```"

    text = page.read_text()
    made = SHOWN.sub(drawn, text)
    images = re.findall(r"\]\((\.\./drawings/(\w+)-(\w+)\.svg)\)", text)
    assert images
    if request.config.getoption("--update-golden"):
        page.write_text(made)
        for path, name, id_ in images:
            (page.parent / path).write_text(
                svg(spec_of(name, id_), PACKS[name].roles), encoding="utf-8"
            )
    assert page.read_text() == made
    for path, name, id_ in images:
        assert (page.parent / path).read_text(encoding="utf-8") == svg(
            spec_of(name, id_), PACKS[name].roles
        )


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
    assert out == f"%% adults contract\n{mermaid(spec_of('adults', 'contract'), ROLES)}\n"


def test_the_command_reads_the_readings(qaf):
    """A pathway is shown as the readings have it."""
    _, out, _ = qaf("pathway", "children", "additional_visits", "--reading", "X-C-06=may")
    assert "visit_below_good [event visit_below_good; may: Contract and Quality" in out


def test_the_command_draws(qaf, tmp_path):
    """`--svg` writes one pathway as a file."""
    assert qaf("pathway", "adults", "pamms", "--svg", tmp_path / "p.svg")[0] == 0
    assert (tmp_path / "p.svg").read_text(encoding="utf-8") == svg(
        spec_of("adults", "pamms"), ROLES
    )


@pytest.mark.parametrize(
    ("args", "told_"),
    [
        (
            ("pathway", "adults", "--svg", "p.svg"),
            "a drawing is of one pathway, and this pack has 13",
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
