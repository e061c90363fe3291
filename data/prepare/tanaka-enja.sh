#!/bin/sh
# DIR: a clone of the repository odashi/small_parallel_enja on GitHub (commit 312408a was measured).
. "$(dirname "$0")/lib.sh"
for file in train.en train.ja dev.en dev.ja; do
  need "$file"
  put "$file" <"$from/$file"
done
check <<'SUMS'
04a2673449770657fd5e3b963cb856be3130923212b6db8ac7eaeef18f06c041  dev.en
cd534f56b8639dc130f86a365e5ec0aa70042000bdd740a622fbbf8b6be4acca  dev.ja
148b05dcd28638fe20ee84f2b1127001c80982be352007dda241fb759adadc76  train.en
fc81a1434349ec98a449d7ae9cd2530057f689637684ecfed3501ea6a8a07ecc  train.ja
SUMS
