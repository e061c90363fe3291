#!/bin/sh
# DIR: the folder Examples/SequenceToSequence/CMUDict/Data of the repository microsoft/CNTK on GitHub, with cmudict-0.7b,
# cmudict-0.7b.train-dev-20-21 and cmudict-0.7b.train-dev-1-21. CMUdict is Copyright (C) 1993-2015 Carnegie Mellon
# University; its terms stand at its head.
. "$(dirname "$0")/lib.sh"
dictionary=cmudict-0.7b
need $dictionary $dictionary.train-dev-20-21 $dictionary.train-dev-1-21

# The dictionary's first pronunciation of a word, without stress: WORD, a tab, PHONES.
sed -e '/^;;;/d' -e 's/  /	/' "$from/$dictionary" | awk -F'\t' '$1 !~ /\([0-9]+\)$/ { gsub(/[0-9]/, "", $2); print $1 "\t" $2 }' >"$work/first"

# One pronunciation a word of a split: the dictionary's first if the split has it, else the split's first. Words of the
# file `others` are left out.
choose() { # choose OTHERS SPLIT
  awk -F'\t' '
    FILENAME == ARGV[1] { first[$1] = $2; next }
    FILENAME == ARGV[2] { other[$1] = 1; next }
    $1 in other { next }
    !($1 in said) { order[++n] = $1; said[$1] = $2 }
    $2 == first[$1] { said[$1] = $2 }
    END { for (i = 1; i <= n; i++) print order[i] "\t" said[order[i]] }' "$work/first" "$1" "$2"
}
part() { sed 's/  /	/' "$from/$dictionary.$1"; }
write() { # write PART < CHOSEN: letters and phones, with spaces between
  tee "$work/chosen" | cut -f1 | tr A-Z a-z | sed 's/./& /g; s/ $//' | put "$1.src"
  cut -f2 "$work/chosen" | put "$1.tgt"
}
: >"$work/none"
part train-dev-20-21 >"$work/train"
part train-dev-1-21 >"$work/dev"
choose "$work/none" "$work/train" | write train
choose "$work/train" "$work/dev" | write dev
check <<'SUMS'
698d8beb8e4c14dc1a9eb79043732cb27da5953ddf809c752db5d4dd4a720c05  dev.src
105cb178ce17a3e321f3815541f7485c05999f3891a5889df90d7ec784fc4852  dev.tgt
a5abbab903a0e06b221cd49e6b716bb1d3ec36491ea18bf991674d58f02ec2a7  train.src
ba4ba5332548b6245c0048c84ef2d70e84803c8f32e144c97f9c0d0da7d0ef52  train.tgt
SUMS
