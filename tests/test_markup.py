"""What a notebook shows is well-formed, says what each cell is of, and takes text as text."""

from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from qaf_rules import markup

# What XML can hold, so that a parser of it can tell whether all came through; no line breaks.
PLAIN = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"]))
MARKED = st.sampled_from(["<", ">", "&", "&amp;", "</caption>", "<b>", "'", '"'])
TEXT = st.lists(MARKED | PLAIN, max_size=4).map("".join)


def read(html):
    """Read HTML as XML does, which takes nothing that is left open."""
    return ET.fromstring(f"<all>{html}</all>")  # noqa: S314  # our own


def texts(html, path):
    """Give the text of each element of a path."""
    return ["".join(found.itertext()) for found in read(html).findall(path)]


@given(TEXT, st.lists(TEXT, min_size=1), st.lists(st.lists(TEXT, min_size=1), min_size=1))
def test_a_table_holds_what_was_put_into_it(caption, columns, rows):
    """Whatever the texts are, they come out as they were, each in a cell of its own."""
    html = markup.table(caption, columns, rows)
    assert texts(html, "table/caption") == [caption]
    assert texts(html, "table/thead/tr/th") == columns
    found = [["".join(c.itertext()) for c in row] for row in read(html).iter("tr")]
    assert found[1:] == rows


def test_a_table_says_what_each_heading_is_of():
    """The headings of columns and rows say so, for who hears the table read."""
    table = read(markup.table("Visits", ["Month", "Number"], [["May", "2"], ["June", "3"]]))
    assert [th.get("scope") for th in table.iter("th")] == ["col", "col", "row", "row"]


@given(TEXT, st.lists(TEXT, min_size=1))
def test_every_other_piece_holds_its_text(heading, entries):
    """Headings, lists, folded parts and verbatim text come out as they were put in."""
    bullets = markup.bullets(entries)
    assert texts(bullets, "ul/li") == entries
    assert texts(markup.part(heading, bullets), "h4") == [heading]
    assert texts(markup.folded(heading, bullets), "details/summary") == [heading]
    assert texts(markup.document(heading, bullets), "div/h3") == [heading]
    assert texts(markup.document(heading, bullets), "div/ul/li") == entries
    assert texts(markup.verbatim(heading), "pre") == [heading]
    assert texts(markup.outline([f"a {heading}"]), "p") == [f"a {heading}"]


def test_what_is_empty_is_left_out():
    """There is no heading over nothing."""
    assert markup.table("Visits", ["Month"], []) == ""
    assert markup.bullets([]) == ""
    assert markup.part("Visits", "") == ""
    assert markup.folded("Visits", "", "") == ""
    assert markup.outline([]) == ""


def test_indented_lines_are_a_list():
    """An outline has a paragraph for each line, and a list for each run of indented ones."""
    found = read(markup.outline(["a", "  b", "  c", "d", "e", "  f"]))
    assert [child.tag for child in found] == ["p", "ul", "p", "p", "ul"]
    assert [child.text for child in found.iter("li")] == ["b", "c", "f"]


def test_it_sets_no_colour_and_fetches_nothing():
    """It is read in light and in dark, without colour, and without a network."""
    html = markup.document("Visits", markup.table("By month", ["Month"], [["May"]]))
    for word in ("color", "background", "http", "url(", "src=", "<script", "<link"):
        assert word not in html
