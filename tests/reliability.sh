#!/bin/sh
# reliability.sh - prints doc/RELIABILITY.md from the logs of test runs and fuzzers that lie under build/: what has not
# been run here is not in it. `make reliability` runs both precisions and the fuzzers first.
set -eu
LC_ALL=C
export LC_ALL

cat <<'END'
# Reliability

What was tested, how often, and what came of it. `make reliability` runs the tests in both precisions and each fuzzer for
`FUZZ_SECONDS`, and writes this page from their logs (`tests/reliability.sh`).
END

rows() {
  for log in build/*/check.log; do
    [ -e "$log" ] || continue
    flavour=${log#build/}
    sed -n "s/^[0-9]*%: Checks: \([0-9]*\), Failures: \([0-9]*\), Errors: \([0-9]*\)/| ${flavour%%/*} | \1 | \2 | \3 |/p" "$log"
  done
}
checks=$(rows)
[ -z "$checks" ] || printf '\n## Checks\n\n| flavour | checks | failures | errors |\n|---|---:|---:|---:|\n%s\n' "$checks"

numbers() { grep -oE -- '-?[0-9]+\.[0-9]+(e[-+]?[0-9]+)?' "$1" | wc -l; }
count() { grep -hoE "$1" $2 | wc -l; }
cat <<END

## What the checks hold

| | count |
|---|---:|
| suites | $(ls tests/test_*.c | wc -l) |
| numbers from PyTorch: weights, log-probabilities, alignments (\`tests/golden/model.json\`) | $(numbers tests/golden/model.json) |
| operations with gradient checks (\`src/ad/ops.def\`) | $(grep -cE '^OP\(' src/ad/ops.def) |
| lines in tables of bad and odd input (\`tests/test_system_*.c\`) | $(count '^    \{.*,$' 'tests/test_system_config.c tests/test_system_corpus.c tests/test_system_limits.c tests/test_system_model.c tests/test_system_output.c tests/test_system_changed.c') |

## Fuzzing

AddressSanitizer and UndefinedBehaviorSanitizer, libFuzzer; seeds are files that the program wrote (\`tests/fuzz/seeds.sh\`).

| harness | inputs in the last run | result |
|---|---:|---|
END
for log in build/fuzz/fuzz_*.log; do
  [ -e "$log" ] || continue
  name=${log##*/}
  n=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  if grep -qE 'ERROR: |SUMMARY: ' "$log"; then result=fault; else result='no fault'; fi
  echo "| ${name%.log} | ${n:-0} | $result |"
done
