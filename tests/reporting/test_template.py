"""Templates: marks are those of the template, values are text, and a wrong template is named by file and line."""

import pytest

from model import InputError
from model.reporting.memo import template
from model.reporting.memo.blocks import Bullets, Dial, Grid, Heading, Image, Paragraph


@pytest.fixture
def read(monkeypatch, tmp_path):
    """Blocks of a template that is a file of this test."""
    monkeypatch.setattr(template.resources, "files", lambda _: tmp_path)

    def of(text, pictures=(), **values):
        (tmp_path / "page.md").write_text(text)
        return template.blocks("any:page.md", values, dict.fromkeys(pictures, "alt"), {"own": "of its own"})

    return of


def test_each_mark_makes_its_block(read):
    text = "# Title\n\nOne line\nand another.\n\n- a\n- b - c\n  d\n\nNote: small\n\n[dial]\n\n![](own)\n![said](drawn)\n![said](absent)\n"
    assert read(text, ("own", "drawn")) == [
        Heading("Title", 1),
        Paragraph("One line and another."),
        Bullets(["a", "b - c d"]),
        Paragraph("small", note=True),
        Dial(),
        Image("own", "Of its own", "alt"),
        Image("drawn", "Said", "alt"),
    ]


def test_a_table_has_widths_in_per_cent_and_numbers_on_the_right(read):
    text = "Table: Cups\n| day | sold |\n| 60 | 40: |\n{% for day in days %}\n| {{ day }} | {{ day | length }} |\n{% endfor %}\n"
    (table,) = read(text, days=["Monday", "May"])
    assert table == Grid("Cups", ["day", "sold"], [("Monday", "6"), ("May", "3")], frozenset({1}), [0.6, 0.4])


@pytest.mark.parametrize("value", ["a | b", "- x", "# x", "Table: x", "![x](y)", "[dial]", " x ", "{{ 1 }}", "a\n\nb"])
def test_a_value_never_counts_as_a_mark(read, value):
    text = "{{ v }}\n\n- {{ v }}\n\nTable: t\n| h |\n| 100 |\n| {{ v }} |\n"
    assert read(text, v=value) == [Paragraph(value), Bullets([value]), Grid("t", ["h"], [(value,)], frozenset(), [1.0])]


@pytest.mark.parametrize(
    ("line", "said"),
    [("{{ chace }}", "'chace' is undefined"), ("{% if %}", "Expected an expression"), ("{{ 1 | pst }}", "No filter named 'pst'"), ("{{ 'x' | pct }}", "can only concatenate")],
)  # fmt: skip
def test_a_wrong_template_is_named_by_its_file_and_line(read, line, said):
    with pytest.raises(InputError, match=said) as caught:
        read(f"# Title\n\ntext\n{line}\n")
    assert "page.md, line 4" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Table: Cups\n| day | sold |\n| 60 | 40: |\n| Monday |\n", "'Cups' has 2 heads"),
        ("Table: Cups\n| day | sold |\n| 60 | wide |\n", "wide"),
        ("![](owm)\n", "no figure owm"),
        ("![own]\n", "no figure"),
    ],
)
def test_a_table_or_a_figure_that_is_none_is_refused_and_not_left_out(read, text, said):
    with pytest.raises(InputError, match=said) as caught:
        read(text, ("own",))
    assert "page.md" in str(caught.value)
