#!/bin/sh
# deps.sh - installs the libraries that pkg-config does not find, with the package manager of the system.
# Usage: deps.sh [--check] PACKAGE... [--optional PACKAGE...]    pkg-config names; --check installs nothing and fails when
# something is missing. What is optional is tried after the rest, and its absence is no failure.
#        deps.sh --why PACKAGE    says in a line why the program is built without what is optional; nothing if it is not.
set -eu

CXX=${CXX:-c++}
mode=install
case ${1:-} in
  --check | --why)
    mode=${1#--}
    shift
    ;;
esac

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
    apt-get:protobuf-lite) echo libprotobuf-dev ;;
    pacman:protobuf-lite | brew:protobuf-lite) echo protobuf ;;
    apt-get:libmicrohttpd) echo libmicrohttpd-dev ;;
    dnf:libmicrohttpd) echo libmicrohttpd-devel ;;
    dnf:sentencepiece) echo sentencepiece-devel ;;
    apt-get:pangocairo) echo libpango1.0-dev ;;
    apt-get:ompi-c) echo libopenmpi-dev openmpi-bin ;;
    dnf:ompi-c) echo openmpi-devel ;;
    pacman:ompi-c) echo openmpi ;;
    brew:ompi-c) echo open-mpi ;;
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
    dnf:*) echo "pkgconfig($1)" ;;
    *) echo "$1" ;;
  esac
}

# What pkg-config says of a package that it does not give, in a line: itself missing, or one that it requires.
lacks() { # lacks PACKAGE
  have pkg-config || {
    echo "pkg-config is not installed"
    return
  }
  pkg-config --print-errors --exists "$1" 2>&1 | tail -n 1 | sed "s/, required by 'virtual:world',//"
}

if [ "$mode" = why ]; then
  if ! have pkg-config || ! pkg-config --exists "$1"; then
    lacks "$1"
  elif [ "$1" = sentencepiece ] && ! have "${CXX%% *}"; then
    echo "no C++ compiler ($CXX)"
  fi
  exit 0
fi

missing=
optional=
now=missing
if ! have cc && ! have gcc && ! have clang; then missing="$missing cc"; fi
if ! have pkg-config; then missing="$missing pkg-config"; fi
for name in "$@"; do
  if [ "$name" = --optional ]; then
    now=optional
    continue
  fi
  if ! have pkg-config || ! pkg-config --exists "$name"; then
    if [ $now = optional ]; then optional="$optional $name"; else missing="$missing $name"; fi
  fi
  # The library is C++.
  if [ $now:"$name" = optional:sentencepiece ] && ! have c++ && ! have g++; then optional="$optional c++"; fi
done
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

sudo=
if [ "$manager" != brew ] && [ "$(id -u)" != 0 ]; then sudo="sudo "; fi

if [ "$mode" = check ]; then
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

# Installs what else an installed package requires by its pkg-config file and did not bring: in Debian 13 sentencepiece
# wants protobuf-lite. False, and says what is lacking, when that does not help.
complete() { # complete PACKAGE
  asked=$1
  tried=
  until pkg-config --exists "$asked"; do
    more=$(pkg-config --print-errors --exists "$asked" 2>&1 | sed -n "s/^Package '\([^']*\)', required by .*/\1/p" | sort -u)
    if [ -z "$more" ] || [ "$more" = "$tried" ]; then
      echo "$asked is installed, but of no use: $(lacks "$asked")"
      return 1
    fi
    tried=$more
    # shellcheck disable=SC2086
    more=$(packages $more)
    echo "installing with $manager, because $asked requires it and did not bring it:$more"
    # shellcheck disable=SC2086
    $sudo$command$more || true
  done
}

# Goes on without what is optional.
wish() {
  for name in $optional; do
    wished=$name
    echo "installing with $manager, if it can be had: $(package "$wished")"
    # shellcheck disable=SC2046
    if ! $sudo$command $(package "$wished"); then
      echo "not to be had: $wished: building without"
    elif [ "$wished" != c++ ]; then
      complete "$wished" || echo "building without $wished"
    fi
  done
}

[ -z "$wanted" ] || echo "installing with $manager:$wanted"
if [ "$manager" = apt-get ]; then
  DEBIAN_FRONTEND=noninteractive
  export DEBIAN_FRONTEND
  ${sudo}apt-get update -qq || [ -z "$missing" ]
fi
if [ -n "$wanted" ]; then
  # Unquoted on purpose: lists of words.
  # shellcheck disable=SC2086
  $sudo$command$wanted
  for name in $missing; do
    case $name in cc | pkg-config) ;; *) complete "$name" ;; esac
  done
fi
[ -z "$optional" ] || wish
