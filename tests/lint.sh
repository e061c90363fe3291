#!/bin/sh
# lint.sh - the rules of the house that a compiler does not check. Wants the release objects in build/release.
set -u

failed=0
complain() {
  echo "lint: $1" >&2
  failed=1
}
complain_each() { # complain_each WHAT LINES
  [ -n "$2" ] || return 0
  printf '%s\n' "$2" | sed "s|^|lint: $1: |" >&2
  failed=1
}

# Floors: a file includes only its own floor and lower ones.
floors="base num ad nn text eval conf search library serve train bench cli"
above=$floors
for floor in $floors; do
  above=${above#"$floor"}
  above=${above# }
  for higher in $above; do
    complain_each "an include of a higher floor" "$(grep -n "#include \"$higher/" src/"$floor"/*.[ch] 2>/dev/null)"
  done
done

# One door a dependency.
door() { # door HEADER FILE...
  header=$1
  shift
  lines=$(grep -ln "#include <$header>" src/*/*.[ch] src/*/*.cc)
  for allowed in "$@"; do lines=$(printf '%s\n' "$lines" | grep -vx "$allowed"); done
  complain_each "<$header> has one door ($*)" "$lines"
}
door cJSON.h src/base/json.c
door cblas.h src/num/blas.c
door pthread.h src/base/pool.c src/base/monitor.c src/base/thread.c
door microhttpd.h src/serve/http.c
door mpi.h src/base/ranks.c
door zlib.h src/base/io.c
door utf8proc.h src/base/unicode.c
door sentencepiece_processor.h src/text/sentencepiece_shim.cc
door sentencepiece_trainer.h src/text/sentencepiece_shim.cc
door pango/pangocairo.h src/eval/picture.c
door cairo-svg.h src/eval/picture.c
door cairo-pdf.h src/eval/picture.c

# Heap only through mem; text never through unchecked functions; nothing left for later.
complain_each "heap outside mem.c" "$(grep -nE '\b(malloc|calloc|realloc|free|strdup|strndup)\(' src/*/*.c | grep -v '^src/base/mem.c:')"
complain_each "unchecked or forbidden function" "$(grep -nE '\b(atoi|atol|atof|strcpy|strcat|sprintf|gets|rand|srand)\(' src/*/*.c)"
complain_each "left for later" "$(grep -nE '\b(TODO|FIXME|XXX)\b' src/*/*.[ch] tests/*.[ch])"
complain_each "only the command line prints or exits" \
  "$(grep -nE '\b(printf|puts|putchar|exit)\(|\bstdout\b|\bstderr\b' src/*/*.c | grep -vE '^src/(cli/|base/(mem|err)\.c:)')"

# Names: an external function or object starts with the stem of its file.
for object in build/release/src/*/*.o; do
  stem=$(basename "$object" .o)
  stem=${stem%.*} # of a set of kernels
  # kernels.c has the names of kernels.def, of the files that it calls.
  case $stem in main | kernels) continue ;; esac
  [ -f "src/$(basename "$(dirname "$object")")/$stem.c" ] || continue
  complain_each "$stem.c: external name without the stem" \
    "$(nm -g --defined-only "$object" | awk -v stem="$stem" '$2 ~ /[TDBRC]/ && index($3, stem) != 1 {print $3}')"
done

# Kernels have the instructions of their set, whatever the rest is built for: those of tiles, without leave, end a process.
case $(cc -dumpmachine) in
  x86_64*)
    for set in plain avx512vnni; do
      object=build/release/src/num/int8.$set.o
      make -n -B ARCH=native CFLAGS='-O3 -march=native' "$object" | grep -- "-o $object" | grep -o -- '-march=[^ ]*' |
        tail -n 1 | grep -qx -- -march=x86-64 || complain "kernels $set: not of their set when ARCH is native"
    done
    ;;
esac

# Sizes.
for file in src/*/*.[ch] src/*/*.cc tests/*.[ch]; do
  n=$(wc -l <"$file")
  [ "$n" -le 500 ] || complain "$file: $n lines, over 500"
done
complain_each "a function over 80 lines" "$(awk '
  FNR == 1 {start = 0}
  /^[A-Za-z_].*\(/ && !/;$/ {start = FNR}
  /^}$/ && start {if (FNR - start + 1 > 80) print FILENAME ":" start ": " FNR - start + 1 " lines"; start = 0}
' src/*/*.c tests/*.c)"

exit $failed
