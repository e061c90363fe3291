#!/bin/sh
# dist.sh - the source archive (make dist): the same from its own unpacked folder, which builds a program that runs; and the
# Debian package (make deb), where there is dpkg: it names what it depends on, and its program and models work unpacked.
# Usage: tests/dist.sh    at the top of a clone; CC=... as for make. Status 1: something is not so.
set -eu
cd "$(dirname "$0")/.."
version=$(sed -n 's/^VERSION := //p' Makefile)
name=attn-seq2seq-$version
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

fail() {
  echo "dist: $1" >&2
  exit 1
}

runs() { # runs PROGRAM MODEL
  "$1" toy dates "$folder/dates" --n 200 >/dev/null
  "$1" train "$folder/dates/config.json" --quiet --overwrite --set train.updates=2 --set train.model="$folder/m.safetensors" 2>/dev/null
  [ "$(echo '3 May 2024' | "$1" translate -m "$2")" = 2024-05-03 ] || fail "$1 does not know the dates"
}

make --no-print-directory -s dist
[ "$(tar -xOzf "build/$name.tar.gz" "$name/MANIFEST" | wc -l)" = "$(git ls-files | grep -cvx MANIFEST)" ] || fail "not the files of git"
tar -xzf "build/$name.tar.gz" -C "$folder"
(cd "$folder/$name" && make --no-print-directory -s dist)
cmp "build/$name.tar.gz" "$folder/$name/build/$name.tar.gz" || fail "another archive from the unpacked one"
(cd "$folder/$name" && make --no-print-directory ${CC:+"CC=$CC"} -j2 attn-seq2seq >build.log 2>&1) || fail "does not build"
runs "$folder/$name/attn-seq2seq" "$folder/$name/models/tiny-dates.safetensors"

command -v dpkg-shlibdeps >/dev/null || {
  echo "dist: dpkg-dev is not here: no Debian package was made"
  exit 0
}
(cd "$folder/$name" && make --no-print-directory -s ${CC:+"CC=$CC"} deb)
deb=$(echo "$folder/$name"/build/*.deb)
dpkg-deb -f "$deb" Depends | grep -q 'libc6 (.*libopenblas' || fail "depends on nothing"
dpkg-deb -x "$deb" "$folder/root"
runs "$folder/root/usr/bin/attn-seq2seq" "$folder/root/usr/share/attn-seq2seq/models/tiny-dates.safetensors"
echo "dist: archive and package are whole"
