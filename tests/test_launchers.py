"""tools/qgis_process is QGIS's own with the plugin in it."""


def test_lists_the_plugins_algorithms(qgis_process):
    done = qgis_process("list")
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert "redline:overlap" in done.stdout or "Redline Review" in done.stdout


def test_exit_code_is_passed_through(qgis_process):
    assert qgis_process("run", "redline:nothing").returncode == 1


def test_runs_in_a_profile_of_its_own(qgis_process, root, tmp_path):
    done = qgis_process("plugins", environment={"QGIS_CUSTOM_CONFIG_PATH": str(tmp_path)})
    assert done.returncode == 0
    assert "redline_review" in done.stdout
    assert not list(tmp_path.iterdir())
    assert (root / ".venv" / "profile" / "profiles" / "default").is_dir()
