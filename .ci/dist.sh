#!/bin/sh
# dist.sh - the source archive build/attn-seq2seq-VERSION.tar.gz: the files that git has, or in an unpacked archive those
# of its MANIFEST; the same bytes from both. Called by `make dist VERSION=...` from the top folder.
set -eu
name=attn-seq2seq-$1
dist=build/dist
rm -rf "$dist"
mkdir -p "$dist/$name"
if [ "$(git rev-parse --show-cdup 2>/dev/null || echo none)" = "" ]; then
  git ls-files | grep -vx MANIFEST | LC_ALL=C sort >"$dist/$name/MANIFEST"
  epoch=$(git log -1 --format=%ct)
elif [ -f MANIFEST ]; then
  cp MANIFEST "$dist/$name/MANIFEST"
  epoch=$(date -r MANIFEST +%s)
else
  echo "dist: neither a git repository nor an unpacked archive (no MANIFEST): which files belong to it is not known" >&2
  exit 1
fi
# Only what stands there: a file that git has and the folder has not is an error of tar.
tar -c --no-recursion -T "$dist/$name/MANIFEST" | tar -x -C "$dist/$name"
tar -c --sort=name --mtime="@$epoch" --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX -C "$dist" "$name" |
  gzip -9n >"build/$name.tar.gz"
rm -rf "$dist"
echo "build/$name.tar.gz: $(tar -tzf "build/$name.tar.gz" | grep -vc '/$') files"
