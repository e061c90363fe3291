#!/bin/sh
# deps.sh - installs the libraries that pkg-config does not find, with the package manager of the system.
# Usage: deps.sh [--check] PACKAGE... [--optional PACKAGE...]    pkg-config names; --check installs nothing and fails when
# something is missing. What is optional is tried after the rest, and its absence is no failure.
set -eu

check=no
if [ "${1:-}" = --check ]; then
  check=yes
  shift
fi

have() { command -v "$1" >/dev/null 2>&1; }

for manager in apt-get dnf pacman brew none; do
  if have "$manager"; then break; fi
done

# Keg-only in Homebrew: pkg-config finds it only when told where.
if [ "$manager" = brew ]; then
  PKG_CONFIG_PATH="$(brew --prefix)/opt/openblas/lib/pkgconfig:${PKG_CONFIG_PATH:-}"
  export PKG_CONFIG_PATH
fi

# The name under which the package manager knows a tool or a pkg-config package.
package() {
  case "$manager:$1" in
    apt-get:cc) echo gcc libc6-dev ;;
    *:c++) case $manager in dnf) echo gcc-c++ ;; apt-get) echo g++ ;; *) echo gcc ;; esac ;;
    apt-get:pkg-config) echo pkg-config ;;
    apt-get:openblas) echo libopenblas-dev ;;
    apt-get:libcjson) echo libcjson-dev ;;
    apt-get:zlib) echo zlib1g-dev ;;
    apt-get:libutf8proc) echo libutf8proc-dev ;;
    apt-get:sentencepiece) echo libsentencepiece-dev ;;
    dnf:sentencepiece) echo sentencepiece-devel ;;
    apt-get:pangocairo) echo libpango1.0-dev ;;
    dnf:cc | pacman:cc | brew:cc) echo gcc ;;
    dnf:pkg-config) echo pkgconf-pkg-config ;;
    dnf:openblas) echo openblas-devel ;;
    dnf:libcjson) echo cjson-devel ;;
    dnf:zlib) echo zlib-devel ;;
    dnf:libutf8proc) echo utf8proc-devel ;;
    dnf:check) echo check-devel ;;
    dnf:pangocairo) echo pango-devel ;;
    pacman:pkg-config | brew:pkg-config) echo pkgconf ;;
    pacman:libcjson | brew:libcjson) echo cjson ;;
    pacman:pangocairo | brew:pangocairo) echo pango ;;
    brew:libutf8proc) echo utf8proc ;;
    *) echo "$1" ;;
  esac
}

missing=
optional=
now=missing
if ! have cc && ! have gcc && ! have clang; then missing="$missing cc"; fi
if ! have pkg-config; then missing="$missing pkg-config"; fi
for name in "$@"; do
  if [ "$name" = --optional ]; then
    now=optional
  elif ! have pkg-config || ! pkg-config --exists "$name"; then
    if [ $now = optional ]; then optional="$optional $name"; else missing="$missing $name"; fi
  fi
done
if [ $now = optional ] && ! have c++ && ! have g++; then optional="$optional c++"; fi
[ -n "$missing$optional" ] || exit 0

packages() { # packages NAME...
  for name in "$@"; do printf ' %s' "$(package "$name")"; done
}
# Unquoted on purpose: lists of words.
# shellcheck disable=SC2086
wanted=$(packages $missing)

case $manager in
  apt-get) command="apt-get install -y --no-install-recommends" ;;
  dnf) command="dnf install -y" ;;
  pacman) command="pacman -S --needed --noconfirm" ;;
  brew) command="brew install" ;;
  none)
    [ -n "$missing" ] || exit 0
    echo "attn-seq2seq needs:$missing. No apt-get, dnf, pacman or brew here: install them by hand (pkg-config names)." >&2
    exit 1
    ;;
esac
# Goes on without what is optional.
wish() {
  for name in $optional; do
    echo "installing with $manager, if it can be had: $(package "$name")"
    # shellcheck disable=SC2046
    $sudo$command $(package "$name") || echo "not to be had: $name: building without"
  done
}

sudo=
if [ "$manager" != brew ] && [ "$(id -u)" != 0 ]; then sudo="sudo "; fi

if [ $check = yes ]; then
  [ -n "$missing" ] || exit 0
  echo "attn-seq2seq needs:$missing. To install: make deps" >&2
  echo "(that is: $sudo$command$wanted)" >&2
  exit 1
fi
if [ -n "$sudo" ] && ! have sudo; then
  [ -n "$missing" ] || exit 0
  echo "attn-seq2seq needs:$missing. As root: $command$wanted" >&2
  exit 1
fi

[ -z "$wanted" ] || echo "installing with $manager:$wanted"
if [ "$manager" = apt-get ]; then
  DEBIAN_FRONTEND=noninteractive
  export DEBIAN_FRONTEND
  ${sudo}apt-get update -qq || [ -z "$missing" ]
fi
# Unquoted on purpose: lists of words.
# shellcheck disable=SC2086
[ -z "$wanted" ] || $sudo$command$wanted
[ -z "$optional" ] || wish
