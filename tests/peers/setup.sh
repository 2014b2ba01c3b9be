#!/bin/sh
# Installs the third-party servers and clients that judge minillm from outside.
#
#   tests/peers/setup.sh            installs into ${MINILLM_PEERS:-.peers}; quick when all is there
#
# They live apart from the project's own environment (two virtual environments and one npm folder):
# their dependencies must never decide what minillm runs with. Needs python3 with venv, node and npm.
set -eu

repository=$(cd "$(dirname "$0")/../.." && pwd)
cd "$repository"
peers=${MINILLM_PEERS:-.peers}
python=${PYTHON:-python3}

# Pinned: a judge that changes overnight is no judge.
llmock='llmock==0.2.2'
sdk='openai==3.54.0 anthropic==2.12.0 google-genai==3.4.0'
npm='@copilotkit/aimock@1.43.0 openai@7.57.0 @anthropic-ai/sdk@1.12.0 @google/genai@3.1.0'

need() {
    command -v "$1" >/dev/null 2>&1 && return 0
    echo "tests/peers/setup.sh: $1 is not installed, and $2 cannot run without it" >&2
    exit 1
}

# A folder is done when its stamp names exactly what is wanted; a broken install leaves none.
done_already() {
    [ -f "$1/.installed" ] && [ "$(cat "$1/.installed")" = "$2" ]
}

stamp() {
    printf '%s' "$2" >"$1/.installed"
}

venv() { # NAME "REQUIREMENTS"
    done_already "$peers/$1" "$2" && return 0
    need "$python" "$1"
    [ -x "$peers/$1/bin/python" ] || "$python" -m venv "$peers/$1"
    # Unquoted on purpose: one word a requirement.
    "$peers/$1/bin/python" -m pip install --quiet --disable-pip-version-check $2
    stamp "$peers/$1" "$2"
}

packages() { # "PACKAGES"
    done_already "$peers/npm" "$1" && return 0
    need node "the JavaScript clients"
    need npm "the JavaScript clients"
    mkdir -p "$peers/npm"
    [ -f "$peers/npm/package.json" ] || printf '{"private": true}\n' >"$peers/npm/package.json"
    (cd "$peers/npm" && npm install --no-audit --no-fund --no-update-notifier --loglevel=error $1)
    stamp "$peers/npm" "$1"
}

mkdir -p "$peers"
venv llmock "$llmock"
venv sdk "$sdk"
packages "$npm"
echo "peers are ready in $peers"
