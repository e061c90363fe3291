# lib.sh - what the scripts of this folder share; read by them with `.`.
# Each is called as data/prepare/NAME.sh DIR [TO], DIR being where the downloaded files lie, and writes TO, by default
# data/NAME/, which the configs in models/ read. Sums tell whether the result is what the README's figures were measured on.
set -eu
LC_ALL=C
export LC_ALL
name=$(basename "$0" .sh)
if [ $# -lt 1 ] || [ $# -gt 2 ] || [ ! -d "$1" ]; then
  echo "usage: data/prepare/$name.sh DIR [TO]" >&2
  sed -n '2,/^[^#]/s/^# //p' "$0" >&2
  exit 2
fi
from=$(cd "$1" && pwd)
to=${2:-$(dirname "$0")/../$name}
mkdir -p "$to"
to=$(cd "$to" && pwd)
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

need() { # need FILE... : they are in DIR
  for needed in "$@"; do
    [ -f "$from/$needed" ] || {
      echo "$name: $from/$needed is not there; see data/prepare/$name.sh for what DIR must hold" >&2
      exit 1
    }
  done
}

# Puts a text without its carriage returns into TO.
put() { # put FILE < TEXT
  tr -d '\r' >"$work/put"
  mv "$work/put" "$to/$1"
}

# Compares the sums on standard input, as sha256sum writes them, with what was made.
check() {
  if (cd "$to" && sha256sum -c --quiet -) >"$work/sums" 2>&1; then
    echo "$name: $to is complete and what the figures of the README were measured on"
  else
    sed "s/^/$name: /" "$work/sums" >&2
    echo "$name: $to is there, but not what the figures of the README were measured on: the download is another version" >&2
    exit 1
  fi
}
