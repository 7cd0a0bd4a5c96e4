import shutil
from importlib.metadata import PackageNotFoundError, version

from forecast.cli import doctor, requirements


def test_a_sound_machine_has_no_fault_and_jax_computes(program):
    found = program("doctor", "--json").json
    states = {finding["name"]: finding for finding in found["findings"]}
    assert found["ok"] is True
    assert states["jax runs"]["found"] == "on cpu"
    assert states["arviz"]["found"] == version("arviz")


def test_an_old_package_is_named_with_the_version_needed(program, monkeypatch):
    def found(name):
        return "0.23.0" if name == "arviz" else version(name)

    monkeypatch.setattr(requirements, "version", found)
    outcome = program("doctor")
    assert outcome.code == 1
    assert "needs arviz >= 1.2, < 2, found 0.23.0" in outcome.out


def test_a_missing_package_stops_a_run_with_text_not_a_traceback(program, monkeypatch):
    def found(name):
        if name == "nutpie":
            raise PackageNotFoundError(name)
        return version(name)

    monkeypatch.setattr(requirements, "version", found)
    outcome = program("run", "ukraine")
    assert outcome.code == 1
    assert "needs nutpie >= 0.16.11, found none" in outcome.err


def test_a_machine_without_a_compiler_is_sound(program, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda _: None)
    found = program("doctor", "--json").json
    states = {finding["name"]: finding["found"] for finding in found["findings"]}
    assert found["ok"] is True
    assert states["C++ compiler"].startswith("none")


def test_a_read_only_home_is_told_and_is_no_fault(program, monkeypatch):
    home = doctor.Path.home()
    monkeypatch.setattr(doctor, "writable", lambda folder: folder != home)
    found = program("doctor", "--json").json
    states = {finding["name"]: finding for finding in found["findings"]}
    assert found["ok"] is True
    assert (states["home"]["status"], states["home"]["found"]) == ("note", "read-only")


def test_an_unwritable_temporary_folder_is_a_fault(program, monkeypatch):
    monkeypatch.setattr(doctor, "writable", lambda folder: False)
    outcome = program("doctor")
    assert outcome.code == 1
    assert "set TMPDIR" in outcome.out
