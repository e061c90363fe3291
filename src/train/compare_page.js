const variants = data.variants, done = variants.filter(v => v.state === 'done');
const n_samples = done.length === 0 ? 0 : done[0].samples.length;
const state = {sample: 0, entry: 1, numbers: false, order: null};
let tables = []; /* the matrices shown: {variant, shown, cells, heads} */

const nameOf = v => v.values.join(', ') || 'the config';
const colourOf = v => `var(--curve${variants.indexOf(v) % 8})`;
const dashOf = v => [undefined, '6 3', '2 3'][Math.floor(variants.indexOf(v) / 8) % 3];

/* --- the table --- */

const columns = [
  {key: 'parameters', name: 'Parameters', text: v => v.toLocaleString('en'), better: -1},
  {key: 'updates', name: 'Updates', text: v => v.toLocaleString('en')},
  {key: 'loss', name: 'Validation loss', text: v => v.toFixed(4), better: -1},
  {key: 'perplexity', name: 'Perplexity', text: v => v.toFixed(3), better: -1},
  {key: 'metric', name: data.metric, text: v => v.toFixed(2), better: data.less ? -1 : 1},
  ...(data.gold ? [{key: 'aer', name: 'Alignment error %', text: v => v.toFixed(2), better: -1}] : []),
  {key: 'speed', name: 'Tokens/s', text: v => Math.round(v).toLocaleString('en'), better: 1},
  {key: 'seconds', name: 'Time', text: clock, better: -1}];

/* The variant that is best in a column: none where numbers are not of the same thing, where two look alike, or where the
 * next lies within the spread of seeds. */
function bestOf(column) {
  if (!column.better || data.not_comparable.includes(column.key)) return null;
  const value = v => v[column.key], spread = v => v.sd[column.key] || 0;
  const [first, second] = done.filter(v => Number.isFinite(value(v))).sort((a, b) => column.better * (value(b) - value(a)));
  if (!second || column.text(value(first)) === column.text(value(second))) return null;
  return Math.abs(value(first) - value(second)) > Math.max(spread(first), spread(second)) ? first : null;
}

const spreadOf = (v, c) => c.key !== 'parameters' && Number.isFinite(v.sd[c.key]) ? ` ±${c.text(v.sd[c.key])}` : '';

function row(v) {
  const tr = element('tr', {}, ...v.values.map(text => element('th', {class: 'text', scope: 'row'}, text)));
  if (v.state !== 'done') {
    tr.append(element('td', {class: v.state === 'failed' ? 'failed' : 'text', colspan: columns.length}, v.state === 'failed' ? `failed: ${v.reason}` : 'not trained so far'));
    return tr;
  }
  for (const c of columns) {
    const known = Number.isFinite(v[c.key]), best = known && bestOf(c) === v;
    tr.append(element('td', {class: best ? 'best' : '', title: best ? 'the best' : undefined}, known ? c.text(v[c.key]) + spreadOf(v, c) : '–'));
  }
  return tr;
}

/* By a column, or in the order they were trained in. */
function fillTable() {
  const sorted = state.order === null ? variants
    : [...variants].sort((a, b) => (columns[state.order].better || 1) * ((b[columns[state.order].key] ?? -Infinity) - (a[columns[state.order].key] ?? -Infinity)));
  const heads = columns.map((c, i) => {
    const button = element('button', {type: 'button', title: 'Sort'}, c.name);
    button.addEventListener('click', () => { state.order = state.order === i ? null : i; fillTable(); });
    return element('th', {scope: 'col', 'aria-sort': state.order === i ? (c.better === 1 ? 'descending' : 'ascending') : 'none'}, button);
  });
  $('table').replaceChildren(element('thead', {}, element('tr', {}, ...data.keys.map(k => element('th', {class: 'text', scope: 'col'}, k)), ...heads)),
    element('tbody', {}, ...sorted.map(row)));
  $('explained').textContent = `Of the validation pairs: loss a token, ${data.metric} of greedy translations` +
    `${data.gold ? ', alignment error rate of the references against gold links' : ''}. Bold: the best of a column, where it can be told${data.seeds > 1 ? ': the next is further away than the spread of seeds' : ''}.`;
  $('notes').replaceChildren(...data.notes.map(text => element('p', {class: 'note'}, text)));
}

/* --- curves --- */

function curveCharts() {
  const curves = k => done.flatMap(v => v.histories.map((history, i) => ({name: data.seeds > 1 ? `${nameOf(v)}, seed ${i + 1}:` : nameOf(v), colour: colourOf(v), dash: dashOf(v), points: history.map(p => [p[0], p[k]]), marks: true})));
  const all = [{name: 'Validation loss', log: true, curves: curves(1)}];
  if (data.config.train.metric !== 'loss') all.push({name: `Validation ${data.metric}`, curves: curves(2)});
  return all.map(chart);
}

/* --- sentences --- */

function figureOf(v) {
  const sample = v.samples[state.sample], caption = element('figcaption', {}, element('b', {}, nameOf(v)));
  const figure = element('figure', {}, caption);
  if (!sample) {
    figure.append(element('p', {class: 'note'}, 'It has no positions for a sentence as long as this.'));
    return figure;
  }
  const same = lineOf(sample.o[0]) === lineOf(sample.o[1]);
  caption.append(same ? element('p', {class: 'same'}, '✓ translates it so') : element('p', {class: 'wrong', dir: 'auto'}, lineOf(sample.o[0]) || '(nothing)'));
  const shown = open(sample, state.entry);
  if (state.entry === 0 && !same) shown.gold.clear();
  const matrix = matrixOf(shown, state.numbers, Math.min(cellSize(shown, state.numbers), state.numbers ? 30 : 24));
  tables.push({variant: v, shown, ...matrix});
  const save = element('button', {type: 'button', title: 'Save this matrix as an SVG file'}, 'SVG');
  save.addEventListener('click', () => saveSvg(shown, state.numbers, `${v.name}-sentence-${state.sample + 1}.svg`));
  caption.firstChild.after(' ', save);
  figure.append(element('div', {class: 'scroll'}, matrix.table));
  return figure;
}

function show(i) {
  state.sample = Math.min(Math.max(i, 0), n_samples - 1);
  const sample = done.map(v => v.samples[state.sample]).find(s => s);
  $('which').textContent = `sentence ${state.sample + 1} of ${n_samples}`;
  $('previous').disabled = state.sample === 0;
  $('next').disabled = state.sample === n_samples - 1;
  $('status').textContent = '';
  $('texts').replaceChildren();
  if (sample) {
    const line = (name, text) => [element('dt', {}, name), element('dd', {dir: 'auto'}, text)];
    $('texts').replaceChildren(...line('Source', joined(sample.s)), ...line('Reference', lineOf(sample.o[1])));
  }
  tables = [];
  $('view').replaceChildren(...done.map(figureOf));
  const unknown = tables.some(t => t.shown.unknown.source.size + t.shown.unknown.target.size > 0);
  drawLegend(state.numbers, [...(data.gold && state.entry === 1 ? ['outlined: gold links'] : []), ...placeMarks(tables.map(t => t.shown).find(s => s.positions || s.chosen) || {}), ...(unknown ? [element('span', {class: 'unknown'}, 'unknown word')] : [])]);
}

/* The same cell in all matrices, and its weights in words. */
function pointed(event) {
  const cell = event.target.closest?.('td[data-t]');
  for (const e of $('view').querySelectorAll('.on')) e.classList.remove('on');
  if (!cell) return;
  const s = Number(cell.dataset.s), t = Number(cell.dataset.t), here = tables.find(m => m.table.contains(cell));
  const alike = state.entry === 1 ? tables : [here];
  for (const m of alike) m.cells[t]?.[s]?.classList.add('on');
  const weights = alike.filter(m => m.cells[t]?.[s]).map(m => `${nameOf(m.variant)} ${percent(m.shown.weights[t][s])}`);
  $('status').textContent = `${here.shown.target[t]} looks at ${here.shown.source[s]}: ${weights.join(', ')}`;
}

function setEntry(entry) {
  state.entry = entry;
  $('given').setAttribute('aria-pressed', entry === 1);
  $('made').setAttribute('aria-pressed', entry === 0);
  show(state.sample);
}

function toggleNumbers() {
  state.numbers = !state.numbers;
  $('numbers').setAttribute('aria-pressed', state.numbers);
  show(state.sample);
}

/* --- events --- */

const keys = {j: () => show(state.sample + 1), k: () => show(state.sample - 1), r: () => setEntry(1), w: () => setEntry(0), n: toggleNumbers,
  '+': () => zoom(1.25), '-': () => zoom(1 / 1.25), t: nextTheme};

document.addEventListener('keydown', event => {
  if (event.ctrlKey || event.metaKey || event.altKey || !keys[event.key] || (n_samples === 0 && event.key !== 't')) return;
  event.preventDefault();
  keys[event.key]();
});
$('previous').addEventListener('click', () => show(state.sample - 1));
$('next').addEventListener('click', () => show(state.sample + 1));
$('given').addEventListener('click', () => setEntry(1));
$('made').addEventListener('click', () => setEntry(0));
$('numbers').addEventListener('click', toggleNumbers);
$('view').addEventListener('pointerover', pointed);
$('view').addEventListener('click', pointed);

fillTable();
fillConfig(data.config);
showCharts($('charts'), curveCharts());
if (n_samples === 0) {
  $('watch').replaceChildren(element('p', {class: 'note'}, 'No variant has been trained so far.'));
} else {
  theme.changed = look.changed = () => show(state.sample);
  show(0);
}
