# What a developer types. Each target does the set-up it needs; docs/development.md tells more.
.PHONY: setup translate lint test demo package matrix

setup:
	@tools/setup.sh

translate: setup
	@tools/translate.sh

lint: setup
	@tools/lint.sh

# pytest itself, not "python -m pytest": that puts this folder on sys.path, where our processing/ hides QGIS's.
test: setup translate
	@PYTHONFAULTHANDLER=1 PYTHONUNBUFFERED=1 QT_QPA_PLATFORM=$${QT_QPA_PLATFORM:-offscreen} .venv/bin/pytest $(ARGS)

demo: setup translate
	@tools/demo

package: setup translate
	@.venv/bin/python tools/package.py

matrix:
	@tools/matrix.sh
