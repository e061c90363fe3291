#!/bin/sh
# demo.sh - makes a small English-French corpus, trains a translator on it, translates held-out lines, and shows what it
# looked at. Called by `make demo` from the top folder; everything lands in build/demo/.
set -eu
program=./attn-seq2seq
demo=build/demo
rm -rf "$demo"
mkdir -p "$demo"

echo "== A toy corpus: sentences of a small English-French grammar"
$program toy en-fr "$demo" --n 20000
wc -l "$demo"/*.src

echo
echo "== Training"
$program train "$demo/config.json" --set train.epochs=12

echo
echo "== Translating $(wc -l < "$demo/test.src") sentences the translator has not seen"
$program translate -m "$demo/model.safetensors" --alignments "$demo/alignments/" < "$demo/test.src" > "$demo/test.out"
paste "$demo/test.src" "$demo/test.out" "$demo/test.tgt" | awk -F'\t' '
  BEGIN { printf "%-45s %-50s %s\n", "SOURCE", "TRANSLATION", "REFERENCE" }
  NR <= 10 { printf "%-45s %-50s %s\n", $1, $2, $3 == $2 ? "(the same)" : $3 }'

echo
echo "== What it looked at"
awk '/not/ && NF > 6 { print NR; exit }' "$demo/test.src" > "$demo/shown"
$program heatmap "$demo/alignments/$(printf '%06d' "$(cat "$demo/shown")").csv"
rm "$demo/shown"

echo
$program evaluate accuracy "$demo/test.out" "$demo/test.tgt" |
  awk '{ printf "held-out exact-match accuracy: %.1f %%\n", $3 }'
echo "alignments of all test sentences: $demo/alignments/*.csv"
