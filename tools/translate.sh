#!/usr/bin/env bash
# Compiles the interface's translations (i18n/*.ts) to what Qt reads (*.qm, not committed).
# `tools/translate.sh update` first brings the .ts up to date with the code and lists what wants a translation.
set -euo pipefail
cd "$(dirname "$0")/.."
[ "${1:-}" != update ] || .venv/bin/python tools/strings.py update
for source in i18n/*.ts; do
  compiled=${source%.ts}.qm
  [ "$compiled" -nt "$source" ] || QT_SELECT=qt5 lrelease -silent "$source" -qm "$compiled"
done
