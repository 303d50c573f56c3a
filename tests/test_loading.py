"""What loading the plugin costs QGIS, and that the analysis stands without QGIS. In processes of their own."""

import json
import statistics
import subprocess
import sys
import textwrap

HEAVY = ["shapely", "geopandas", "pandas", "numpy", "pyogrio", "fiona", "rasterio", "pyproj"]
LOAD = """
    import json, sys, time
    from qgis.core import QgsApplication
    app = QgsApplication([], False)
    app.initQgis()
    import qgis.utils
    before = set(sys.modules)
    start = time.perf_counter()
    import redline_review
    plugin = redline_review.classFactory(None)
    plugin.initProcessing()
    seconds = time.perf_counter() - start
    algorithms = [a.id() for a in QgsApplication.processingRegistry().algorithms()]
    print(json.dumps({"seconds": seconds, "modules": sorted(set(sys.modules) - before), "algorithms": algorithms}))
    plugin.unload()
"""


def run_python(code):
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_loading_imports_no_analysis_library():
    loaded = run_python(LOAD)
    assert "redline:overlap" in loaded["algorithms"]
    assert not {module.split(".")[0] for module in loaded["modules"]} & set(HEAVY)


def test_loading_adds_less_than_a_tenth_of_a_second():
    assert statistics.median(run_python(LOAD)["seconds"] for _ in range(3)) < 0.1


def test_the_analysis_is_importable_without_qgis():
    code = """
        import importlib, json, pkgutil, sys
        sys.modules["qgis"] = None  # importing it raises now
        core = importlib.import_module("redline_review.core")
        names = [found.name for found in pkgutil.walk_packages(core.__path__, "redline_review.core.")]
        for name in names:
            importlib.import_module(name)
        print(json.dumps(names))
    """
    assert "redline_review.core.errors" in run_python(code)
