from forecast.cli.console import shorten, table


def test_columns_are_as_wide_as_their_widest_cell():
    assert table(("a", "long"), [("xyz", "1"), ("", "22")]) == "a    long\nxyz  1\n     22"


def test_wide_characters_take_two_columns_and_combining_marks_none():
    rows = [("中国", "|"), ("abcd", "|"), ("e\u0301e\u0301e\u0301e\u0301", "|")]
    lines = table(("", ""), rows).splitlines()[1:]
    assert lines == ["中国  |", "abcd  |", "e\u0301e\u0301e\u0301e\u0301  |"]


def test_a_cell_cannot_break_its_line_or_colour_the_terminal():
    assert table(("x",), [("a\nb\x1b[31m\u202e",)]) == "x\na b [31m"


def test_a_long_text_ends_in_an_ellipsis():
    assert shorten("abcdef", 6) == "abcdef"
    assert shorten("abc defg", 5) == "abc…"
