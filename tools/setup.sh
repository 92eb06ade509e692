#!/bin/sh
# Sees to what building and testing need: a C and a C++ compiler, python3 with numpy. What is missing is installed where that is allowed
# (as root with apt; numpy else into a virtual environment under $B), and otherwise named exactly. Prints the python to use.
B=${B:-build}
missing=
need() { command -v "$1" > /dev/null 2>&1 || missing="$missing $2"; }
need cc build-essential
need c++ build-essential
need objcopy binutils
need python3 python3
if [ -n "$missing" ] && [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null 2>&1; then
    echo "installing$missing" >&2
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y $missing; } >&2 || exit 3
    missing=
    need cc build-essential; need c++ build-essential; need objcopy binutils; need python3 python3
fi
if [ -n "$missing" ]; then
    echo "missing:$missing; on Debian:  sudo apt-get install$(echo "$missing" | tr ' ' '\n' | sort -u | tr '\n' ' ')" >&2
    exit 3
fi
has_numpy() { "$1" -c 'import numpy' > /dev/null 2>&1; }
for p in "${PYTHON:-python3}" python3 "$B/venv/bin/python3"; do
    if has_numpy "$p"; then echo "$p"; exit 0; fi
done
if [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null 2>&1 && [ "$(command -v python3)" = /usr/bin/python3 ]; then
    echo 'installing python3-numpy' >&2
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y python3-numpy; } >&2
    if has_numpy python3; then echo python3; exit 0; fi
fi
echo "installing numpy into $B/venv" >&2
if python3 -m venv "$B/venv" >&2 && "$B/venv/bin/python3" -m pip install -q --disable-pip-version-check numpy >&2 && has_numpy "$B/venv/bin/python3"; then
    echo "$B/venv/bin/python3"
    exit 0
fi
echo 'missing: numpy; on Debian:  sudo apt-get install python3-numpy' >&2
exit 3
