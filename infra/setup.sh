#!/bin/sh
# Make .venv hold what requirements.lock names, and this package in place. Does nothing where that is so already.
#
# Needs Python 3.11 or newer; PYTHON names one that is not found by itself. Uses uv where it is found, else pip.
# PyTorch comes as its CPU build: from a wheel folder that is set for pip or uv and holds it, else from pytorch.org.
set -eu
cd "$(dirname "$0")/.."

venv=.venv
unfinished=$venv/.unfinished
lock_stamp=$venv/.lock-installed
package_stamp=$venv/.package-installed
pytorch_cpu=https://download.pytorch.org/whl/cpu

fail() {
  echo "error: $*" >&2
  exit 2
}

# prints the first interpreter that is new enough
find_python() {
  for candidate in ${PYTHON:-} python3 python3.13 python3.12 python3.11 python; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
      echo "$candidate"
      return
    fi
  done
  fail "no Python 3.11 or newer found; install one, or name it: make setup PYTHON=/path/to/python3"
}

# prints the configured wheel folders, separated by blanks
wheel_folders() {
  folders=${UV_FIND_LINKS:-${PIP_FIND_LINKS:-}}
  [ -n "$folders" ] || folders=$("$python" -m pip config get global.find-links 2>/dev/null) || folders=
  echo "$folders" | tr ',\n' '  '
}

# true where one of the folders given holds a PyTorch wheel
hold_pytorch() {
  for folder in "$@"; do
    for wheel in "${folder#file://}"/torch-*.whl; do
      if [ -e "$wheel" ]; then
        return 0
      fi
    done
  done
  return 1
}

install() {
  if command -v uv >/dev/null 2>&1; then
    uv pip install --quiet --compile-bytecode --python "$venv/bin/python" "$@"
  else
    # two -q: pip's warnings about the places it is told to look in are not the reader's concern
    "$venv/bin/python" -m pip install -qq --no-input --disable-pip-version-check --no-compile "$@"
    # as pip would, on all cores; packages bring templates that do not compile
    "$venv/bin/python" -m compileall -qq --workers 0 "$venv/lib" || true
  fi
}

make_venv() {
  echo "Making $venv with $("$python" --version)" >&2
  rm -rf "$venv"
  if command -v uv >/dev/null 2>&1; then
    uv venv --quiet --seed --python "$python" "$venv"
  else
    "$python" -m venv "$venv" ||
      fail "Python cannot make a virtual environment; install its venv module (Debian: python3-venv), or uv"
  fi
}

install_lock() {
  set -- -r requirements.lock
  # shellcheck disable=SC2046 # the folders are words
  if hold_pytorch $(wheel_folders); then
    for folder in $(wheel_folders); do
      set -- "$@" --find-links "$folder"
    done
  elif command -v uv >/dev/null 2>&1; then
    set -- "$@" --torch-backend=cpu
  else
    set -- "$@" --extra-index-url "$pytorch_cpu"
  fi
  echo "Installing $(grep -c '==' requirements.lock) packages into $venv; this takes some minutes, once" >&2
  install "$@"
}

lock_sum=$(cksum <requirements.lock)
package_sum=$(cksum <pyproject.toml)
if [ "$lock_sum" = "$(cat $lock_stamp 2>/dev/null)" ] && [ "$package_sum" = "$(cat $package_stamp 2>/dev/null)" ]; then
  exit 0
fi

python=$(find_python)
# what an interrupted installation left may look complete and not be
if [ -e $unfinished ] || ! $venv/bin/python -c '' 2>/dev/null; then
  make_venv
fi
rm -f $package_stamp
if [ "$lock_sum" != "$(cat $lock_stamp 2>/dev/null)" ]; then
  rm -f $lock_stamp
  touch $unfinished
  install_lock
  rm $unfinished
  echo "$lock_sum" >$lock_stamp
fi
install --no-deps --no-build-isolation --editable .
echo "$package_sum" >$package_stamp
