#!/bin/sh
# demo.sh - makes a small English-French corpus, says how long training will take, trains a translator on it, translates
# held-out lines, shows what it looked at and says how to go on. Called by `make demo` from the top folder; everything
# lands in build/demo/.
set -eu
program=./attn-seq2seq
demo=build/demo
epochs=8
settings="--set model.attention.score=gaussian --set train.optimizer.lr=0.003"
rm -rf "$demo"
mkdir -p "$demo"

echo "== A toy corpus: sentences of a small English-French grammar"
$program toy en-fr "$demo" --n 10000
wc -l "$demo"/*.src

# A training of 24 updates tells how fast this machine trains and validates.
measure() {
  $program train "$demo/config.json" --quiet $settings --set train.updates=24 --set train.log_every=12 \
    --set train.model="$demo/trial.safetensors" --log "$demo/trial.jsonl"
  awk -v words="$(wc -w < "$demo/train.tgt")" -v lines="$(wc -l < "$demo/train.tgt")" -v epochs=$epochs '
    function value(key) { return match($0, "\"" key "\": *[0-9.e+-]+") ? substr($0, RSTART + length(key) + 3, RLENGTH - length(key) - 3) + 0 : 0 }
    /"event": *"update"/ { rate = value("target_tokens_per_s"); at = value("seconds") }
    /"event": *"valid"/ { valid = value("seconds") - at }
    END {
      seconds = epochs * ((words + lines) / rate + valid)
      printf "%d words a second here: %d epochs take about %d %s, more when the machine is busy\n", rate, epochs,
        seconds < 100 ? seconds : seconds / 60 + 0.5, seconds < 100 ? "seconds" : "minutes"
    }' "$demo/trial.jsonl"
  rm "$demo"/trial.*
}
echo
echo "== Training"
measure
$program train "$demo/config.json" $settings --set train.epochs=$epochs --report "$demo/training.html"

echo
echo "== Translating $(wc -l < "$demo/test.src") sentences the translator has not seen"
$program translate -m "$demo/model.safetensors" --alignments "$demo/alignments/" < "$demo/test.src" > "$demo/test.out"
paste "$demo/test.src" "$demo/test.out" "$demo/test.tgt" | LC_ALL=C awk -F'\t' '
  function padded(text, width, bytes) { # the bytes that are no first byte of a character take no room
    bytes = text
    width += gsub(/[\200-\277]/, "", bytes)
    return sprintf("%-" width "s", text)
  }
  BEGIN { printf "%-45s %-53s %s\n", "SOURCE", "TRANSLATION", "REFERENCE" }
  NR <= 10 { print padded($1, 45), padded($2, 53), $3 == $2 ? "(the same)" : $3 }'

echo
echo "== What it looked at: a row for each word it wrote, the darker the more it looked at the word above"
shown=$(paste "$demo/test.src" "$demo/test.out" "$demo/test.tgt" | awk -F'\t' '
  / not / && $2 == $3 && split($1, words, " ") > 6 { print NR; exit }')
$program heatmap "$demo/alignments/$(printf '%06d' "${shown:-1}").csv"
$program heatmap "$demo/alignments" -o "$demo/attention.html" --title "What the translator of make demo looked at"

echo
$program evaluate accuracy "$demo/test.out" "$demo/test.tgt" |
  awk '{ printf "held-out exact-match accuracy: %.1f %%\n", $3 }'
cat <<END
to open in a browser: $demo/attention.html (all test sentences), $demo/training.html (how it learned)

Next, translate a sentence of your own, and train another attention to compare:

    echo "the black cat does not see a small house ." | $program translate -m $demo/model.safetensors --show
    $program compare $demo/config.json --vary model.attention.score=dot,gaussian --set train.epochs=$epochs -o $demo/compared
END
