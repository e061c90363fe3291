#!/bin/bash
# elsewhere.sh - the README's two commands in bare systems of other releases, made by debootstrap: `make check` with every
# optional library, without each and without all; `make demo` once. Prints what passed.
# Usage: elsewhere.sh [--demo] [--keep] [--variants LIST] [RELEASE...]
#   RELEASE    of Debian or Ubuntu; default: Debian 12, Debian 13 and the newest Ubuntu
#   --demo     `make demo` too, in the variant with all libraries: some minutes more
#   --variants of: all no-sentencepiece no-pictures neither; default: all four
#   --keep     leaves the folder of logs and systems
# Wants root, debootstrap, unshare, and 2 GB in $TMPDIR. Packages come from the mirror that apt has been told of here; Ubuntu
# from $UBUNTU_MIRROR, else from what the same host keeps under ubuntu/. What cannot be reached is said and passed over.
# Status 1: something that was tried failed.
set -uo pipefail
cd "$(dirname "$0")/.."

usage() {
  sed -n '2,/^set /s/^# //p' tests/elsewhere.sh >&2
  exit 2
}

demo=no
keep=no
variants="all no-sentencepiece no-pictures neither"
releases=
while [ $# -gt 0 ]; do
  case $1 in
    --demo) demo=yes ;;
    --keep) keep=yes ;;
    --variants)
      [ $# -gt 1 ] || usage
      variants=$2
      shift
      ;;
    -*) usage ;;
    *) releases="$releases $1" ;;
  esac
  shift
done

for variant in $variants; do
  case $variant in
    all | no-sentencepiece | no-pictures | neither) ;;
    *)
      echo "elsewhere: --variants: \"$variant\" is not one of all, no-sentencepiece, no-pictures, neither"
      exit 2
      ;;
  esac
done

for tool in debootstrap unshare chroot; do
  command -v $tool >/dev/null || {
    echo "elsewhere: $tool is not installed"
    exit 1
  }
done
[ "$(id -u)" = 0 ] || {
  echo "elsewhere: only root can make and enter other systems"
  exit 1
}

# The addresses that apt takes Debian's packages and Ubuntu's from.
mirror_of() { # mirror_of ORIGIN
  apt-get indextargets --format '$(ORIGIN) $(REPO_URI)' 'Created-By: Packages' 2>/dev/null | sed -n "s/^$1 //p" | head -n 1
}
debian=$(mirror_of Debian)
ubuntu=${UBUNTU_MIRROR:-$(mirror_of Ubuntu)}
[ -n "$ubuntu" ] || ubuntu=$(echo "$debian" | sed -n 's|/debian/*$|/ubuntu/|p')
eval "$(apt-config shell http_proxy Acquire::http::Proxy https_proxy Acquire::https::Proxy)"
export http_proxy https_proxy

newest_ubuntu() {
  today=$(date +%F)
  awk -F, -v today="$today" 'NR > 1 && $5 <= today { name = $3 } END { print name }' /usr/share/distro-info/ubuntu.csv 2>/dev/null
}
is_ubuntu() { ! grep -q ",$1," /usr/share/distro-info/debian.csv 2>/dev/null && [ "$1" != bookworm ] && [ "$1" != trixie ]; }

[ -n "$releases" ] || releases="bookworm trixie $(newest_ubuntu)"
work=$(mktemp -d "${TMPDIR:-/tmp}/elsewhere.XXXXXX")
[ $keep = yes ] || trap 'rm -rf "$work"' EXIT
summary=$work/summary

tell() {
  printf '%s\n' "$1"
  printf '%s\n' "$1" >>"$summary"
}

# Mounts and processes of the inner system end with the command.
enter() { # enter ROOT COMMAND...
  local root=$1
  shift
  unshare --mount --pid --fork --kill-child --mount-proc="$root/proc" chroot "$root" /usr/bin/env -i HOME=/root LANG=C.UTF-8 \
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive \
    ${http_proxy:+http_proxy="$http_proxy"} ${https_proxy:+https_proxy="$https_proxy"} "$@"
}

# A bare system with what the README asks for, and the project in /project.
prepare() { # prepare RELEASE
  local root=$work/$1 mirror=$debian script= components=main
  if is_ubuntu "$1"; then
    mirror=$ubuntu
    components=main,universe
    [ -e "/usr/share/debootstrap/scripts/$1" ] || script=gutsy # Ubuntu's since 2007
  fi
  [ -n "$mirror" ] || {
    echo "apt names no mirror that has it" >"$work/$1.log"
    return 1
  }
  {
    # Signatures are checked where this machine has the keys.
    debootstrap --variant=minbase --components=$components $(keys "$1") "$1" "$root" "$mirror" $script &&
      enter "$root" apt-get update -qq &&
      enter "$root" apt-get install -y -qq --no-install-recommends git make gcc libc6-dev &&
      mkdir "$root/project" &&
      git ls-files -z | tar --null --files-from=- --create | tar --extract --directory="$root/project"
  } >"$work/$1.log" 2>&1
}
keys() { # keys RELEASE
  if is_ubuntu "$1"; then
    [ -e /usr/share/keyrings/ubuntu-archive-keyring.gpg ] || echo --no-check-gpg
  fi
}

flags_of() {
  case $1 in
    no-sentencepiece) echo SENTENCEPIECE=no ;;
    no-pictures) echo PICTURES=no ;;
    neither) echo SENTENCEPIECE=no PICTURES=no SERVE=no MPI=no ;;
  esac
}

status=0
# Each run begins with the bare system: what a library's absence brings along is then absent too.
run() { # run RELEASE VARIANT TARGET
  local root=$work/$1.$2.$3 log=$work/$1.$2.$3.log seconds=$SECONDS said
  cp -a --reflink=auto "$work/$1" "$root"
  if enter "$root" make -C /project $(flags_of "$2") "$3" >"$log" 2>&1; then
    case $3 in
      check) said=$(grep '^[0-9]*%: Checks: ' "$log" | paste -sd ';') ;;
      *) said=$(grep 'accuracy:' "$log" | tail -n 1) ;;
    esac
    tell "$1, $2: make $3: passed in $((SECONDS - seconds)) s. $said"
    # With all libraries asked for, none may be left out in silence or otherwise.
    [ "$2" != all ] || ! grep '^built without' "$log" || {
      tell "$1, $2: make $3: FAILED: $(grep '^built without' "$log" | head -n 1)"
      status=1
    }
  else
    tell "$1, $2: make $3: FAILED"
    grep -E ':[0-9]+:[FE]:|^make.*Error|error:|^the runner ended' "$log" | head -n 20
    tail -n 5 "$log"
    status=1
  fi
  rm -rf "$root"
}

for release in $releases; do
  if ! prepare "$release"; then
    tell "$release: not tried, no system to be had: $(tail -n 1 "$work/$release.log")"
    continue
  fi
  for variant in $variants; do
    run "$release" "$variant" check
  done
  [ $demo = no ] || run "$release" all demo
  rm -rf "${work:?}/$release"
done
echo "== what passed"
cat "$summary"
[ $keep = no ] || echo "logs: $work"
exit $status
