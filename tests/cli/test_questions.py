def test_the_state_of_a_question_depends_on_the_day(program):
    def status(day):
        rows = program("questions", "list", "ukraine", "--as-of", day, "--json").json
        return {row["id"]: (row["status"], row["outcome"]) for row in rows}

    assert status("2022-02-03")["Q01"] == ("draft", None)
    assert status("2022-02-04")["Q01"] == ("open", None)
    assert status("2026-11-24")["Q01"] == ("resolved", "no")
    assert status("2026-11-24")["Q17"] == ("open", None)


def test_a_window_that_ended_unresolved_is_closed(program, blank_study):
    rows = program("questions", "list", "mine", "--as-of", "2028-01-01", "--json").json
    assert [(row["id"], row["status"]) for row in rows] == [("Q01", "closed")]


def test_an_ambiguous_question_is_not_called_resolved(program, blank_study):
    file = blank_study / "resolutions.csv"
    file.write_text(file.read_text() + "Q01,ambiguous,2026-03-01,2026-03-02,court,\n")
    rows = program("questions", "list", "mine", "--as-of", "2026-03-02", "--json").json
    assert (rows[0]["status"], rows[0]["outcome"]) == ("ambiguous", "ambiguous")
    rows = program("questions", "list", "mine", "--as-of", "2026-03-01", "--json").json
    assert rows[0]["status"] == "open"


def test_the_later_resolution_stands(program, blank_study):
    file = blank_study / "resolutions.csv"
    rows = "Q01,yes,2026-03-01,2026-03-02,press,\nQ01,no,2026-04-01,2026-04-02,retraction,\n"
    file.write_text(file.read_text() + rows)
    listed = program("questions", "list", "mine", "--as-of", "2026-12-31", "--json").json
    assert listed[0]["outcome"] == "no"


def test_the_table_names_every_question(program):
    out = program("questions", "list", "ukraine").out
    assert all(f"Q{number:02d}" in out for number in range(1, 21))
