"""CSV files on their way in: rows with their lines, faults with theirs."""

import pytest

from model import InputError
from model.files import csv_reader


@pytest.fixture
def given(tmp_path):
    """Read a file of these bytes, of which the columns a and b are wanted."""

    def read(content):
        path = tmp_path / "x.csv"
        path.write_bytes(content)
        return csv_reader.read(path, "data/x.csv", ["a", "b"])

    return read


def test_a_row_has_the_line_on_which_it_ends_and_other_columns_are_kept(given):
    found, faults = given(b'a,b,c\n1,2,3\n"two\nlines",5,6\n7,8,9\n')
    assert [line for line, _ in found] == [2, 4, 5]
    assert found[1][1] == {"a": "two\nlines", "b": "5", "c": "6"}
    assert faults == []


@pytest.mark.parametrize("content", [b"\xef\xbb\xbfa,b\n1,2\n", b"a,b\r\n1,2\r\n", b"b,a\n2,1", b"a,b\n\n1,2\n\n"])
def test_a_byte_order_mark_windows_lines_another_order_and_empty_lines_change_nothing(given, content):
    found, faults = given(content)
    assert [row for _, row in found] == [{"a": "1", "b": "2"}]
    assert faults == []


def test_rows_with_too_few_or_too_many_cells_are_all_said_and_left_out(given):
    found, faults = given(b"a,b\n1\n2,3\n4,5,6,7\n,\n")
    assert [line for line, _ in found] == [3, 5]
    hint = 'Put a text with a comma in it between "quotes"'
    assert [str(fault) for fault in faults] == [
        f"data/x.csv, line 2: has 1 cell, the first line 2. {hint}",
        f"data/x.csv, line 4: has 4 cells, the first line 2. {hint}",
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "has no rows"),
        (b"a;b\n1;2\n", "line 1: lacks the columns a, b. Columns: a, b"),
        (b"a,b\n1,\xff\n", "line 2: is not CSV in UTF-8. Save it as UTF-8 text"),
        (b'a,b\n"1"x,2\n', "line 2: is not CSV: ',' expected after '\"'"),
        (b'a,b\n"1,2\n', "line 2: is not CSV: unexpected end of data"),
    ],
)
def test_what_is_no_table_is_refused(given, content, said):
    with pytest.raises(InputError) as refused:
        given(content)
    assert said in str(refused.value)


def test_a_file_that_is_not_there_is_said(tmp_path):
    with pytest.raises(InputError, match=r"data/x\.csv: cannot be read: No such file"):
        csv_reader.read(tmp_path / "x.csv", "data/x.csv", ["a"])
