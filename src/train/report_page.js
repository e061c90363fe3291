const rows = data.valid, points = data.points;
const watched = rows.flatMap((row, i) => row.samples ? [i] : []); /* validations with samples */
const n_samples = watched.length === 0 ? 0 : rows[watched[0]].samples.length;
/* The best value, among equal ones that with the least loss, as the model is chosen. */
const precedes = (a, b) => a.value === b.value ? a.loss < b.loss : data.less ? a.value < b.value : a.value > b.value;
const best = rows.reduce((b, row, i) => b < 0 || precedes(row, rows[b]) ? i : b, -1);
const state = {at: watched.length - 1, sample: 0, entry: 1, numbers: false, timer: null};
const count = (n, what) => `${Number(n).toLocaleString('en')} ${what}`;
const metricName = data.metric === 'loss' ? null : data.metric;

/* --- summary, curves, table, config --- */

function summarise() {
  const end = data.status ? `ended: ${data.status}` : 'going on';
  const parts = [`update ${data.step}${data.status ? '' : ` of at most ${data.steps}`}`, `${(data.parameters / 1e6).toPrecision(3)} million parameters`,
    `vocabularies of ${data.source_vocab} and ${data.target_vocab}`, count(data.train_pairs, 'training pairs'), count(data.valid_pairs, 'validation pairs')];
  if (best >= 0) parts.push(`best ${metricName || 'loss'} ${short(rows[best].value)} at update ${rows[best].step}`);
  $('summary').replaceChildren(element('b', {}, end), ` · ${parts.join(' · ')}`);
}

function curveCharts() {
  const at = k => points.map(p => [p[0], p[k]]), valid = key => rows.map(row => [row.step, row[key]]);
  const exp = list => list.map(([x, v]) => [x, Math.exp(v)]);
  const training = 'var(--curve0)', validation = 'var(--curve1)', pick = goTo;
  const all = [
    {name: 'Loss', log: false, curves: [{name: 'training', colour: training, points: at(1)}, {name: 'validation', colour: validation, points: valid('loss'), marks: true}]},
    {name: 'Perplexity', log: true, curves: [{name: 'training', colour: training, points: exp(at(1))}, {name: 'validation', colour: validation, points: exp(valid('loss')), marks: true}]},
    {name: 'Learning rate', zero: true, curves: [{name: '', colour: training, points: at(2)}]},
    {name: 'Gradient norm', zero: true, curves: [{name: '', colour: training, points: at(3)}]},
    {name: 'Target tokens a second', zero: true, curves: [{name: '', colour: training, points: at(4)}]}];
  if (metricName) all.splice(2, 0, {name: `Validation ${metricName}`, curves: [{name: '', colour: validation, points: valid('value'), marks: true}]});
  return all.map(spec => chart({...spec, pick}));
}

const tableRows = [];
function fillTable() {
  const names = ['Update', 'Epoch', 'Training loss', 'Validation loss', 'Perplexity', ...(metricName ? [metricName] : []), 'Time', ''];
  $('table').append(element('thead', {}, element('tr', {}, ...names.map(n => element('th', {scope: 'col'}, n)))));
  const body = element('tbody', {});
  rows.forEach((row, i) => {
    const before = points.findLast(p => p[0] <= row.step);
    const cells = [row.step, row.epoch, before ? before[1].toFixed(4) : '', row.loss.toFixed(4), Math.exp(row.loss).toFixed(3),
      ...(metricName ? [row.value.toFixed(2) + (row.cut > 0 ? ` (${row.cut} cut)` : '')] : []), clock(row.seconds), i === best ? 'best' : ''];
    const tr = element('tr', {class: i === best ? 'best' : ''}, ...cells.map(c => element('td', {}, String(c))));
    tr.addEventListener('click', () => goTo(row.step));
    tableRows.push(tr);
    body.append(tr);
  });
  $('table').append(body);
}

/* --- samples --- */

const sampleAt = k => rows[watched[k]].samples[state.sample];

function describe(sample) {
  const same = lineOf(sample.o[0]) === lineOf(sample.o[1]);
  const line = (name, text, ...more) => [element('dt', {}, name), element('dd', {dir: 'auto'}, text, ...more)];
  $('texts').replaceChildren(...line('Source', joined(sample.s)), ...line('Reference', lineOf(sample.o[1])),
    ...line('Translation', lineOf(sample.o[0]), ...(same ? [element('span', {class: 'same'}, ' ✓ the same')] : [])));
}

/* The matrix as pixels, at most `size` wide and high on the page. */
function thumbnail(sample, size) {
  const shown = open(sample, state.entry), width = shown.source.length, height = shown.target.length;
  const canvas = element('canvas', {width, height: Math.max(height, 1), 'aria-hidden': 'true'});
  const pixels = new ImageData(width, Math.max(height, 1)), cell = Math.min(6, size / Math.max(width, height));
  shown.weights.flat().forEach((w, i) => pixels.data.set([...colour(w), 255], 4 * i));
  canvas.getContext('2d').putImageData(pixels, 0, 0);
  canvas.style.width = `${width * cell}px`;
  canvas.style.height = `${height * cell}px`;
  return canvas;
}

/* Up to 24 of the validations, the first and the last among them. */
function stripPlaces() {
  const n = Math.min(watched.length, 24);
  return Array.from({length: n}, (_, i) => n === 1 ? 0 : Math.round(i * (watched.length - 1) / (n - 1)));
}

function drawStrip() {
  $('strip').hidden = watched.length < 2;
  $('strip').replaceChildren(...stripPlaces().flatMap(k => {
    if (!sampleAt(k)) return [];
    const update = rows[watched[k]].step;
    const button = element('button', {type: 'button', 'data-k': k, 'aria-label': `Update ${update}`}, thumbnail(sampleAt(k), 84), String(update));
    button.addEventListener('click', () => show(k));
    return [button];
  }));
}

let paintCharts = () => {};

function show(k) {
  state.at = Math.min(Math.max(k, 0), watched.length - 1);
  const row = rows[watched[state.at]], sample = sampleAt(state.at);
  $('step').value = state.at;
  $('step').setAttribute('aria-valuetext', `update ${row.step}`);
  $('place').textContent = `update ${row.step}`;
  $('which').textContent = `sentence ${state.sample + 1}/${n_samples}`;
  $('previous').disabled = state.at === 0;
  $('next').disabled = state.at === watched.length - 1;
  $('up').disabled = state.sample === 0;
  $('down').disabled = state.sample === n_samples - 1;
  if (sample) {
    const shown = open(sample, state.entry);
    describe(sample);
    if (state.entry === 0 && lineOf(sample.o[0]) !== lineOf(sample.o[1])) shown.gold.clear(); /* it is of the reference */
    $('view').replaceChildren(...[imagesOf(shown, sample.i), matrixOf(shown, state.numbers).table].filter(e => e));
    drawLegend(state.numbers, [...(shown.gold.size > 0 ? ['outlined: gold links'] : []), ...placeMarks(shown),
      ...(shown.unknown.source.size + shown.unknown.target.size > 0 ? [element('span', {class: 'unknown'}, 'unknown word')] : [])]);
  } else {
    $('view').replaceChildren(element('p', {class: 'note'}, 'The model has no positions for a sentence as long as this.'));
  }
  for (const button of $('strip').children) {
    const here = Number(button.dataset.k) === state.at, strip = $('strip');
    button.setAttribute('aria-current', here);
    if (here) strip.scrollLeft = button.offsetLeft - strip.offsetLeft - (strip.clientWidth - button.offsetWidth) / 2;
  }
  tableRows.forEach((tr, i) => tr.classList.toggle('on', i === watched[state.at]));
  paintCharts(row.step);
}

/* The last validation with samples that is not after an update. */
function goTo(update) {
  const k = watched.findLastIndex(i => rows[i].step <= update);
  if (watched.length > 0) show(Math.max(k, 0));
}

function toSample(i) {
  state.sample = Math.min(Math.max(i, 0), n_samples - 1);
  drawStrip();
  show(state.at);
}

function setEntry(entry) {
  state.entry = entry;
  $('given').setAttribute('aria-pressed', entry === 1);
  $('made').setAttribute('aria-pressed', entry === 0);
  drawStrip();
  show(state.at);
}

function toggleNumbers() {
  state.numbers = !state.numbers;
  $('numbers').setAttribute('aria-pressed', state.numbers);
  show(state.at);
}

function save() {
  const sample = sampleAt(state.at);
  if (sample) saveSvg(open(sample, state.entry), state.numbers, `update-${rows[watched[state.at]].step}-sentence-${state.sample + 1}.svg`);
}

function stop() {
  clearInterval(state.timer);
  state.timer = null;
  $('play').setAttribute('aria-pressed', false);
}

function play() {
  if (state.timer !== null) return stop();
  if (state.at === watched.length - 1) show(0);
  $('play').setAttribute('aria-pressed', true);
  state.timer = setInterval(() => {
    if (state.at === watched.length - 1) stop();
    else show(state.at + 1);
  }, 600);
}

/* --- events --- */

const keys = {ArrowLeft: () => show(state.at - 1), ArrowRight: () => show(state.at + 1), j: () => toSample(state.sample + 1), k: () => toSample(state.sample - 1),
  p: play, s: save, '+': () => zoom(1.25), '-': () => zoom(1 / 1.25), r: () => setEntry(1), w: () => setEntry(0), n: toggleNumbers, t: nextTheme};

document.addEventListener('keydown', event => {
  if (event.ctrlKey || event.metaKey || event.altKey || !keys[event.key] || (watched.length === 0 && event.key !== 't')) return;
  if (event.target.id === 'step' && event.key.startsWith('Arrow')) return;
  event.preventDefault();
  keys[event.key]();
});
$('step').addEventListener('input', () => show(Number($('step').value)));
$('previous').addEventListener('click', () => show(state.at - 1));
$('next').addEventListener('click', () => show(state.at + 1));
$('up').addEventListener('click', () => toSample(state.sample - 1));
$('down').addEventListener('click', () => toSample(state.sample + 1));
$('given').addEventListener('click', () => setEntry(1));
$('made').addEventListener('click', () => setEntry(0));
$('numbers').addEventListener('click', toggleNumbers);
$('save').addEventListener('click', save);
$('play').addEventListener('click', play);

summarise();
fillTable();
fillConfig(data.config);
paintCharts = showCharts($('charts'), curveCharts());
if (watched.length === 0) {
  $('watch').replaceChildren(element('p', {class: 'note'}, rows.length === 0 ? 'There was no validation so far.' : 'No samples were kept of these validations.'));
} else {
  $('step').max = watched.length - 1;
  if (watched.length < rows.length) $('missing').textContent = `Of ${rows.length - watched.length} validations no samples are kept.`;
  theme.changed = () => { drawStrip(); show(state.at); };
  look.changed = () => show(state.at);
  drawStrip();
  show(state.at);
}
