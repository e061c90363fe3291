const sentences = data.sentences;
/* part: whose weights are shown, 'd2' of the decoder's layer 2, 'e1' of the encoder's layer 1, 'r1' of what the decoder's
 * layer 1 sees of what was read, '' of the alignment; head: which of its heads, 0 for their mean. Where a sentence has
 * them; else the alignment, and the mean. */
const state = {at: 0, entry: 0, view: sentences.some(s => gridOf(s.s)) ? 'image' : 'matrix', numbers: look.numbers, held: null, part: '', head: 0};
let shown = null; /* what the page holds of the sentence: {source, target, weights, ...} */
let words = [];   /* elements of tokens and headings, with their side and index */
let cells = [];   /* [target][source] of the matrix */
let links = [];   /* paths of the flow */

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

/* --- layers and heads --- */

/* By the first letter of a part: its name, its heads, and what is open with both sides as it has them. */
const parts = {
  d: {name: 'decoder to source', heads: (sentence, output) => output.h, sides: open => open, titles: {}},
  e: {name: 'encoder, source to itself', heads: sentence => sentence.e, titles: {target: 'Source, looking at itself', words: 'Source words that look'},
    sides: open => ({...open, target: open.source, side: {source: 'source', target: 'source'}, unknown: {...open.unknown, target: open.unknown.source},
      steps: {source: open.steps.source, target: open.steps.source}, chances: undefined, gold: new Map(), hasGold: false, cut: {...open.cut, target: false}})},
  r: {name: 'decoder, target to itself', heads: (sentence, output) => output.r, titles: {source: 'Target, as read so far', read: 'Target words that were read'},
    sides: open => ({...open, source: ['<s>', ...open.target.slice(0, -1)], side: {source: 'target', target: 'target'},
      unknown: {...open.unknown, source: new Set([...open.unknown.target].map(i => i + 1))},
      steps: {target: open.steps.target}, gold: new Map(), hasGold: false, cut: {...open.cut, source: false}})},
};
const heldBy = letter => parts[letter].heads(sentences[state.at], sentences[state.at].o[state.entry]) || [];

/* [[layer, head, rows], ...] of a part. */
const headsOf = part => part === '' ? [] : heldBy(part[0]).filter(h => h[0] === Number(part.slice(1)));

/* What is shown of what was chosen: {part, head, heads}. */
function chosen() {
  const heads = headsOf(state.part), one = heads.filter(h => h[1] === state.head);
  return {part: heads.length > 0 ? state.part : '', head: one.length > 0 ? state.head : 0, heads: one.length > 0 ? one : heads};
}

function meanOf(heads, n) {
  const all = heads.map(h => unpack(h[2], n));
  return all[0].map((row, t) => row.map((_, s) => all.reduce((sum, weights) => sum + weights[t][s], 0) / all.length));
}

/* The same with the weights chosen. Of p_t a file tells where the alignment's layer has it. */
function choose(open) {
  const {part, heads} = chosen();
  if (part === '') return open;
  const sides = parts[part[0]].sides(open);
  return {...sides, weights: meanOf(heads, sides.source.length), positions: undefined, chosen: undefined};
}

function fillSelect(select, options, value) {
  const names = JSON.stringify(options);
  if (select.dataset.options !== names)
    select.replaceChildren(...options.map(([v, text]) => element('option', {value: v}, text)));
  select.dataset.options = names;
  select.value = value;
  select.disabled = options.length < 2;
}

function drawChoice() {
  const {part, head} = chosen(), titles = part === '' ? {} : parts[part[0]].titles;
  const layersOf = letter => [...new Set(heldBy(letter).map(h => h[0]))].map(l => [`${letter}${l}`, `${parts[letter].name}, layer ${l}`]);
  const layers = [['', 'alignment'], ...Object.keys(parts).flatMap(layersOf)];
  const heads = headsOf(part).map(h => [String(h[1]), `head ${h[1]}`]);
  fillSelect($('layer'), layers, part);
  fillSelect($('head'), heads.length === 1 ? heads : [['0', 'mean of heads'], ...heads], heads.length === 1 ? heads[0][0] : String(head));
  $('choice').hidden = $('choice-keys').hidden = layers.length < 2;
  $('source-name').textContent = titles.source || 'Source';
  $('target-name').textContent = titles.target || 'Target';
  $('source').setAttribute('aria-label', titles.read || 'Source words');
  $('target').setAttribute('aria-label', titles.words || 'Target words');
}

function choosePart(part) {
  state.part = part;
  draw();
}

function chooseHead(head) {
  state.head = Number(head);
  draw();
}

/* The next of a select, after the last the first. */
function nextOf(select, choice) {
  const all = [...select.options].map(o => o.value);
  if (!select.disabled && all.length > 0) choice(all[(all.indexOf(select.value) + 1) % all.length]);
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
  if (shown.steps[side]) e.append(element('sup', {class: 'steps', title: stepsOf(side, i)}, `${shown.steps[side][i]}`));
  return word(e, side, i);
}

const stepsOf = (side, i) => `${shown.steps[side][i]} step${shown.steps[side][i] === 1 ? '' : 's'}`;

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
  const place = side === 'target' && shown.positions ? `; p is ${shown.positions[i].toFixed(2)}, the window ±${shown.window}` : '';
  const look = side === 'target' && shown.chosen ? `; took ${shown.source[shown.chosen[i]]}` : '';
  const steps = shown.steps[side] ? `; took ${stepsOf(side, i)}` : '';
  $('status').replaceChildren(element('b', {dir: 'auto'}, shown[side][i]), `${chance} ${verb} ${list || 'nothing'}${look}${place}${steps}`);
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

function drawMatrix() {
  const matrix = matrixOf(shown, state.numbers);
  words.push(...matrix.heads);
  cells = matrix.cells;
  $('view').replaceChildren(matrix.table);
}

function flowColumn(side) {
  return element('ol', {'aria-hidden': 'true'}, ...shown[side].map((_, i) => element('li', {}, token(side, i, false))));
}

function flowPath(svg, s, t, height, attributes) {
  const y = (i, n) => (i + 0.5) * height / n;
  const a = y(s, shown.source.length), b = y(t, shown.target.length);
  const path = drawn('path', {d: `M0 ${a}C45 ${a} 55 ${b} 100 ${b}`, ...attributes});
  svg.append(path);
  return path;
}

function drawFlow() {
  const height = 28 * look.scale * Math.max(shown.source.length, shown.target.length, 1);
  const svg = drawn('svg', {viewBox: `0 0 100 ${height}`, preserveAspectRatio: 'none', role: 'img',
    'aria-label': `Links from ${shown.side.source} words, left, to ${shown.side.target} words, right; the matrix view has the numbers`});
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
  box.style.setProperty('--scale', look.scale);
  $('view').replaceChildren(box);
}

function drawImages() {
  const images = imagesOf(shown, sentences[state.at].i);
  [...images.children].forEach((figure, t) => word(figure, 'target', t));
  $('view').replaceChildren(images);
}

function drawMarks() {
  const marks = [];
  if (shown.hasGold) marks.push(state.view !== 'flow' ? 'outlined: gold links' : 'dashed: gold links');
  if (shown.unknown.source.size + shown.unknown.target.size > 0)
    marks.push(element('span', {class: 'unknown'}, 'unknown word'));
  if (shown.steps.source || shown.steps.target) marks.push(element('sup', {class: 'steps'}, 'n'), ' steps taken for a word');
  if (state.view === 'matrix') marks.push(...placeMarks(shown));
  if (shown.cut.source) marks.push('the line was cut: it is longer than was read');
  if (shown.cut.target) marks.push('the translation was cut at its greatest length');
  drawLegend(state.numbers && state.view === 'matrix', marks);
}

/* Everything that depends on entry, view, theme. */
function draw() {
  shown = choose(open(sentences[state.at], state.entry));
  drawChoice();
  words = [];
  cells = [];
  links = [];
  state.held = null;
  for (const side of ['source', 'target']) {
    $(side).dir = direction(shown[side]);
    $(side).replaceChildren(...shown[side].map((_, i) => token(side, i, true)));
  }
  if (shown.target.length === 0) $('view').replaceChildren(element('p', {class: 'note'}, 'An empty line: nothing was written.'));
  else if (state.view === 'image' && gridOf(shown.source)) drawImages();
  else if (state.view === 'flow') drawFlow();
  else drawMatrix();
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
  $('image').setAttribute('aria-pressed', view === 'image');
  $('numbers').disabled = view !== 'matrix';
  draw();
}

function toggleNumbers() {
  state.numbers = !state.numbers;
  $('numbers').setAttribute('aria-pressed', state.numbers);
  draw();
}

function save() {
  const rank = state.entry > 0 ? `.${state.entry + 1}` : '', {part, head} = chosen();
  const layer = part === '' ? '' : `.${{d: 'decoder', e: 'encoder', r: 'read'}[part[0]]}${part.slice(1)}${head > 0 ? `.head${head}` : ''}`;
  if (shown.target.length > 0) saveSvg(shown, state.numbers, `${String(sentences[state.at].n).padStart(6, '0')}${rank}${layer}.svg`);
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

const keys = {j: () => step(1), k: () => step(-1), m: () => setView('matrix'), f: () => setView('flow'), i: () => { if (!$('image').hidden) setView('image'); }, n: toggleNumbers,
  l: () => nextOf($('layer'), choosePart), h: () => nextOf($('head'), chooseHead), t: nextTheme, s: save, '+': () => zoom(1.25), '-': () => zoom(1 / 1.25), '/': () => $('search').focus()};

document.addEventListener('keydown', event => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const typing = event.target.id === 'search';
  if (event.key === 'Escape') {
    release();
    if (typing) $('sentence').focus();
  } else if (typing && event.key === 'Enter') {
    if (found.length > 0) show(found.find(i => i >= state.at) ?? found[0]);
  } else if (!typing && event.target.type !== 'radio' && event.target.tagName !== 'SELECT' && (arrows(event) || keys[event.key])) {
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
$('image').addEventListener('click', () => setView('image'));
$('image').hidden = $('image-key').hidden = state.view !== 'image';
for (const view of ['matrix', 'flow', 'image']) $(view).setAttribute('aria-pressed', state.view === view);
$('numbers').setAttribute('aria-pressed', state.numbers);
$('numbers').addEventListener('click', toggleNumbers);
$('save').addEventListener('click', save);
$('layer').addEventListener('change', () => choosePart($('layer').value));
$('head').addEventListener('change', () => chooseHead($('head').value));
$('alternatives').addEventListener('change', event => {
  state.entry = Number(event.target.value);
  draw();
});
const named = () => Math.max(0, sentences.findIndex(s => `#${s.n}` === location.hash));
addEventListener('hashchange', () => show(named()));

theme.changed = look.changed = () => { if (sentences.length > 0) draw(); };
search();
if (sentences.length > 0) show(named());
else main.replaceChildren(element('p', {class: 'note'}, 'No sentences.'));
