'use strict';
/* Texts of the data reach the page only as text nodes and attribute values, never as markup. */
(() => {
const data = JSON.parse(document.getElementById('data').textContent);
const sentences = data.sentences;
const $ = id => document.getElementById(id);
const state = {at: 0, entry: 0, view: 'matrix', numbers: false, theme: data.theme, held: null};
const systemDark = matchMedia('(prefers-color-scheme: dark)');
let shown = null; /* what the page holds of the sentence: {source, target, weights, ...} */
let words = [];   /* elements of tokens and headings, with their side and index */
let cells = [];   /* [target][source] of the matrix */
let links = [];   /* paths of the flow */

function element(name, attributes, ...children) {
  const e = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (key === 'class') e.className = value;
    else if (value === true) e.setAttribute(key, '');
    else if (value !== false && value !== undefined) e.setAttribute(key, value);
  }
  e.append(...children);
  return e;
}

/* --- colours --- */

const isDark = () => state.theme === 'dark' || (state.theme === 'auto' && systemDark.matches);
const scale = () => isDark() ? data.scales.dark : data.scales.light;
const css = c => `rgb(${c[0]},${c[1]},${c[2]})`;

function colour(weight) {
  const stops = scale(), last = stops.length - 1, w = Math.min(Math.max(weight, 0), 1) * last;
  const i = Math.min(Math.floor(w), last - 1), part = w - i;
  return stops[i].map((v, k) => Math.round(v + (stops[i + 1][k] - v) * part));
}

const luminance = c => [0.2126, 0.7152, 0.0722].reduce((y, share, i) => y + share * (c[i] / 255) ** 2.2, 0);
const ink = c => luminance(c) > 0.18 ? '#000' : '#fff';

function paintTheme() {
  document.documentElement.dataset.theme = isDark() ? 'dark' : 'light';
  $('scale').style.background = `linear-gradient(to right, ${scale().map(css).join()})`;
  $('theme').setAttribute('aria-label', `Colours: ${state.theme === 'auto' ? 'as the browser says' : state.theme}`);
}

/* --- the data --- */

/* Rows hold thousandths; a negative number stands for as many noughts, and those at the end are left out. */
function unpack(rows, n) {
  return rows.map(row => {
    const weights = new Array(n).fill(0);
    let at = 0;
    for (const v of row) {
      if (v < 0) at -= v;
      else weights[at++] = v / 1000;
    }
    return weights;
  });
}

function open(sentence, entry) {
  const output = sentence.o[entry];
  const gold = new Map();
  for (let i = 0; i + 2 < (sentence.g || []).length; i += 3)
    gold.set(`${sentence.g[i]} ${sentence.g[i + 1]}`, sentence.g[i + 2] === 1);
  return {source: sentence.s, target: output.t, weights: unpack(output.w, sentence.s.length), chances: output.p, gold,
    hasGold: sentence.g !== undefined, unknown: {source: new Set(sentence.u), target: new Set(output.u)}};
}

const joined = tokens => tokens.filter((t, i) => i < tokens.length - 1 || t !== '</s>').join(' ');
const lineOf = output => output.x || joined(output.t);
const percent = w => `${Math.round(100 * w)} %`;

/* By its first letter; `dir=auto` does not see into elements that have a direction of their own. */
function direction(tokens) {
  const letter = tokens.join(' ').match(/\p{L}/u);
  return letter && /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/.test(letter[0]) ? 'rtl' : 'ltr';
}

/* --- the list --- */

const items = sentences.map((s, i) => {
  const number = element('span', {class: 'number'}, String(s.n));
  const source = element('span', {class: 'line', dir: 'auto'}, joined(s.s));
  const target = element('span', {class: 'line', dir: 'auto'}, lineOf(s.o[0]));
  const button = element('button', {type: 'button', tabindex: '-1', 'data-i': i}, number, source, target);
  return element('li', {}, button);
});
$('list').append(...items);

let found = sentences.map((_, i) => i);
const texts = [];
const textOf = i => texts[i] ??= [joined(sentences[i].s), ...sentences[i].o.map(lineOf), sentences[i].n].join('\n').toLowerCase();

function search() {
  const wanted = $('search').value.trim().toLowerCase();
  found = [];
  items.forEach((item, i) => {
    const fits = wanted === '' || textOf(i).includes(wanted);
    item.hidden = !fits;
    if (fits) found.push(i);
  });
  const all = sentences.length, what = all === 1 ? 'sentence' : 'sentences';
  $('count').textContent = wanted === '' ? `${all} ${what}` : `${found.length} of ${all} ${what}`;
}

function markItem(i, current) {
  const button = items[i].firstChild;
  button.tabIndex = current ? 0 : -1;
  if (current) button.setAttribute('aria-current', 'true');
  else button.removeAttribute('aria-current');
}

/* --- tokens that glow --- */

function token(side, i, focusable) {
  const text = shown[side][i], unknown = shown.unknown[side].has(i);
  const end = text === '</s>' && i === shown[side].length - 1;
  const e = element(focusable ? 'button' : 'span', {class: `tok${unknown ? ' unknown' : ''}${end ? ' end' : ''}`, dir: 'auto'}, text);
  if (focusable) {
    e.type = 'button';
    e.tabIndex = i === 0 ? 0 : -1;
    e.setAttribute('aria-label', end ? 'end of sentence' : unknown ? `${text}, unknown word` : text);
  }
  e.title = unknown ? `${text} (unknown word)` : text;
  return word(e, side, i);
}

function word(e, side, i) {
  e.dataset.side = side;
  e.dataset.i = i;
  words.push(e);
  return e;
}

const weightOf = (side, i, other) => side === 'target' ? shown.weights[i][other] : shown.weights[other][i];

function clearGlow() {
  for (const e of words) e.classList.remove('glow', 'on');
  for (const row of cells) for (const cell of row) cell.classList.remove('on');
  for (const link of links) link.path.classList.remove('on');
  document.querySelector('.flow')?.classList.remove('picked');
}

function describe(side, i) {
  const others = side === 'target' ? shown.source : shown.target;
  const strong = others.map((text, k) => [weightOf(side, i, k), text]).filter(p => p[0] >= 0.01).sort((a, b) => b[0] - a[0]);
  const chance = side === 'target' && shown.chances ? ` (probability ${percent(shown.chances[i] / 1000)})` : '';
  const list = strong.slice(0, 5).map(p => `${p[1]} ${percent(p[0])}`).join(', ') + (strong.length > 5 ? ', …' : '');
  const verb = side === 'target' ? 'looks at' : 'is looked at by';
  $('status').replaceChildren(element('b', {dir: 'auto'}, shown[side][i]), `${chance} ${verb} ${list || 'nothing'}`);
}

/* Shows what a token is linked to, in every view. */
function glow(side, i) {
  clearGlow();
  for (const e of words) {
    const k = Number(e.dataset.i);
    if (e.dataset.side === side) {
      e.classList.toggle('on', k === i);
    } else if (weightOf(side, i, k) >= 0.01) {
      const c = colour(weightOf(side, i, k));
      if (!e.classList.contains('tok')) continue;
      e.classList.add('glow');
      e.style.setProperty('--glow', css(c));
      e.style.setProperty('--glow-ink', ink(c));
    }
  }
  for (const link of links) link.path.classList.toggle('on', link[side] === i);
  document.querySelector('.flow')?.classList.add('picked');
  describe(side, i);
}

/* --- views --- */

function heading(text, scope, side, i) {
  const e = element('th', {scope, title: text, class: shown.unknown[side].has(i) ? 'unknown' : ''}, element('bdi', {}, text));
  return word(e, side, i);
}

/* Scripts that stand upright in vertical lines: CJK, Hangul, symbols. */
const upright = /[\u1100-\u11ff\u2e80-\ua4cf\uac00-\ud7ff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef]|[\ud83c-\ud83e\ud840-\ud87f]/;

/* Signs as one sees them: an emoji of several parts is one. */
const segmenter = window.Intl && Intl.Segmenter ? new Intl.Segmenter() : null;
const signs = text => Array.from(segmenter ? segmenter.segment(text) : text).length;

function headRow(cell) {
  const flat = shown.source.every(t => signs(t) <= 1 || signs(t) * 9 <= cell);
  const row = element('tr', {}, element('td', {}));
  shown.source.forEach((text, i) => {
    const e = heading(text, 'col', 'source', i);
    e.classList.add(flat || signs(text) === 1 ? 'flat' : upright.test(text) ? 'upright' : 'turned');
    row.append(e);
  });
  return element('thead', {}, row);
}

function matrixCell(t, s) {
  const w = shown.weights[t][s], c = colour(w), gold = shown.gold.get(`${s} ${t}`);
  const e = element('td', {}, w >= 0.005 ? String(Math.round(100 * w)) : '');
  e.style.background = css(c);
  e.style.setProperty('--cell-ink', ink(c));
  if (gold !== undefined) e.classList.add('gold');
  if (gold === false) e.classList.add('possible');
  e.dataset.t = t;
  e.dataset.s = s;
  return e;
}

function drawMatrix() {
  const most = Math.max(shown.source.length, shown.target.length);
  const cell = state.numbers ? 30 : most <= 20 ? 30 : most <= 40 ? 22 : 15;
  const table = element('table', {class: state.numbers ? 'with-numbers' : ''});
  table.style.setProperty('--cell', `${cell}px`);
  table.style.setProperty('--size', `${cell >= 22 ? 14 : 11.5}px`);
  table.append(element('caption', {hidden: true}, 'Weights in percent: a row a target word, a column a source word'));
  const body = element('tbody', {});
  cells = shown.target.map((text, t) => {
    const row = shown.source.map((_, s) => matrixCell(t, s));
    body.append(element('tr', {}, heading(text, 'row', 'target', t), ...row));
    return row;
  });
  table.append(headRow(cell), body);
  $('view').replaceChildren(table);
}

function flowColumn(side) {
  return element('ol', {'aria-hidden': 'true'}, ...shown[side].map((_, i) => element('li', {}, token(side, i, false))));
}

function flowPath(svg, s, t, height, attributes) {
  const y = (i, n) => (i + 0.5) * height / n;
  const a = y(s, shown.source.length), b = y(t, shown.target.length);
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  path.setAttribute('d', `M0 ${a}C45 ${a} 55 ${b} 100 ${b}`);
  for (const [key, value] of Object.entries(attributes)) path.setAttribute(key, value);
  svg.append(path);
  return path;
}

function drawFlow() {
  const height = 28 * Math.max(shown.source.length, shown.target.length, 1);
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', `0 0 100 ${height}`);
  svg.setAttribute('preserveAspectRatio', 'none');
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', 'Links from source words, left, to target words, right; the matrix view has the numbers');
  shown.weights.forEach((row, t) => row.forEach((w, s) => {
    if (w < 0.02) return;
    const strength = (0.12 + 0.8 * w).toFixed(2);
    const path = flowPath(svg, s, t, height, {'stroke-width': (0.6 + 7 * w).toFixed(1)});
    path.style.opacity = strength;
    path.style.setProperty('--strength', Math.max(strength, 0.35));
    links.push({path, source: s, target: t});
  }));
  for (const key of shown.gold.keys()) {
    const [s, t] = key.split(' ').map(Number);
    if (s < shown.source.length && t < shown.target.length) flowPath(svg, s, t, height, {class: 'gold'});
  }
  const box = element('div', {class: 'flow'}, flowColumn('source'), svg, flowColumn('target'));
  box.style.height = `${height}px`;
  $('view').replaceChildren(box);
}

function drawMarks() {
  const marks = [];
  if (shown.hasGold) marks.push(state.view === 'matrix' ? 'outlined: gold links' : 'dashed: gold links');
  if (shown.unknown.source.size + shown.unknown.target.size > 0)
    marks.push(element('span', {class: 'unknown'}, 'unknown word'));
  $('marks').replaceChildren(...marks.flatMap((m, i) => i === 0 ? [m] : [' · ', m]));
}

/* Everything that depends on entry, view, theme. */
function draw() {
  shown = open(sentences[state.at], state.entry);
  words = [];
  cells = [];
  links = [];
  state.held = null;
  for (const side of ['source', 'target']) {
    $(side).dir = direction(shown[side]);
    $(side).replaceChildren(...shown[side].map((_, i) => token(side, i, true)));
  }
  if (shown.target.length === 0) $('view').replaceChildren(element('p', {class: 'note'}, 'An empty line: nothing was written.'));
  else if (state.view === 'matrix') drawMatrix();
  else drawFlow();
  $('status').textContent = 'Point at a word, tap it, or go to it with Tab and the arrow keys.';
  drawMarks();
}

function drawAlternatives() {
  const outputs = sentences[state.at].o;
  const box = $('alternatives');
  box.hidden = outputs.length < 2;
  box.replaceChildren(element('legend', {}, `${outputs.length} translations, best first`));
  outputs.forEach((output, i) => {
    const input = element('input', {type: 'radio', name: 'entry', value: i});
    input.checked = i === state.entry;
    const score = output.c === undefined ? '' : output.c.toFixed(3);
    box.append(element('label', {}, input, element('span', {class: 'score'}, score), element('span', {dir: 'auto'}, lineOf(output))));
  });
}

function show(i) {
  markItem(state.at, false);
  state.at = i;
  state.entry = 0;
  markItem(i, true);
  items[i].scrollIntoView({block: 'nearest'});
  $('place').textContent = `${sentences[i].n} of ${sentences[sentences.length - 1].n}`;
  $('previous').disabled = i === 0;
  $('next').disabled = i === sentences.length - 1;
  drawAlternatives();
  draw();
  if (location.hash !== `#${sentences[i].n}`) history.replaceState(null, '', `#${sentences[i].n}`);
}

/* The next sentence found, forwards or backwards. */
function step(by) {
  const next = by > 0 ? found.find(i => i > state.at) : found.findLast(i => i < state.at);
  if (next !== undefined) show(next);
}

function setView(view) {
  state.view = view;
  $('matrix').setAttribute('aria-pressed', view === 'matrix');
  $('flow').setAttribute('aria-pressed', view === 'flow');
  $('numbers').disabled = view !== 'matrix';
  draw();
}

function toggleNumbers() {
  state.numbers = !state.numbers;
  $('numbers').setAttribute('aria-pressed', state.numbers);
  draw();
}

function nextTheme() {
  const themes = ['auto', 'light', 'dark'];
  state.theme = themes[(themes.indexOf(state.theme) + 1) % 3];
  /* A step that changes nothing to the eye is passed over. */
  if (state.theme === 'auto') state.theme = systemDark.matches ? 'light' : 'dark';
  paintTheme();
  draw();
}

/* --- events --- */

function release() {
  state.held = null;
  clearGlow();
  $('status').textContent = '';
}

const wordAt = event => event.target.closest?.('[data-side]');

function pointed(event) {
  if (state.held) return;
  const e = wordAt(event), cell = event.target.closest?.('td[data-t]');
  if (e) glow(e.dataset.side, Number(e.dataset.i));
  if (cell) {
    glow('target', Number(cell.dataset.t));
    cell.classList.add('on');
  }
}

function picked(event) {
  const e = wordAt(event) || event.target.closest?.('td[data-t]');
  if (!e) return;
  const side = e.dataset.side || 'target', i = Number(e.dataset.i ?? e.dataset.t), key = `${side} ${i}`;
  if (state.held === key) return release();
  glow(side, i);
  state.held = key;
}

function arrows(event) {
  const e = event.target, row = e.closest('.words, #list');
  const by = {ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1}[event.key];
  if (!row || !by) return false;
  if (row.id === 'list') {
    step(by);
    items[state.at].firstChild.focus();
    return true;
  }
  const turned = getComputedStyle(row).direction === 'rtl' && event.key.match(/Left|Right/);
  const next = row.children[Number(e.dataset.i) + (turned ? -by : by)];
  if (next) {
    e.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  }
  return true;
}

const keys = {j: () => step(1), k: () => step(-1), m: () => setView('matrix'), f: () => setView('flow'), n: toggleNumbers,
  t: nextTheme, '/': () => $('search').focus()};

document.addEventListener('keydown', event => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const typing = event.target.id === 'search';
  if (event.key === 'Escape') {
    release();
    if (typing) $('sentence').focus();
  } else if (typing && event.key === 'Enter') {
    if (found.length > 0) show(found.find(i => i >= state.at) ?? found[0]);
  } else if (!typing && event.target.type !== 'radio' && (arrows(event) || keys[event.key])) {
    event.preventDefault();
    keys[event.key]?.();
  }
});
const main = $('sentence');
main.addEventListener('pointerover', event => { if (event.pointerType === 'mouse') pointed(event); });
main.addEventListener('pointerleave', () => { if (!state.held) release(); });
main.addEventListener('focusin', pointed);
main.addEventListener('click', picked);
$('list').addEventListener('click', event => {
  const button = event.target.closest('button');
  if (button) show(Number(button.dataset.i));
});
$('search').addEventListener('input', search);
$('previous').addEventListener('click', () => step(-1));
$('next').addEventListener('click', () => step(1));
$('matrix').addEventListener('click', () => setView('matrix'));
$('flow').addEventListener('click', () => setView('flow'));
$('numbers').addEventListener('click', toggleNumbers);
$('theme').addEventListener('click', nextTheme);
$('alternatives').addEventListener('change', event => {
  state.entry = Number(event.target.value);
  draw();
});
const repaint = () => { paintTheme(); draw(); };
systemDark.addEventListener('change', repaint);
/* Paper is white. */
let before = null;
addEventListener('beforeprint', () => { before = state.theme; state.theme = 'light'; repaint(); });
addEventListener('afterprint', () => { state.theme = before; repaint(); });
const named = () => Math.max(0, sentences.findIndex(s => `#${s.n}` === location.hash));
addEventListener('hashchange', () => show(named()));

paintTheme();
search();
if (sentences.length > 0) show(named());
else main.replaceChildren(element('p', {class: 'note'}, 'No sentences.'));
})();
