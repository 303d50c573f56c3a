#!/usr/bin/env bash
# Everything about the tree that can be judged without running it. Prints only what is wrong.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH=$PWD/.venv/bin:$PATH
ruff check --quiet .
ruff format --check --quiet . || { ruff format --check . >&2; exit 1; }
# The plugin repository scans what is uploaded with these two.
git ls-files -z -- '*.py' ':!tests' ':!benchmarks' ':!tools' | xargs -0 bandit --quiet
git ls-files -z | xargs -0 detect-secrets-hook
python tools/strings.py check >/dev/null || python tools/strings.py check
echo 'lint: nothing to complain of'
