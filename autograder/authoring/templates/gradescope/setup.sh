#!/usr/bin/env bash
# Gradescope runs this once, with a network, when it builds the autograder: makes an environment with what grading needs.
set -euo pipefail
root=${AUTOGRADER_ROOT:-/autograder}
environment=$root/environment

supported() { # whether a Python is one that the grader supports, and can make environments
    "$1" -c 'import ensurepip, sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null
}

for python in python3.13 python3.12 python3.11 python3; do
    if supported "$python"; then
        "$python" -m venv "$environment"
        break
    fi
done
if [ ! -x "$environment/bin/python" ]; then # the image's own is older: uv brings another
    apt-get update
    apt-get install -y python3-venv
    python3 -m venv "$root/uv"
    "$root/uv/bin/python" -m pip install uv
    export UV_PYTHON_INSTALL_DIR=$root/python # which any user may read
    "$root/uv/bin/python" -m uv venv --seed --python 3.12 "$environment"
fi
"$environment/bin/python" -m pip install --no-cache-dir -r "$root/source/requirements.txt"
