"""What a measurement was made on."""

import numpy as np

from gmmtrack.bench import this_machine


def test_the_machine_says_how_busy_it_was(monkeypatch):
    monkeypatch.setattr("os.getloadavg", lambda: (4.25, 1.0, 1.0), raising=False)
    monkeypatch.setenv("GMMTRACK_THREADS", "2")
    assert ", 2 cores, load 4.2, " in str(this_machine())


def test_the_machine_names_its_processor_and_versions(monkeypatch):
    monkeypatch.setenv("GMMTRACK_THREADS", "3")
    machine = this_machine()
    assert machine.cpu
    assert machine.n_cores == 3
    assert dict(machine.versions)["numpy"] == np.__version__
    assert f"{machine.cpu}, 3 cores" in str(machine)
    assert f"numpy {np.__version__}" in str(machine)
