/* What all pages share: the data, elements, colours, sentences, matrices, curves. Texts of the data reach a page only as
 * text nodes and attribute values, never as markup. */
const data = JSON.parse(document.getElementById('data').textContent);
const $ = id => document.getElementById(id);

function fill(e, attributes, children) {
  for (const [key, value] of Object.entries(attributes || {})) {
    if (value === true) e.setAttribute(key, '');
    else if (value !== false && value !== undefined) e.setAttribute(key, value);
  }
  e.append(...children);
  return e;
}
const element = (name, attributes, ...children) => fill(document.createElement(name), attributes, children);
const drawn = (name, attributes, ...children) =>
  fill(document.createElementNS('http://www.w3.org/2000/svg', name), attributes, children);

/* --- colours --- */

const systemDark = matchMedia('(prefers-color-scheme: dark)');
const theme = {chosen: data.theme, changed: () => {}}; /* changed: draws the page anew */
const isDark = () => theme.chosen === 'dark' || (theme.chosen === 'auto' && systemDark.matches);
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
  $('theme').setAttribute('aria-label', `Colours: ${theme.chosen === 'auto' ? 'as the browser says' : theme.chosen}`);
}

function repaint() {
  paintTheme();
  theme.changed();
}

function nextTheme() {
  theme.chosen = isDark() ? 'light' : 'dark';
  repaint();
}

$('theme').addEventListener('click', nextTheme);
systemDark.addEventListener('change', repaint);
/* Paper is white. */
let before = null;
addEventListener('beforeprint', () => { before = theme.chosen; theme.chosen = 'light'; repaint(); });
addEventListener('afterprint', () => { theme.chosen = before; repaint(); });
paintTheme();

/* --- sentences --- */

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
  return {source: sentence.s, target: output.t, side: {source: 'source', target: 'target'}, weights: unpack(output.w, sentence.s.length), chances: output.p, gold,
    positions: output.l?.map(p => p / 1000), window: output.d, chosen: output.a,
    steps: {source: sentence.j?.map(n => n / 100), target: output.j?.map(n => n / 100)},
    hasGold: sentence.g !== undefined, unknown: {source: new Set(sentence.u), target: new Set(output.u)},
    cut: {source: sentence.k === 1, target: output.k === 1}};
}

const joined = tokens => tokens.filter((t, i) => i < tokens.length - 1 || t !== '</s>').join(' ');
const lineOf = output => (output.x || joined(output.t)) + (output.k ? ' [cut at its greatest length]' : '');
const percent = w => `${Math.round(100 * w)} %`;

/* How large cells and words are, of 1; what the page begins with, and its reader changes. */
const look = {scale: data.scale || 1, numbers: data.numbers === true, changed: () => {}};

function zoom(by) {
  look.scale = Math.min(Math.max(look.scale * by, 0.25), 8);
  look.changed();
}
$('smaller').addEventListener('click', () => zoom(1 / 1.25));
$('larger').addEventListener('click', () => zoom(1.25));

/* --- matrices --- */

function heading(shown, scope, side, i) {
  const text = shown[side][i];
  return element('th', {scope, title: text, class: shown.unknown[side].has(i) ? 'unknown' : '', 'data-side': side, 'data-i': i},
    element('bdi', {}, shortened(text)));
}

/* Scripts that stand upright in vertical lines: CJK, Hangul, symbols. */
const upright = /[\u1100-\u11ff\u2e80-\ua4cf\uac00-\ud7ff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef]|[\ud83c-\ud83e\ud840-\ud87f]/;

/* Signs as one sees them: an emoji of several parts is one. */
const segmenter = window.Intl && Intl.Segmenter ? new Intl.Segmenter() : null;
const signsOf = text => segmenter ? Array.from(segmenter.segment(text), s => s.segment) : Array.from(text);
const signs = text => signsOf(text).length;

/* A long word without its middle; its title has it whole. */
function shortened(text) {
  const most = 22, all = signsOf(text);
  return all.length <= most ? text : `${all.slice(0, most / 2).join('')}…${all.slice(1 - most / 2).join('')}`;
}

function headings(shown, cell) {
  const flat = shown.source.every(t => signs(t) <= 1 || signs(t) * 9 <= cell);
  return shown.source.map((text, i) => {
    const e = heading(shown, 'col', 'source', i);
    e.classList.add(flat || signs(text) === 1 ? 'flat' : upright.test(text) ? 'upright' : 'turned');
    return e;
  });
}

const windowOf = (shown, t) => [Math.max(Math.ceil(shown.positions[t] - shown.window), 0), Math.min(Math.floor(shown.positions[t] + shown.window), shown.source.length - 1)];

/* local_p: the window, unless it is all of the row, and a mark where p is. */
function placeCell(e, shown, t, s) {
  const [low, high] = windowOf(shown, t), p = shown.positions[t], last = shown.source.length - 1;
  if (s >= low && s <= high && high - low < last) {
    e.classList.add('in');
    if (s === low) e.classList.add('low');
    if (s === high) e.classList.add('high');
  }
  if (Math.min(Math.max(Math.floor(p + 0.5), 0), last) !== s) return;
  const mark = element('i', {class: 'mark'});
  mark.style.left = `${Math.min(Math.max(100 * (p + 0.5 - s), 0), 100)}%`;
  e.append(mark);
}

function matrixCell(shown, t, s) {
  const w = shown.weights[t][s], c = colour(w), gold = shown.gold.get(`${s} ${t}`);
  const e = element('td', {'data-t': t, 'data-s': s}, w >= 0.005 ? String(Math.round(100 * w)) : '');
  e.style.background = css(c);
  e.style.setProperty('--cell-ink', ink(c));
  if (gold !== undefined) e.classList.add('gold');
  if (gold === false) e.classList.add('possible');
  if (shown.positions) placeCell(e, shown, t, s);
  if (shown.chosen?.[t] === s) e.append(element('i', {class: 'spot'}));
  return e;
}

function cellSize(shown, numbers) {
  const most = Math.max(shown.source.length, shown.target.length);
  return numbers || most <= 20 ? 30 : most <= 40 ? 22 : 15;
}
const wordSize = cell => cell >= 22 ? 14 : 11.5;

/* A table of the weights: {table, heads, cells}, cells by target and source. cell: its side at scale 1. */
function matrixOf(shown, numbers, cell = cellSize(shown, numbers)) {
  const table = element('table', {class: numbers ? 'matrix with-numbers' : 'matrix'});
  table.style.setProperty('--cell', `${cell * look.scale}px`);
  table.style.setProperty('--size', `${wordSize(cell) * look.scale}px`);
  table.append(element('caption', {hidden: true}, `Weights in percent: a row a ${shown.side.target} word, a column a ${shown.side.source} word`));
  const columns = headings(shown, cell), rows = shown.target.map((_, t) => heading(shown, 'row', 'target', t));
  const cells = shown.target.map((_, t) => shown.source.map((__, s) => matrixCell(shown, t, s)));
  table.append(element('thead', {}, element('tr', {}, element('td', {}), ...columns)),
    element('tbody', {}, ...rows.map((head, t) => element('tr', {}, head, ...cells[t]))));
  return {table, heads: [...columns, ...rows], cells};
}

/* What the bars of local_p are, and the spots of hard attention, for drawLegend. */
const placeMarks = shown => [
  ...(shown.positions ? [element('span', {}, element('i', {class: 'mark'}), ` p, framed: its window of ±${shown.window}`)] : []),
  ...(shown.chosen ? [element('span', {}, element('i', {class: 'spot'}), ' looked at')] : [])];

/* What cells and outlines mean; marks: texts or elements. */
function drawLegend(numbers, marks) {
  $('most').textContent = numbers ? '100 % \u00a0weight' : '1 \u00a0weight';
  $('marks').replaceChildren(...marks.flatMap((m, i) => i === 0 ? [m] : [' · ', m]));
}

/* --- images --- */

/* The columns of the image that source tokens r1c1, r1c2, ... are patches of; 0: they are of none. */
function gridOf(tokens) {
  const columns = Number(tokens.at(-1)?.match(/^r\d+c(\d+)$/)?.[1] || 0);
  return columns > 0 && tokens.every((text, i) => text === `r${Math.floor(i / columns) + 1}c${i % columns + 1}`) ? columns : 0;
}

/* Each pixel of the image once; black where only the grid is known. */
function pixelsOf(image, columns, rows) {
  const patch = image ? image.patch : 1, width = columns * patch;
  const canvas = element('canvas', {width, height: rows * patch, 'aria-hidden': 'true'});
  const context = canvas.getContext('2d'), bits = context.createImageData(width, rows * patch);
  for (let i = 0; i < bits.width * bits.height; i++) {
    const y = Math.floor(i / width), x = i % width, region = Math.floor(y / patch) * columns + Math.floor(x / patch);
    const at = region * patch * patch + y % patch * patch + x % patch;
    const grey = image ? parseInt(image.pixels.slice(2 * at, 2 * at + 2), 16) : 0;
    bits.data.set([grey, grey, grey, 255], 4 * i);
  }
  context.putImageData(bits, 0, 0);
  return canvas;
}

/* What a target token looks at, over the image: the more weight, the less of it is dimmed (Xu et al. 2015). */
function imageOf(shown, image, t, columns) {
  const rows = shown.source.length / columns, most = Math.max(...shown.weights[t], 0.001);
  const svg = drawn('svg', {viewBox: `0 0 ${columns} ${rows}`, preserveAspectRatio: 'none', 'aria-hidden': 'true'});
  shown.weights[t].forEach((w, s) => {
    const place = {x: s % columns, y: Math.floor(s / columns), width: 1, height: 1};
    const veil = drawn('rect', {...place, class: 'veil', 'fill-opacity': (0.75 * (1 - w / most)).toFixed(2)});
    veil.append(drawn('title', {}, `${shown.source[s]} ${percent(w)}`));
    svg.append(veil);
    const sure = shown.gold.get(`${s} ${t}`);
    if (sure !== undefined) svg.append(drawn('rect', {...place, class: sure ? 'gold' : 'possible'}));
  });
  const box = element('div', {}, pixelsOf(image, columns, rows), svg);
  box.style.width = `${Math.min(24 * columns, 220) * look.scale}px`;
  return element('figure', {class: 'seen'}, box, element('figcaption', {dir: 'auto'}, shown.target[t]));
}

/* An image for each target token; null: the source is none. */
function imagesOf(shown, image) {
  const columns = gridOf(shown.source);
  if (columns === 0) return null;
  return element('div', {class: 'images'}, ...shown.target.map((_, t) => imageOf(shown, image, t, columns)));
}

/* --- a matrix as SVG --- */

const ruler = document.createElement('canvas').getContext('2d');
function widthOf(text, size) {
  ruler.font = `${size}px sans-serif`;
  return ruler.measureText(text).width;
}

/* What XML cannot hold as the sign for what cannot be shown. */
const visible = text => text.replace(/[\u0000-\u001f\u007f-\u009f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd');

function svgPlaces(shown, cell) {
  return (shown.positions || []).flatMap((p, t) => {
    const [low, high] = windowOf(shown, t), x = Math.min(Math.max(p + 0.5, 0), shown.source.length) * cell, y = t * cell;
    const mark = drawn('rect', {x: x - 1, y: y + 0.2 * cell, width: 2, height: 0.6 * cell, fill: '#d55e00', stroke: '#fff', 'stroke-width': 0.8});
    if (high - low >= shown.source.length - 1) return [mark];
    return [drawn('rect', {x: low * cell + 1, y: y + 1, width: (high - low + 1) * cell - 2, height: cell - 2, fill: 'none', stroke: '#606874'}), mark];
  });
}

function svgSpots(shown, cell) {
  return (shown.chosen || []).map((s, t) => drawn('circle', {cx: (s + 0.5) * cell, cy: (t + 0.5) * cell, r: 0.12 * cell, fill: '#d55e00', stroke: '#fff'}));
}

function svgCells(shown, cell, numbers) {
  return shown.weights.flatMap((row, t) => row.flatMap((w, s) => {
    const c = colour(w), x = s * cell, y = t * cell, gold = shown.gold.get(`${s} ${t}`);
    const parts = [drawn('rect', {x, y, width: cell, height: cell, fill: css(c), stroke: css(groundColour())})];
    if (numbers && w >= 0.005)
      parts.push(drawn('text', {x: x + cell / 2, y: y + cell / 2, dy: '.35em', 'font-size': 0.38 * cell, 'text-anchor': 'middle', fill: ink(c)}, String(Math.round(100 * w))));
    if (gold !== undefined) {
      const box = {x: x + 1.5, y: y + 1.5, width: cell - 3, height: cell - 3, fill: 'none'};
      parts.push(drawn('rect', {...box, stroke: isDark() ? '#000' : '#fff', 'stroke-width': 3.4}),
        drawn('rect', {...box, stroke: isDark() ? '#fff' : '#d55e00', 'stroke-width': 1.8, 'stroke-dasharray': gold ? undefined : '3 2'}));
    }
    return parts;
  }));
}

const groundColour = () => isDark() ? [17, 19, 24] : [255, 255, 255];

/* An <svg> of the matrix, its words as text. */
function svgOf(shown, numbers, title) {
  const cell = cellSize(shown, numbers), size = Math.min(wordSize(cell), 0.8 * cell), pad = 12, gap = 6;
  const source = shown.source.map(t => visible(shortened(t))), target = shown.target.map(t => visible(shortened(t)));
  const widest = texts => Math.max(0, ...texts.map(t => widthOf(t, size)));
  const lean = Math.SQRT1_2 * (widest(source) + size), left = pad + widest(target) + gap, top = pad + lean + gap;
  const width = Math.ceil(left + cell * source.length + lean + pad), height = Math.ceil(top + cell * target.length + pad);
  const label = (text, unknown, place) => drawn('text', {...place, dy: '.35em', 'font-size': size, 'font-style': unknown ? 'italic' : undefined,
    fill: isDark() ? '#ebedf0' : '#141820'}, text);
  const svg = drawn('svg', {width: width * look.scale, height: height * look.scale, viewBox: `0 0 ${width} ${height}`, 'font-family': 'sans-serif'},
    drawn('title', {}, visible(title)), drawn('rect', {width, height, fill: css(groundColour())}),
    ...source.map((text, s) => label(text, shown.unknown.source.has(s), {transform: `translate(${left + (s + 0.5) * cell} ${top - gap}) rotate(-45)`})),
    ...target.map((text, t) => label(text, shown.unknown.target.has(t), {x: left - gap, y: top + (t + 0.5) * cell, 'text-anchor': 'end'})),
    drawn('g', {transform: `translate(${left} ${top})`}, ...svgCells(shown, cell, numbers), ...svgPlaces(shown, cell), ...svgSpots(shown, cell)));
  return svg;
}

/* Hands the matrix to the reader as a file. */
function saveSvg(shown, numbers, name) {
  const text = new XMLSerializer().serializeToString(svgOf(shown, numbers, joined(shown.target)));
  const url = URL.createObjectURL(new Blob([text], {type: 'image/svg+xml'}));
  element('a', {href: url, download: name}).click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
  return text;
}

/* --- curves over updates --- */

/* Few digits, for axes and captions. */
function short(v) {
  const size = Math.abs(v);
  if (size >= 1e6) return `${+(v / 1e6).toPrecision(3)}M`;
  if (size >= 1e4) return `${+(v / 1e3).toPrecision(3)}k`;
  return size > 0 && size < 1e-3 ? v.toExponential(1).replace('.0', '') : String(+v.toPrecision(4));
}

/* Round values from low to high, about n of them. */
function ticks(low, high, n) {
  const raw = (high - low) / n, power = 10 ** Math.floor(Math.log10(raw));
  const step = power * [1, 2, 5, 10].find(f => f * power >= 0.999 * raw), all = [];
  for (let k = Math.ceil(low / step - 1e-6); k * step <= high + 1e-6 * step; k++) all.push(k * step);
  return all;
}

/* 1, 2 and 5 times the powers of ten from low to high; where these are too many the powers alone, where too few any
 * round values. */
function logTicks(low, high) {
  const first = Math.floor(Math.log10(low)), all = [];
  for (let k = first; k <= Math.log10(high); k++)
    for (const f of [1, 2, 5]) all.push({f, value: f * 10 ** k});
  const shown = all.filter(t => t.value >= low && t.value <= high);
  if (shown.length < 3) return ticks(low, high, 4);
  return (shown.length > 7 ? shown.filter(t => t.f === 1) : shown).map(t => t.value);
}

/* The last point of a curve that is not after x; the first when all are. */
const pointAt = (points, x) => points.findLast(p => p[0] <= x) || points[0];

/* Room for an axis around what is to be shown. */
function range(values, spec) {
  let low = values.reduce((a, b) => Math.min(a, b)), high = values.reduce((a, b) => Math.max(a, b));
  if (spec.zero) low = Math.min(low, 0);
  if (spec.log && high > low) return [low / (high / low) ** 0.04, high * (high / low) ** 0.04];
  const room = high > low ? 0.05 * (high - low) : 0.5 * Math.abs(high) || 1;
  return [spec.zero && low === 0 ? 0 : spec.log ? low / 2 : low - room, spec.log && high === low ? 2 * high : high + room];
}

function told(curve, prefix) {
  const p = curve.points, last = p[p.length - 1];
  const least = p.reduce((a, b) => b[1] < a[1] ? b : a), most = p.reduce((a, b) => b[1] > a[1] ? b : a);
  return `${prefix}${curve.name} from ${short(p[0][1])} to ${short(last[1])} at update ${last[0]}, least ${short(least[1])}, most ${short(most[1])}`;
}

/* A figure of curves: {name, curves: [{name, colour, points: [[update, value]], marks, dash}], log, zero, pick}. Its
 * paint(update) draws it in the width it has, with a line at that update. null: there is nothing to draw. */
function chart(spec) {
  const curves = spec.curves.map(c => ({...c, points: c.points.filter(p => Number.isFinite(p[1]) && (!spec.log || p[1] > 0))}))
    .filter(c => c.points.length > 0);
  if (curves.length === 0) return null;
  const points = curves.flatMap(c => c.points), end = points.reduce((x, p) => Math.max(x, p[0]), 1);
  const [low, high] = range(points.map(p => p[1]), spec), on = spec.log ? Math.log : v => v;
  const caption = element('figcaption', {}), svg = drawn('svg', {class: 'chart', role: 'img'});
  const figure = element('figure', {}, caption, svg), frame = {left: 48, right: 10, top: 6, bottom: 20, height: 150};
  svg.setAttribute('aria-label', `${spec.name}${spec.log ? ', on a logarithmic scale' : ''}: ${curves.map(c => told(c, '')).join('; ')}`);
  const x = u => frame.left + u / end * (frame.width - frame.left - frame.right);
  const y = v => frame.top + (on(high) - on(v)) / (on(high) - on(low)) * (frame.height - frame.top - frame.bottom);
  let here = end;

  function write(update) {
    caption.replaceChildren(element('b', {}, spec.name), ...curves.map(c => {
      const line = drawn('path', {d: 'M0 4H24', 'stroke-width': 3, 'stroke-dasharray': c.dash});
      line.style.stroke = c.colour;
      const sign = drawn('svg', {viewBox: '0 0 24 8', 'aria-hidden': 'true'}, line);
      return element('span', {}, sign, `${c.name} ${short(pointAt(c.points, update)[1])}`);
    }), element('span', {}, `at ${update}`), ...(spec.log ? [element('span', {}, 'log scale')] : []));
  }
  function axes() {
    for (const v of spec.log ? logTicks(low, high) : ticks(low, high, 5))
      svg.append(drawn('path', {class: 'grid', d: `M${frame.left} ${y(v)}H${frame.width - frame.right}`}),
        drawn('text', {x: frame.left - 5, y: y(v) + 4, 'text-anchor': 'end'}, short(v)));
    for (const u of ticks(0, end, frame.width > 400 ? 7 : 5))
      svg.append(drawn('text', {x: x(u), y: frame.height - 4, 'text-anchor': x(u) > frame.width - 24 ? 'end' : 'middle'}, short(u)));
  }
  function paint(update) {
    here = Math.min(update ?? here, end);
    frame.width = Math.max(figure.clientWidth, 220);
    svg.setAttribute('viewBox', `0 0 ${frame.width} ${frame.height}`);
    svg.replaceChildren();
    axes();
    for (const c of curves) {
      const path = drawn('path', {class: 'curve', 'stroke-dasharray': c.dash, d: `M${c.points.map(p => `${x(p[0]).toFixed(1)} ${y(p[1]).toFixed(1)}`).join('L')}`});
      path.style.stroke = c.colour;
      svg.append(path);
      for (const p of c.marks || c.points.length === 1 ? c.points : []) {
        const mark = drawn('circle', {cx: x(p[0]).toFixed(1), cy: y(p[1]).toFixed(1), r: c.points.length > 60 ? 1.2 : 2.6});
        mark.style.fill = c.colour;
        svg.append(mark);
      }
    }
    svg.append(drawn('path', {class: 'here', d: `M${x(here)} ${frame.top}V${frame.height - frame.bottom}`}));
    write(here);
  }
  const updateAt = event => {
    const box = svg.getBoundingClientRect(), at = (event.clientX - box.left) / box.width * frame.width;
    return Math.round(Math.min(Math.max((at - frame.left) / (frame.width - frame.left - frame.right), 0), 1) * end);
  };
  svg.addEventListener('pointermove', event => write(updateAt(event)));
  svg.addEventListener('pointerleave', () => write(here));
  svg.addEventListener('click', event => spec.pick?.(updateAt(event)));
  return {figure, paint};
}

/* Puts charts into a box, and draws them anew when its width changes. */
function showCharts(box, charts) {
  const all = charts.filter(c => c !== null);
  box.replaceChildren(...all.map(c => c.figure));
  const paint = update => { for (const c of all) c.paint(update); };
  let width = 0;
  new ResizeObserver(() => requestAnimationFrame(() => {
    if (box.clientWidth === width) return;
    width = box.clientWidth;
    paint();
  })).observe(box);
  paint();
  return paint;
}

/* --- trainings --- */

function clock(seconds) {
  if (seconds === undefined) return '';
  const s = Math.round(seconds), two = n => String(n).padStart(2, '0');
  return s >= 3600 ? `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}` : `${Math.floor(s / 60)}:${two(s % 60)}`;
}

/* A row a key of a config, by its whole path. */
function fillConfig(object, path = '') {
  for (const [key, value] of Object.entries(object)) {
    if (value !== null && typeof value === 'object') fillConfig(value, `${path}${key}.`);
    else $('config').append(element('tr', {}, element('th', {class: 'text', scope: 'row'}, path + key), element('td', {class: 'text'}, String(value))));
  }
}
