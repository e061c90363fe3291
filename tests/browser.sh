#!/bin/sh
# browser.sh - opens the pages that the program writes in headless Chromium, 1280 and 390 pixels wide, and uses them
# (browser_NAME.js). Anything on the console is a failure. Without Chromium it says so and passes.
set -eu
cd "$(dirname "$0")/.."

for browser in chromium chromium-browser google-chrome none; do
  if command -v $browser >/dev/null 2>&1; then break; fi
done
if [ $browser = none ]; then
  echo "browser: no Chromium here, pages were not opened"
  exit 0
fi

folder=$(mktemp -d "${TMPDIR:-/tmp}/browser.XXXXXX")
server=
trap 'rm -rf "$folder"; [ -z "$server" ] || kill "$server"' EXIT

row() { # row N: N tokens and </s>, as JSON strings
  awk -v n="$1" 'BEGIN { for (i = 0; i < n; i++) printf "\"token%d\",", i; printf "\"</s>\"" }'
}
matrix() { # matrix N: a diagonal of 0.5 beside 0.5
  awk -v n="$1" 'BEGIN { for (t = 0; t < n; t++) { printf "%s[", t ? "," : ""
    for (s = 0; s < n; s++) printf "%s%g", s ? "," : "", s == t || s == (t + 1) % n ? 0.5 : 0
    printf "]" } }'
}
{
  printf '%s\n' '{"id":0,"rank":1,"source":["the","black","<img src=x onerror=hacked=1>","</s>"],"target":["le","chat","<unk>","</s>"],"text":"le chat <unk>","score":-0.25,"token_logprob":[0,-0.6931472,0,0],"source_ponder":[1,2,2.5,1],"target_ponder":[3,1,2,1],"alignment":[[1,0,0,0],[0,0.25,0.75,0],[0,0.999,0.001,0],[0,0,0,1]]}'
  printf '%s\n' '{"id":0,"rank":2,"source":["the","black","<img src=x onerror=hacked=1>","</s>"],"target":["noir","</s>"],"text":"noir</script><script>hacked=2</script>","score":-1.5,"token_logprob":[0,-0.5],"alignment":[[1,0,0,0],[0,0,0,1]]}'
  printf '%s\n' '{"id":1,"source":["\u0642\u0637\u0629","\u0641\u064a","</s>"],"target":["\u732b","</s>"],"text":"\u732b","score":-1,"token_logprob":[0,0],"alignment":[[0.5,0.5,0],[0,0,1]],"position":[0.75,2.2],"window":1,"chosen":[1,2]}'
  printf '%s\n' '{"id":2,"source":["</s>"],"target":[],"text":"","score":0,"token_logprob":[],"alignment":[]}'
  printf '{"id":3,"source":[%s],"target":[%s],"alignment":[%s]}\n' "$(row 59)" "$(row 59)" "$(matrix 60)"
  printf '%s\n' '{"id":4,"source":["ein","Haus","</s>"],"target":["house","</s>"],"text":"house","score":-1,"token_logprob":[0,0],"alignment":[[0.25,0.5,0.25],[0,0,1]],"attention":[{"layer":1,"head":1,"weights":[[0.5,0.25,0.25],[0,0,1]]},{"layer":1,"head":2,"weights":[[0,0.75,0.25],[0,0,1]]},{"layer":2,"head":1,"weights":[[1,0,0],[0,1,0]]}],"encoder_attention":[{"layer":1,"head":1,"weights":[[0,1,0],[0,0,1],[1,0,0]]},{"layer":1,"head":2,"weights":[[1,0,0],[0,0,1],[0,1,0]]}],"decoder_attention":[{"layer":1,"head":1,"weights":[[1,0],[0.25,0.75]]}]}'
} >"$folder/text.jsonl"
printf '%s\n' '0-0 2?1' '' '' '' '0-0' >"$folder/gold"
./attn-seq2seq heatmap "$folder/text.jsonl" --gold "$folder/gold" --title '<b>A & B</b>' --theme light -o "$folder/page.html"

{
  printf '%s\n' '{"id":0,"source":["r1c1","r1c2"],"target":["one","</s>"],"text":"one","score":0,"token_logprob":[0,0],"alignment":[[1,0],[0.5,0.5]],"image":{"columns":2,"patch":2,"pixels":"00ff8033ffff0000"}}'
  printf '%s\n' '{"id":1,"source":["a","</s>"],"target":["b","</s>"],"text":"b","score":0,"token_logprob":[0,0],"alignment":[[1,0],[0,1]]}'
  printf '%s\n' '{"id":2,"source":["r1c1","r2c1"],"target":["c"],"text":"c","score":0,"token_logprob":[0],"alignment":[[1,0]]}'
} >"$folder/images.jsonl"
printf '%s\n' '0-0 1?0' '' '' >"$folder/gold"
./attn-seq2seq heatmap "$folder/images.jsonl" --gold "$folder/gold" -o "$folder/images.html"

# A training and a comparison of a few seconds; some of the variants fail, some of the words are markup.
./attn-seq2seq toy reverse "$folder/toy" --n 300 >/dev/null
sed 's|^|<img/src=x/onerror=hacked=1> |' "$folder/toy/valid.src" >"$folder/x" && mv "$folder/x" "$folder/toy/valid.src"
small="--quiet --set train.epochs=3 --set model.embedding=8 --set model.encoder.hidden=8 --set model.decoder.hidden=16 --set train.log_every=4"
# shellcheck disable=SC2086
./attn-seq2seq train "$folder/toy/config.json" $small --report "$folder/report.html"
# shellcheck disable=SC2086
./attn-seq2seq compare "$folder/toy/config.json" $small -o "$folder/compared" --gold "$folder/toy/valid.align" \
  --vary model.attention.score=dot,additive --vary train.optimizer.weight_decay=0,1e300 >/dev/null 2>&1 || true

# A service, whose page is kept and asks it from there; without curl it is left out.
names="heatmap images report compare"
if command -v curl >/dev/null 2>&1 && ! ./attn-seq2seq --version | grep -q '^serve: no$'; then
  names="$names serve"
  ./attn-seq2seq train "$folder/toy/config.json" --quiet --set train.model="$folder/heads.safetensors" --set train.updates=2 \
    --set model.encoder.type=transformer --set model.decoder.type=transformer --set model.attention.heads=2 \
    --set model.embedding=8 --set model.encoder.layers=1 --set model.decoder.layers=1
  : >"$folder/serving"
  ./attn-seq2seq serve -m models/tiny-dates.safetensors -m "$folder/heads.safetensors" --port 0 2>"$folder/serving" &
  server=$!
  until address=$(sed -n 's|.* at \(http://.*/\) ; .*|\1|p' "$folder/serving") && [ -n "$address" ]; do sleep 0.1; done
  curl -s "$address" | sed "s|^<head>|<head><base href=\"$address\">|" >"$folder/serve.html"
fi

use() { # use NAME PAGE: the page with the script that uses it
  {
    sed '$d' "$2" # without </html>
    printf '<script>\n'
    cat tests/browser.js "tests/browser_$1.js"
    printf '</script>\n</html>\n'
  } >"$folder/used_$1.html"
}
use heatmap "$folder/page.html"
use images "$folder/images.html"
use report "$folder/report.html"
use compare "$folder/compared/index.html"
[ ! -e "$folder/serve.html" ] || use serve "$folder/serve.html"
cat >"$folder/frames.html" <<PAGE
<!doctype html><title>frames</title>
<body>
<script>
const frames = '$names'.split(' ').flatMap(name => [1280, 390].map(width => ({name, width})));
const add = (name, properties) => document.body.append(Object.assign(document.createElement(name), properties));
const next = () => { if (frames.length > 0) add('iframe', {src: \`used_\${frames[0].name}.html\`, width: frames[0].width, height: 800}); };
addEventListener('message', event => {
  const {name, width} = frames.shift();
  add('pre', {textContent: \`\${name}, \${width}: \${event.data}\`});
  next();
});
next();
</script>
PAGE

timeout 120 $browser --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --disable-web-security --user-data-dir="$folder/profile" \
  --enable-logging=stderr --virtual-time-budget=40000 --dump-dom "file://$folder/frames.html" \
  >"$folder/dom" 2>"$folder/log" || true
status=0
if grep 'CONSOLE' "$folder/log"; then status=1; fi
for name in $names; do
  for width in 1280 390; do
    if ! grep -o "<pre>$name, $width: [^<]*" "$folder/dom" | sed 's/^<pre>/browser: /'; then
      echo "browser: $name, $width: nothing was heard of the page"
      status=1
    fi
    grep -q "<pre>$name, $width: all well" "$folder/dom" || status=1
  done
done
exit $status
