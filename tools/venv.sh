#!/bin/sh
# Make .venv, or finish an interrupted one: sh tools/venv.sh PYTHON TORCH_INDEX
# The stamp .venv/ready is written last. Without it .venv is the rest of an interrupted install.
set -e

python=$(for p in $1 python3.14 python3.13 python3.12 python3.11; do
    "$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$p" && break
done) || {
    echo 'Python 3.11 or newer was not found: install it, or say where it is: make PYTHON=/path/to/python3' >&2
    exit 1
}

install() {
    uv pip install -q -p .venv/bin/python "$@" 2>/dev/null ||
        .venv/bin/python -m pip install -q --disable-pip-version-check "$@"
}

[ -e .venv/ready ] || rm -rf .venv
[ -d .venv ] || uv venv -q --seed -p "$python" .venv 2>/dev/null || "$python" -m venv --clear .venv

torch=$(sed -n 's/^\(torch[^ ]*\).*/\1/p' requirements.txt)
if [ -n "$2" ] && [ "$(uname)" = Linux ]; then
    echo "Installing $torch for the CPU"
    (
        export UV_HTTP_TIMEOUT=10 PIP_RETRIES=0 PIP_TIMEOUT=10
        install --no-deps --index-url "$2" "$torch" 2>/dev/null || true
    )
fi
echo 'Installing what requirements.txt names (the first time this takes minutes)'
install -r requirements.txt
touch .venv/ready
