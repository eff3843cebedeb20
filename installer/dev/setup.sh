#!/usr/bin/env bash
# Makes .venv with the locked dependencies and CareLink itself, and on Debian the system
# libraries that Qt loads. Does only what is missing; `make setup` calls it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

VENV=.venv
PYTHON=$VENV/bin/python
LOG=$(mktemp)
trap 'rm -f "$LOG"' EXIT

# What Qt's xcb, wayland and offscreen plugins are linked with: soname, Debian package.
QT_LIBRARIES="
libEGL.so.1 libegl1
libGL.so.1 libgl1
libX11-xcb.so.1 libx11-xcb1
libdbus-1.so.3 libdbus-1-3
libfontconfig.so.1 libfontconfig1
libgthread-2.0.so.0 libglib2.0-0
libwayland-cursor.so.0 libwayland-cursor0
libwayland-egl.so.1 libwayland-egl1
libxcb-cursor.so.0 libxcb-cursor0
libxcb-icccm.so.4 libxcb-icccm4
libxcb-image.so.0 libxcb-image0
libxcb-keysyms.so.1 libxcb-keysyms1
libxcb-randr.so.0 libxcb-randr0
libxcb-render-util.so.0 libxcb-render-util0
libxcb-shape.so.0 libxcb-shape0
libxcb-shm.so.0 libxcb-shm0
libxcb-sync.so.1 libxcb-sync1
libxcb-xfixes.so.0 libxcb-xfixes0
libxcb-xkb.so.1 libxcb-xkb1
libxkbcommon-x11.so.0 libxkbcommon-x11-0
libxkbcommon.so.0 libxkbcommon0
"

stop() {
    printf 'CareLink setup: %s\n' "$1" >&2
    exit 1
}

# Runs a command whose output matters only if it fails.
quietly() {
    "$@" >"$LOG" 2>&1 || {
        cat "$LOG" >&2
        stop "« $* » failed; its messages are above."
    }
}

debian_install() {
    if ! command -v apt-get >/dev/null; then
        stop "this system lacks what the Debian packages $* provide; install their equivalent, then try again."
    elif [ "$(id -u)" -ne 0 ]; then
        stop "some system packages are missing; please type: sudo apt-get install $*"
    fi
    printf 'Installing Debian packages: %s\n' "$*"
    quietly apt-get update -q
    quietly env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@"
}

supported() {
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null
}

# A version manager's shim may exist and fail, so each candidate is really started.
find_python() {
    local name
    for name in python3.13 python3.12 python3.11 python3; do
        if supported "$name"; then
            printf '%s\n' "$name"
            return
        fi
    done
    stop "no working Python 3.11, 3.12 or 3.13 was found; install one, then try again."
}

# Of the packages that CareLink needs, those whose content is not there.
missing_packages() {
    local python=$1
    # Debian's pip trusts the system's certificates, which a minimal system does not have.
    if [ -f /etc/debian_version ] && [ ! -e /etc/ssl/certs/ca-certificates.crt ]; then
        echo ca-certificates
    fi
    "$python" - <<<"
import ctypes, importlib.util, sys
if sys.prefix == sys.base_prefix and not importlib.util.find_spec('ensurepip'):
    print('python%d.%d-venv' % sys.version_info[:2])
words = '''$QT_LIBRARIES'''.split()
for soname, package in zip(words[::2], words[1::2]):
    try:
        ctypes.CDLL(soname)
    except OSError:
        print(package)
"
    # The tests of the real windows want it, people who only run CareLink do not.
    if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null && ! command -v Xvfb >/dev/null; then
        echo xvfb
    fi
}

install_system_packages() {
    local missing
    [ "$(uname -s)" = Linux ] || return 0
    missing=$(missing_packages "$1")
    if [ -n "$missing" ]; then
        # shellcheck disable=SC2086 # one word per package
        debian_install $missing
    fi
}

make_venv() {
    printf 'Making %s with %s\n' "$VENV" "$("$1" --version)"
    rm -rf "$VENV"
    quietly "$1" -m venv "$VENV"
}

install_locked() {
    local installed=$VENV/.installed.lock
    local pip=("$PYTHON" -m pip install --disable-pip-version-check --no-input)
    if ! cmp -s requirements.lock "$installed"; then
        echo 'Installing the locked dependencies (some minutes the first time)'
        quietly "${pip[@]}" --require-hashes -r requirements.lock
        cp requirements.lock "$installed"
    fi
    quietly "${pip[@]}" --no-deps --no-build-isolation -e .
}

# Two targets may start at once.
if command -v flock >/dev/null; then
    exec 9<installer/dev/setup.sh
    flock 9
fi

if supported "$PYTHON" && "$PYTHON" -m pip --version >/dev/null 2>&1; then
    install_system_packages "$PYTHON"
else
    python=$(find_python)
    install_system_packages "$python"
    make_venv "$python"
fi
install_locked
touch "$VENV/.stamp"
