"""What is printed where there is no terminal, and that nobody's words are read as markup."""

import io

from rich.console import Console

from embedded.demo.show import Show, clipped, percent, words_of


def show_to(stream: io.StringIO) -> Show:
    return Show(Console(file=stream, width=100, highlight=False))


def test_without_a_terminal_each_phase_prints_a_line() -> None:
    stream = io.StringIO()
    with show_to(stream).progress() as progress:
        for step in range(50):
            progress.update({"phase": "training", "step": step, "steps": 50, "loss": 0.5, "eta_s": 3.0})
        progress.update({"phase": "evaluating", "step": 1, "steps": 2})
        progress.end()
    lines = stream.getvalue().splitlines()
    assert lines[0].split() == ["training", "step", "0/50,", "loss", "0.500,", "ETA", "3", "s"]
    assert lines[-1].split() == ["evaluating", "step", "1/2"]
    assert len(lines) < 10


def test_a_customer_s_brackets_are_printed_as_they_are() -> None:
    stream = io.StringIO()
    show = show_to(stream)
    show.say("[red]not markup[/]")
    show.table("message", rows=[["[bold]also not[/bold]"]])
    assert "[red]not markup[/]" in stream.getvalue()
    assert "[bold]also not[/bold]" in stream.getvalue()


def test_steps_are_numbered_and_timed() -> None:
    stream = io.StringIO()
    show = show_to(stream)
    for title in ("First", "Second"):
        with show.step(title):
            pass
    assert " 2  Second" in stream.getvalue()
    assert list(show.seconds) == ["First", "Second"]


def test_numbers_are_said_only_where_they_are_known() -> None:
    assert words_of({"step": 1, "steps": 2, "loss": None}) == "step 1/2"
    assert (percent(0.9), percent(None)) == ("90.0 %", "not reported")
    assert clipped("a  b\nc", 4) == "a b…"
