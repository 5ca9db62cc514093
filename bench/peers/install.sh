#!/bin/sh
# Installs the peers that benches compare with, from the Python package registry, into bench/peers/.venv. Needs python3 with venv.
set -eu
cd "$(dirname "$0")"
[ -x .venv/bin/python ] || python3 -m venv .venv
.venv/bin/pip install --quiet --disable-pip-version-check --requirement requirements.txt
.venv/bin/python -c 'import implicit, numpy; print("implicit", implicit.__version__, "numpy", numpy.__version__)'
