"""Who looks: a Jupyter kernel, marimo, or nobody."""

import subprocess
import sys
from types import SimpleNamespace

import pytest

from minillm.notebook.front_end import begin_display, in_notebook


def test_in_a_program_nobody_looks_and_nothing_is_imported() -> None:
    program = (
        "import sys; from minillm.notebook.front_end import begin_display, in_notebook\n"
        "print(in_notebook(), begin_display('x'), 'IPython' in sys.modules, 'marimo' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "False None False False\n"


def test_a_terminal_of_ipython_is_no_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would print every picture one below the other."""
    monkeypatch.delitem(sys.modules, "marimo", raising=False)
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=SimpleNamespace))
    assert not in_notebook()
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: None))
    assert not in_notebook()


def test_in_a_kernel_the_display_can_be_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[object] = []

    def display(thing: object, *, display_id: bool) -> SimpleNamespace:
        shown.append((thing, display_id))
        return SimpleNamespace(update=shown.append)

    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: SimpleNamespace(kernel=object())))
    monkeypatch.setitem(sys.modules, "IPython.display", SimpleNamespace(display=display))
    update = begin_display("first")
    assert update is not None
    update("second")
    assert shown == [("first", True), "second"]


def test_marimo_is_asked_whether_it_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    for runs in (True, False):
        monkeypatch.setitem(sys.modules, "marimo", SimpleNamespace(running_in_notebook=lambda runs=runs: runs))
        assert in_notebook() is runs
    monkeypatch.setitem(sys.modules, "marimo", SimpleNamespace(running_in_notebook=lambda: True))
    monkeypatch.setitem(sys.modules, "IPython.display", None)  # not installed
    assert begin_display("x") is None
