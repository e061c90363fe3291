#!/bin/sh
# tour.sh - runs every command of doc/TOUR.md and writes what it measured and drew back into the text: the figures
# between `<!-- figures: NAME -->` and `<!-- end -->`, the pictures in doc/pictures/tour/. Called by `make tour` from the
# top folder; everything else lands in build/tour/.
#
#   doc/tour.sh [SECTION]...             with seed 1; two sections at a time, a thread each
#   doc/tour.sh --seeds N [SECTION]...   with seeds 1 to N, and writes the table of README.md too
#   doc/tour.sh --trial [SECTION]...     small corpora, two updates a training, into build/tour/trial; writes nothing back
#
# SECTION is a NAME as above; of all others the figures of their last run are taken.
#
# The commands are those of the text, so neither can say what the other does not do. What is measured, and which
# figures stand against each other in the README, is the table doc/tour.txt.
set -eu
top=$(pwd)
work=$top/build/tour
text=$top/doc/TOUR.md
table=$top/doc/tour.txt
program=${PROGRAM:-$top/attn-seq2seq}

# Names of the sections, and the commands of one: the indented lines between its heading and the next.
sections() { sed -n 's/^<!-- figures: \(.*\) -->$/\1/p' "$text"; }
commands() { # commands NAME
  awk -v name="$1" '
    /^## / { if (found) exit; n = 0 }
    /^    / { line[n++] = substr($0, 5) }
    $0 == "<!-- figures: " name " -->" { found = 1 }
    END { for (i = 0; i < n; i++) print line[i] }' "$text"
}

# The rows of the table that begin with WORD|NAME, their fields after that.
rows() { # rows WORD NAME
  awk -F ' *[|] *' -v word="$1" -v name="$2" '$1 == word && (name == "" || $2 == name)' "$table"
}
field() { printf '%s\n' "$1" | awk -F ' *[|] *' -v k="$2" '{ print $k }'; }

# ---- Measures: each prints a number. They work in the folder of a section.

accuracy() { # accuracy MODEL TEXT [OPTION]...: lines of TEXT.src translated to those of TEXT.tgt, in per cent
  model=$1 test=$2
  shift 2
  attn-seq2seq translate -m "$model/model.safetensors" "$@" <"$test.src" >measured.out 2>measured.said
  attn-seq2seq evaluate accuracy measured.out "$test.tgt" --width 1 | awk '{ print $3 }'
}

off() { # off KERNEL: how far points lie off the curve of the others
  attn-seq2seq kernel data/sine.csv --kernel "$1" -o measured 2>&1 | awk '/mean of the squares/ { printf "%.3f\n", $(NF - 4) }'
}

# Mean steps of each word or image, by how hard it is: "1.2, 1.6, ...". hardness prints a line of numbers for each line
# of the text, one a word.
steps() { # steps MODEL TEXT HARDNESS
  attn-seq2seq translate -m "$1/model.safetensors" --format jsonl <"$2.src" >measured.jsonl 2>measured.said
  "$3" "$2.src" | paste measured.jsonl - | awk -F '\t' '
    { match($1, /"source_ponder":\[[^]]*/)
      n = split($2, hard, " ")
      split(substr($1, RSTART + 17, RLENGTH - 17), ponder, ",")
      for (i = 1; i <= n; i++) { sum[hard[i]] += ponder[i]; count[hard[i]]++ } }
    END { for (k = 0; k < 10; k++) if (count[k] > 0) printf "%s%.1f", said++ ? ", " : "", sum[k] / count[k] }'
}
blanks() { # how far blanks are from their letter; of letters 0
  awk '{ far = 0; line = ""
    for (i = NF; i >= 1; i--) { far = $i == "." ? far + 1 : 0; line = far " " line }
    print line }' "$1"
}
marks() { # cells of an image that are not grey
  xargs awk 'FNR == 1 && NR > 1 { print n; n = 0 } FNR > 3 { for (i = 1; i <= NF; i++) n += $i < 110 || $i >= 220 } END { print n }' <"$1"
}

# Seconds that a model was trained, of the log beside it.
seconds() { sed -n 's/.*"event":"end".*"seconds":\([0-9.]*\).*/\1/p' "$1/log.jsonl" 2>/dev/null || true; }

# ---- One section with one seed.

section() { # section PLACE NAME
  folder=$work/${1:-$SEED}/$2
  rm -rf "$folder"
  mkdir -p "$folder/data"
  cp data/sine.csv "$folder/data/"
  commands "$2" >"$folder/commands"
  cd "$folder"
  began=$(date +%s)
  if ! sh -eu commands >said 2>&1; then
    echo "tour: section $2, seed $SEED: a command failed ($folder/said):" >&2
    tail -5 said >&2
    exit 255
  fi
  rows model "$2" >models
  while read -r row; do
    model=$(field "$row" 4)
    case $model in
    -) took= ;;
    *)
      [ -f "$model/model.safetensors" ] || { echo "tour: section $2 trains no $model" >&2; exit 255; }
      took=$(seconds "$model")
      ;;
    esac
    [ -n "$TRIAL" ] ||
      printf '%s\t%s\t%s\t%s\n' "$2" "$(field "$row" 3)" "$(eval "$(field "$row" 5)")" "$took" >>figures
  done <models
  echo "$2, seed $SEED: $(($(date +%s) - began)) seconds"
}

# What the commands call: the program with one thread, the seed, and no more to say than errors.
write_wrapper() {
  mkdir -p "$work/bin"
  cat >"$work/bin/attn-seq2seq" <<'WRAPPER'
#!/bin/sh
command=$1
shift
case $command in
train | compare) exec "$PROGRAM" "$command" "$@" --quiet --threads 1 --set train.seed="$SEED" $TRIAL ;;
translate) exec "$PROGRAM" "$command" "$@" --threads 1 ;;
toy)
  case "$TRIAL $*" in
  " "* | *" --n "*) exec "$PROGRAM" "$command" "$@" ;;
  *) exec "$PROGRAM" "$command" "$@" --n 100 ;;
  esac
  ;;
*) exec "$PROGRAM" "$command" "$@" ;;
esac
WRAPPER
  chmod +x "$work/bin/attn-seq2seq"
}

# ---- Back into the text.

# Puts what `$3 NAME` prints between `<!-- $2: NAME -->` and `<!-- end -->` of a file.
fill() { # fill FILE WORD FUNCTION
  sed -n "s/^<!-- $2: \(.*\) -->\$/\1/p" "$1" >"$work/places"
  while read -r name; do
    "$3" "$name" >"$work/filling"
    awk -v place="<!-- $2: $name -->" -v filling="$work/filling" '
      $0 == place { print; while ((getline line < filling) > 0) print line; skip = 1 }
      $0 == "<!-- end -->" { skip = 0 }
      !skip' "$1" >"$work/filled"
    cat "$work/filled" >"$1"
  done <"$work/places"
}

figures_of() { # figures_of NAME: as a table
  heading=$(rows section "$1")
  printf '| %s | %s |\n|---|---|\n' "$(field "$heading" 3)" "$(field "$heading" 4)"
  awk -F '\t' '{ printf "| %s | %s |\n", $2, $3 }' "$work/1/$1/figures"
}

# A row of the README: what, toy, section, label with, label without.
compared() {
  for seed in $(seq "$seeds"); do
    for section in $(sections); do cat "$work/$seed/$section/figures"; done
  done >"$work/figures"
  printf '| mechanism | toy | with it | without it | helps | seconds |\n|---|---|---|---|---|---|\n'
  rows row "" | awk -F ' *[|] *' -v figures="$work/figures" '
    BEGIN {
      while ((getline line < figures) > 0) {
        split(line, f, "\t")
        key = f[1] "\t" f[2]
        n[key]++
        sum[key] += f[3]
        squares[key] += f[3] * f[3]
        trained[key] = f[4] != ""
        if (!(key in seconds) || f[4] + 0 < seconds[key]) seconds[key] = f[4] + 0
      }
    }
    function spread_of(key, squared) {
      squared = squares[key] / n[key] - (sum[key] / n[key]) ^ 2
      return n[key] > 1 && squared > 0 ? sqrt(squared * n[key] / (n[key] - 1)) : 0
    }
    # Whether the means differ by more than both spreads together; squares are better when they are less.
    function helps(with, without, gain) {
      gain = sum[with] / n[with] - sum[without] / n[without]
      if (n[with] == 1) return ""
      if (!trained[with]) gain = -gain
      if (gain > spread_of(with) + spread_of(without)) return "yes"
      return -gain > spread_of(with) + spread_of(without) ? "no, it costs" : "no"
    }
    function told(label, key, mean, digits) {
      mean = sum[key] / n[key]
      digits = mean < 3 ? 2 : 1
      return sprintf("%s: %.*f", label, digits, mean) (n[key] > 1 && trained[key] ? sprintf(" ± %.*f", digits, spread_of(key)) : "")
    }
    { with = $4 "\t" $5
      without = $4 "\t" $6
      printf "| %s | %s | %s | %s | %s | %s |\n", $2, $3, told($5, with), told($6, without), helps(with, without),
        trained[with] ? sprintf("%.0f", seconds[with]) : "" }'
}

take_pictures() {
  mkdir -p doc/pictures/tour
  rm -f doc/pictures/tour/*
  for name in $(sections); do
    for picture in "$work/1/$name"/*.svg; do [ ! -f "$picture" ] || cp "$picture" doc/pictures/tour/; done
  done
}

main() {
  seeds=1 trial='' table_too=''
  case ${1:-} in
  --seeds) seeds=${2:?a number} table_too=yes; shift 2 ;;
  --trial) trial="--set train.updates=2 --set data.train.pairs=64"; shift ;;
  --section) export SEED="$2"; section "${TRIAL:+trial}" "$3"; return ;;
  -*) echo "usage: doc/tour.sh [--seeds N | --trial] [SECTION]..." >&2; return 2 ;;
  esac
  export PROGRAM="$program" TRIAL="$trial" PATH="$work/bin:$PATH"
  write_wrapper
  # shellcheck disable=SC2046
  if [ $# -eq 0 ]; then set -- $(sections); fi
  for seed in $(seq "$seeds"); do
    for name; do echo "$seed $name"; done
  done | xargs -n 2 -P 2 "$top/doc/tour.sh" --section
  if [ -n "$trial" ]; then return; fi
  if [ -n "$table_too" ]; then fill README.md tour compared; fi
  fill "$text" figures figures_of
  take_pictures
}

main "$@"
exit
