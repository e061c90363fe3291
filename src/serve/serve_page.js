/* The page of a service: panels, each with a model, its translations of the sentence, and what the one chosen attended
 * to; a translation that is edited is scored. */
const models = data.info.models;
const state = {numbers: false};
const limit = data.info.limits.beam_size;

function tell(text) {
  $('told').textContent = text;
}

/* The answer to a request, or null with the reason told. */
async function ask(path, body) {
  try {
    const answer = await fetch(path, {method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify(body)});
    const said = await answer.json();
    if (answer.ok) return said;
    tell(said.error);
  } catch (error) {
    tell(`The service does not answer (${error.message}).`);
  }
  return null;
}

/* An output as matrices are drawn from. */
function shownOf(output) {
  const {source, target} = output;
  return {source, target, side: {source: 'source', target: 'target'}, weights: output.alignment, gold: new Map(), positions: output.position, window: output.window,
    chosen: output.chosen, unknown: {source: new Set(output.source_unknown), target: new Set(output.target_unknown)}};
}

/* Kinds of heads by the key of their weights: a name, and both sides as they have them. */
const kinds = {
  attention: {name: 'decoder to source', sides: shown => shown},
  encoder_attention: {name: 'encoder, source to itself', sides: shown => ({...shown, target: shown.source, side: {source: 'source', target: 'source'},
    unknown: {source: shown.unknown.source, target: shown.unknown.source}})},
  decoder_attention: {name: 'decoder, target to itself', sides: shown => ({...shown, source: ['<s>', ...shown.target.slice(0, -1)], side: {source: 'target', target: 'target'},
    unknown: {target: shown.unknown.target, source: new Set([...shown.unknown.target].map(i => i + 1))}})},
};

const mean = heads => heads[0].weights.map((row, t) => row.map((_, s) => heads.reduce((sum, h) => sum + h.weights[t][s], 0) / heads.length));

function fillSelect(select, options) {
  const value = select.value, known = options.some(o => o[0] === value);
  select.replaceChildren(...options.map(([v, text]) => element('option', {value: v}, text)));
  select.value = known ? value : options[0][0];
  select.disabled = options.length < 2;
}

/* The next of a select, after the last the first. */
function nextOf(select) {
  if (select.disabled || select.options.length === 0) return;
  select.selectedIndex = (select.selectedIndex + 1) % select.options.length;
  select.dispatchEvent(new Event('change'));
}

function makePanel(model) {
  const number = panels.length + 1;
  const choice = element('select', {'aria-label': `Model ${number}`}, ...models.map((m, i) => element('option', {value: i}, m.name)));
  const list = element('ol', {class: 'best', 'aria-label': 'Translations'});
  const target = element('input', {class: 'target', type: 'text', dir: 'auto', autocomplete: 'off', spellcheck: 'false', 'aria-label': 'Translation to score'});
  const edit = element('form', {class: 'edit'}, target, element('button', {type: 'submit'}, 'Score'));
  const thinks = element('p', {class: 'thinks', role: 'status'}), view = element('div', {class: 'scroll'});
  const layer = element('select', {'aria-label': 'Layer'}), head = element('select', {'aria-label': 'Head'});
  const box = element('section', {class: 'panel', 'aria-label': `Model ${number}`}, choice, list, edit, thinks,
    element('div', {class: 'bar'}, element('span', {class: 'group'}, layer, head)), view);
  const panel = {box, choice, target, layer, head, outputs: [], at: 0, output: null, asked: 0};
  choice.value = model;

  function drawView() {
    const output = panel.output;
    if (!output) { view.replaceChildren(); return; }
    const [kind, number] = layer.value.split(' '), heads = (output[kind] || []).filter(h => h.layer === Number(number));
    fillSelect(head, heads.length === 1 ? [[String(heads[0].head), `head ${heads[0].head}`]]
      : [['0', 'mean of heads'], ...heads.map(h => [String(h.head), `head ${h.head}`])]);
    const one = heads.filter(h => h.head === Number(head.value)), shown = shownOf(output);
    const chosen = heads.length === 0 ? shown
      : {...kinds[kind].sides(shown), weights: mean(one.length > 0 ? one : heads), positions: undefined, chosen: undefined};
    view.replaceChildren(matrixOf(chosen, state.numbers).table);
    drawLegend(state.numbers, placeMarks(chosen));
  }
  /* What the model thinks, token by token: the likelier, the darker; below one in ten underlined. */
  function drawThinks() {
    const output = panel.output, logprobs = output.token_logprob, sum = logprobs.reduce((a, p) => a + p, 0);
    thinks.replaceChildren(`log P ${sum.toFixed(3)}: `, ...output.target.flatMap((text, t) => {
      const p = Math.exp(logprobs[t]), c = colour(0.6 * p);
      const e = element('span', {dir: 'auto', title: `${text}: ${percent(p)}`, class: p < 0.1 ? 'unlikely' : ''}, text);
      e.style.background = css(c);
      e.style.color = ink(c);
      return [e, ' '];
    }));
  }
  panel.draw = () => {
    const output = panel.output;
    if (!output) { list.replaceChildren(); thinks.replaceChildren(); view.replaceChildren(); return; }
    const layers = Object.keys(kinds).flatMap(kind => [...new Set((output[kind] || []).map(h => h.layer))].map(l => [`${kind} ${l}`, `${kinds[kind].name}, layer ${l}`]));
    fillSelect(layer, [['', 'alignment'], ...layers]);
    [...list.querySelectorAll('button')].forEach((b, i) => b.setAttribute('aria-pressed', panel.outputs[i] === output));
    drawThinks();
    drawView();
  };
  panel.pick = i => {
    if (!panel.outputs[i]) return;
    panel.at = i;
    panel.output = panel.outputs[i];
    target.value = panel.output.text;
    panel.draw();
  };
  /* Only the answer to what was asked last counts. */
  async function asking(path, body) {
    const mine = ++panel.asked;
    box.classList.add('busy');
    const said = await ask(path, {...body, model: models[Number(choice.value)].name, attention: 2});
    if (mine !== panel.asked) return null;
    box.classList.remove('busy');
    return said;
  }
  panel.translate = async () => {
    const beam = Math.min(Math.max(Number($('beam').value) || 1, 1), limit), best = Math.min(Math.max(Number($('n-best').value) || 1, 1), beam);
    const said = await asking('translate', {text: $('text').value, beam_size: beam, n_best: best});
    if (!said) return;
    panel.outputs = said.outputs[0];
    list.replaceChildren(...panel.outputs.map((o, i) => {
      const b = element('button', {type: 'button'}, element('bdi', {}, o.text || '(nothing)'), element('span', {title: 'score'}, o.score.toFixed(3)));
      b.addEventListener('click', () => panel.pick(i));
      return element('li', {}, b);
    }));
    panel.pick(0);
  };
  panel.score = async () => {
    const said = await asking('score', {source: $('text').value, target: target.value});
    if (!said) return;
    panel.output = said.outputs[0][0];
    panel.draw();
  };
  choice.addEventListener('change', panel.translate);
  edit.addEventListener('submit', event => { event.preventDefault(); panel.score(); });
  layer.addEventListener('change', drawView);
  head.addEventListener('change', drawView);
  return panel;
}

const panels = [];

function showPanels(n) {
  while (panels.length > n) panels.pop().box.remove();
  while (panels.length < n) {
    panels.push(makePanel(Math.min(panels.length, models.length - 1)));
    $('panels').append(panels.at(-1).box);
  }
  $('second').setAttribute('aria-pressed', n > 1);
}

function translate() {
  tell('');
  return Promise.all(panels.map(p => p.translate()));
}

function toggleSecond() {
  showPanels(panels.length > 1 ? 1 : 2);
  if (panels.length > 1 && $('text').value.trim() !== '') panels[1].translate();
}

function toggleNumbers() {
  state.numbers = !state.numbers;
  $('numbers').setAttribute('aria-pressed', state.numbers);
  redraw();
}

const redraw = () => panels.forEach(p => p.draw());
theme.changed = look.changed = redraw;

$('ask').addEventListener('submit', event => { event.preventDefault(); translate(); });
$('text').addEventListener('keydown', event => {
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  translate();
});
$('second').addEventListener('click', toggleSecond);
$('numbers').addEventListener('click', toggleNumbers);

const keys = {'/': () => $('text').focus(), e: () => panels[0].target.focus(), j: () => panels[0].pick(panels[0].at + 1), k: () => panels[0].pick(panels[0].at - 1),
  l: () => panels.forEach(p => nextOf(p.layer)), h: () => panels.forEach(p => nextOf(p.head)), b: () => models.length > 1 && toggleSecond(), n: toggleNumbers,
  '+': () => zoom(1.25), '-': () => zoom(1 / 1.25), t: nextTheme};
addEventListener('keydown', event => {
  const field = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
  if (event.key === 'Escape' && field) event.target.blur();
  if (field || event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
  event.preventDefault();
  keys[event.key]();
});

$('second').hidden = models.length < 2;
$('beam').value = Math.min(models[0].beam_size, limit);
$('beam').max = $('n-best').max = limit;
$('n-best').value = Math.min(3, Number($('beam').value));
showPanels(Math.min(models.length, 2));
$('text').focus();
