#!/bin/bash
# sentencepiece-pc-without-protobuf.sh - Debian 13's libsentencepiece-dev (SentencePiece 0.2.0-1+b3) installs a pkg-config
# file that its own dependencies do not satisfy: sentencepiece.pc has `Requires.private: protobuf-lite`, and no package it
# depends on brings protobuf-lite.pc (libprotobuf-dev does). `Requires.private` is meant for static linking, but pkgconf
# 1.8.1 wants those packages for --exists and --cflags, though neither for --libs nor --modversion. So after an
# installation without error a build that asks `pkg-config --exists sentencepiece` takes the library for missing.
#
# Wants apt and dpkg-deb; takes the packages from the mirror that apt knows, into a temporary folder, and installs nothing.
set -euo pipefail
fold=$(mktemp -d)
trap 'rm -rf "$fold"' EXIT
chmod 755 "$fold"
mirror=$(apt-get indextargets --format '$(ORIGIN) $(REPO_URI)' 'Created-By: Packages' | sed -n 's/^Debian //p' | head -n 1)
mkdir -p "$fold"/{lists/partial,cache/archives/partial,etc/apt.conf.d,etc/preferences.d,root}
: >"$fold/status"
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror trixie main" >"$fold/etc/sources.list"
options=(-o Dir::Etc::SourceList="$fold/etc/sources.list" -o Dir::Etc::SourceParts=/dev/null -o Dir::State::Lists="$fold/lists"
  -o Dir::State::Status="$fold/status" -o Dir::Cache="$fold/cache" -o APT::Architecture=amd64 -o APT::Sandbox::User=root)
apt-get "${options[@]}" update -qq
cd "$fold"

# What a plain installation unpacks: the package and all that it depends on, however far.
get() { # get PACKAGE=VERSION...
  apt-get "${options[@]}" download -qq "$@"
  for deb in ./*.deb; do dpkg-deb -x "$deb" root; done
}
needed=$(apt-get "${options[@]}" install -s --no-install-recommends libsentencepiece-dev=0.2.0-1+b3 | sed -n 's/^Inst \([^ ]*\).*/\1/p')
echo "installing libsentencepiece-dev 0.2.0-1+b3 brings: $(echo $needed)"
if grep -qx libprotobuf-dev <<<"$needed"; then exit 1; fi

export PKG_CONFIG_LIBDIR=$fold/root/usr/lib/x86_64-linux-gnu/pkgconfig
get libsentencepiece-dev=0.2.0-1+b3
grep '^Requires.private: protobuf-lite$' "$PKG_CONFIG_LIBDIR/sentencepiece.pc"
echo "pkg-config $(pkg-config --version)"
said=$(pkg-config --exists --print-errors sentencepiece 2>&1) && exit 1
echo "$said" | tail -n 1
grep -q "Package 'protobuf-lite', required by 'sentencepiece', not found" <<<"$said"

for query in --exists --cflags --libs --modversion; do
  if pkg-config $query sentencepiece >/dev/null 2>&1; then answer=yes; else answer=no; fi
  echo "$query: $answer"
  case $query in --exists | --cflags) test $answer = no ;; *) test $answer = yes ;; esac
done

get libprotobuf-dev zlib1g-dev
pkg-config --exists sentencepiece
echo "with libprotobuf-dev: found, libraries $(pkg-config --libs-only-l sentencepiece)"
if pkg-config --libs sentencepiece | grep protobuf; then exit 1; fi
