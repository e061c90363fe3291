/* browser_serve.js - uses the page of a service of two models, tiny-dates and a Transformer of two heads, as browser.sh
 * makes it. */
use(async () => {
  const panels = () => [...document.querySelectorAll('.panel')], asked = [];
  const plain = window.fetch;
  window.fetch = (...all) => { const answer = plain(...all); asked.push(answer); return answer; };
  const answered = async () => { await Promise.all(asked); await rest(); };
  const of = (panel, what) => panel.querySelector(what);
  const enter = at => at.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', bubbles: true, cancelable: true}));
  const select = (at, value) => { at.value = value; at.dispatchEvent(new Event('change')); };

  expect('two panels for two models', panels().length === 2);
  expect('the sentence has the focus or can have it', $('text').tagName === 'TEXTAREA');
  $('text').value = 'may 3 1994';
  enter($('text'));
  await answered();
  const [dates, other] = panels(), matrix = panel => of(panel, '.matrix');
  expect('both models were asked', asked.length === 2);
  expect('translations', dates.querySelectorAll('.best button').length === 3 && of(dates, '.best bdi').textContent === '1994-05-03');
  expect('what can be edited', of(dates, '.target').value === '1994-05-03');
  expect('a matrix', matrix(dates).querySelectorAll('td[data-t]').length === 11 * 11);
  expect('what it thinks', of(dates, '.thinks').querySelectorAll('span').length === 11 && of(dates, '.thinks').textContent.startsWith('log P -0.0'));
  expect('the page fits its width', fits());

  press('j');
  expect('the second of the n-best', dates.querySelectorAll('.best button')[1].getAttribute('aria-pressed') === 'true' && of(dates, '.target').value !== '1994-05-03');
  press('k');
  of(dates, '.target').value = '1994-05-04';
  of(dates, '.edit').requestSubmit();
  await answered();
  expect('an edited translation is scored', asked.length === 3 && of(dates, '.thinks').querySelectorAll('.unlikely').length >= 1);
  expect('and its matrix is shown', [...matrix(dates).querySelectorAll('tbody th')].map(e => e.textContent).join('') === '1994-05-04</s>');

  const [layer, head] = other.querySelectorAll('.bar select'), looks = () => [...matrix(other).querySelectorAll('td[data-t]')].map(e => e.style.background).join();
  expect('layers of three kinds', layer.options.length >= 4 && [...layer.options].some(o => o.value.startsWith('encoder_attention')));
  select(layer, 'attention 1');
  expect('two heads and their mean', head.options.length === 3);
  const mean = looks();
  select(head, '1');
  expect('one head', looks() !== mean);
  select(layer, 'encoder_attention 1');
  expect('rows are source words', [...matrix(other).querySelectorAll('tbody th')].every((e, i) => e.textContent === [...matrix(other).querySelectorAll('thead th')][i].textContent));
  select(layer, 'decoder_attention 1');
  expect('columns begin with <s>', of(other, '.matrix thead th').textContent === '<s>');

  press('n');
  expect('numbers', matrix(dates).classList.contains('with-numbers'));
  const wide = matrix(dates).offsetWidth;
  press('+');
  expect('larger', matrix(dates).offsetWidth > wide);
  press('b');
  expect('one model', panels().length === 1);
  press('b');
  await answered();
  expect('two again, the second with its translation', panels().length === 2 && of(panels()[1], '.matrix') !== null);
  select(of(panels()[1], 'select'), '0');
  await answered();
  expect('another model in the second', of(panels()[1], '.target').value === '1994-05-03');
  $('text').value = '<img src=x onerror=hacked=1>';
  enter($('text'));
  await answered();
  expect('markup is text', matrix(panels()[0]) !== null && document.querySelector('.panel img') === null);
  $('text').value = 'x'.repeat(6000);
  enter($('text'));
  await answered();
  expect('refusals are told', $('told').textContent.includes('more than 5000'));
  expect('the page fits its width still', fits());
});
