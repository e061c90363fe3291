#!/bin/sh
# browser.sh - opens a heatmap page in headless Chromium, 1280 and 390 pixels wide, and uses it (browser.js). Anything on
# the console is a failure. Without Chromium it says so and passes.
set -eu
cd "$(dirname "$0")/.."

for browser in chromium chromium-browser google-chrome none; do
  if command -v $browser >/dev/null 2>&1; then break; fi
done
if [ $browser = none ]; then
  echo "browser: no Chromium here, heatmap pages were not opened"
  exit 0
fi

folder=$(mktemp -d "${TMPDIR:-/tmp}/browser.XXXXXX")
trap 'rm -rf "$folder"' EXIT

row() { # row N: N tokens and </s>, as JSON strings
  awk -v n="$1" 'BEGIN { for (i = 0; i < n; i++) printf "\"token%d\",", i; printf "\"</s>\"" }'
}
matrix() { # matrix N: a diagonal of 0.5 beside 0.5
  awk -v n="$1" 'BEGIN { for (t = 0; t < n; t++) { printf "%s[", t ? "," : ""
    for (s = 0; s < n; s++) printf "%s%g", s ? "," : "", s == t || s == (t + 1) % n ? 0.5 : 0
    printf "]" } }'
}
{
  printf '%s\n' '{"id":0,"rank":1,"source":["the","black","<img src=x onerror=hacked=1>","</s>"],"target":["le","chat","<unk>","</s>"],"text":"le chat <unk>","score":-0.25,"token_logprob":[0,-0.6931472,0,0],"alignment":[[1,0,0,0],[0,0.25,0.75,0],[0,0.999,0.001,0],[0,0,0,1]]}'
  printf '%s\n' '{"id":0,"rank":2,"source":["the","black","<img src=x onerror=hacked=1>","</s>"],"target":["noir","</s>"],"text":"noir</script><script>hacked=2</script>","score":-1.5,"token_logprob":[0,-0.5],"alignment":[[1,0,0,0],[0,0,0,1]]}'
  printf '%s\n' '{"id":1,"source":["\u0642\u0637\u0629","\u0641\u064a","</s>"],"target":["\u732b","</s>"],"text":"\u732b","score":-1,"token_logprob":[0,0],"alignment":[[0.5,0.5,0],[0,0,1]]}'
  printf '%s\n' '{"id":2,"source":["</s>"],"target":[],"text":"","score":0,"token_logprob":[],"alignment":[]}'
  printf '{"id":3,"source":[%s],"target":[%s],"alignment":[%s]}\n' "$(row 59)" "$(row 59)" "$(matrix 60)"
} >"$folder/text.jsonl"
printf '%s\n' '0-0 2?1' '' '' '' >"$folder/gold"
./attn-seq2seq heatmap "$folder/text.jsonl" --gold "$folder/gold" --title '<b>A & B</b>' --theme light -o "$folder/page.html"
{
  sed '$d' "$folder/page.html" # without </html>
  printf '<script>\n'
  cat tests/browser.js
  printf '</script>\n</html>\n'
} >"$folder/used.html"
cat >"$folder/frames.html" <<'PAGE'
<!doctype html><title>frames</title>
<body>
<script>
const widths = [1280, 390];
const add = (name, properties) => document.body.append(Object.assign(document.createElement(name), properties));
const next = () => { if (widths.length > 0) add('iframe', {src: 'used.html', width: widths.shift(), height: 800}); };
addEventListener('message', event => { add('pre', {textContent: event.data}); next(); });
next();
</script>
PAGE

timeout 120 $browser --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --user-data-dir="$folder/profile" \
  --enable-logging=stderr --virtual-time-budget=20000 --dump-dom "file://$folder/frames.html" \
  >"$folder/dom" 2>"$folder/log" || true
status=0
if grep 'CONSOLE' "$folder/log"; then status=1; fi
for width in 1280 390; do
  if ! grep -o "<pre>$width: [^<]*" "$folder/dom" | sed 's/^<pre>/browser: /'; then
    echo "browser: $width: nothing was heard of the page"
    status=1
  fi
  grep -q "<pre>$width: all well" "$folder/dom" || status=1
done
exit $status
