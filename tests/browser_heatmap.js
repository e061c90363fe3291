/* browser_heatmap.js - uses a heatmap page, as browser.sh makes it. */
const tokens = side => [...$(side).querySelectorAll('.tok')];

use(async () => {
  expect('four sentences are listed', $('list').children.length === 4);
  expect('source words', tokens('source').map(e => e.textContent).join(' ') === 'the black <img src=x onerror=hacked=1> </s>');
  expect('target words', tokens('target').map(e => e.textContent).join(' ') === 'le chat <unk> </s>');
  expect('cells', document.querySelectorAll('#view td[data-t]').length === 16);
  expect('gold outlined', document.querySelectorAll('#view td.gold').length === 2 && document.querySelectorAll('#view td.possible').length === 1);
  expect('unknown words marked', document.querySelectorAll('#target .unknown').length === 1);
  expect('unknown words named', tokens('target')[2].getAttribute('aria-label') === '<unk>, unknown word');
  expect('the page fits its width', fits());

  tokens('target')[1].focus();
  await rest();
  expect('source words glow', tokens('source')[2].classList.contains('glow') && !tokens('source')[0].classList.contains('glow'));
  expect('what is looked at is said', $('status').textContent.startsWith('chat (probability 50 %) looks at <img src=x onerror=hacked=1> 75 %, black 25 %'));
  press('ArrowRight', document.activeElement);
  expect('arrows go along the words', document.activeElement === tokens('target')[2]);
  tokens('source')[0].click();
  await rest();
  expect('target words glow', tokens('target')[0].classList.contains('glow'));
  expect('the strongest has the last colour', tokens('target')[0].style.getPropertyValue('--glow') === 'rgb(36,32,75)');
  tokens('target')[3].dispatchEvent(new PointerEvent('pointerover', {bubbles: true, pointerType: 'mouse'}));
  expect('a click holds', tokens('source')[0].classList.contains('on'));
  press('Escape');
  expect('Escape lets go', document.querySelectorAll('.glow, .on').length === 0);

  const radios = [...document.querySelectorAll('#alternatives input')];
  expect('two translations', radios.length === 2 && !$('alternatives').hidden);
  expect('scores are shown', document.querySelector('#alternatives .score').textContent === '-0.250');
  radios[1].click();
  expect('the other translation', tokens('target').map(e => e.textContent).join(' ') === 'noir </s>');

  press('f');
  expect('flow', document.querySelectorAll('.flow path:not(.gold)').length === 2 && $('flow').getAttribute('aria-pressed') === 'true');
  expect('the flow fits', fits());
  press('m');
  press('n');
  expect('numbers', document.querySelector('#view td[data-t]').textContent === '100' && document.querySelector('.with-numbers') !== null);
  const file = await saved(() => press('s'));
  expect('the SVG has the words', [...file.querySelectorAll('text[font-size="14"]')].map(e => e.textContent).join(' ') === 'the black <img src=x …=hacked=1> </s> noir </s>');
  expect('the SVG has the cells', file.querySelectorAll('g rect').length >= 8);
  const wide = document.querySelector('.matrix td[data-t]').offsetWidth;
  press('+');
  expect('larger cells', document.querySelector('.matrix td[data-t]').offsetWidth > wide);
  press('-');
  expect('and back', document.querySelector('.matrix td[data-t]').offsetWidth === wide);
  press('j');
  expect('the next sentence', $('place').textContent === '2 of 4' && $('alternatives').hidden);
  expect('marks of local_p', document.querySelectorAll('#view td .mark').length === 2 && document.querySelectorAll('#view td.in').length === 3);
  expect('right to left', $('source').dir === 'rtl' && $('target').dir === 'ltr');
  press('j');
  expect('an empty line', $('view').textContent.startsWith('An empty line'));
  press('j');
  expect('a long one', document.querySelectorAll('#view td[data-t]').length === 3600);
  expect('a long one fits', fits());
  press('f');
  expect('a long flow fits', fits());
  press('m');

  $('search').value = 'CHAT';
  $('search').dispatchEvent(new Event('input', {bubbles: true}));
  expect('found', $('count').textContent === '1 of 4 sentences');
  press('Enter', $('search'));
  press('k');
  expect('going back within what was found', $('place').textContent === '1 of 4');
});
