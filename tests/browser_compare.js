/* browser_compare.js - uses the page of a comparison of four variants, two of which failed, as browser.sh makes it. */
use(async () => {
  const rows = () => [...document.querySelectorAll('#table tbody tr')], figures = () => [...document.querySelectorAll('#view figure')];
  expect('four rows', rows().length === 4);
  expect('the one that failed', rows()[1].querySelector('.failed').textContent.startsWith('failed: '));
  expect('the best are bold', document.querySelectorAll('#table td.best').length >= 2);
  const column = i => rows().filter(r => !r.querySelector('.failed')).map(r => r.querySelectorAll('td')[i]);
  expect('equal numbers are not', column(1)[0].textContent === column(1)[1].textContent && !column(1).some(e => e.classList.contains('best')));
  expect('alignment errors', document.querySelector('#table thead').textContent.includes('Alignment error'));
  expect('charts', document.querySelectorAll('svg.chart').length === 2 && document.querySelectorAll('svg.chart .curve').length === 4);
  expect('the page fits its width', fits());

  expect('two matrices side by side', figures().length === 2 && figures().every(f => f.querySelector('.matrix')));
  const targets = f => [...f.querySelectorAll('tbody th')].map(e => e.textContent).join(' ');
  const reference = [...$('texts').querySelectorAll('dd')][1].textContent;
  expect('rows are the reference', figures().every(f => targets(f) === `${reference} </s>`));
  expect('gold outlined', figures().every(f => f.querySelector('td.gold')));
  figures()[0].querySelector('td[data-t="0"][data-s="0"]').dispatchEvent(new PointerEvent('pointerover', {bubbles: true, pointerType: 'mouse'}));
  expect('the same cell in both', document.querySelectorAll('#view td.on').length === 2 && $('status').textContent.includes('dot') && $('status').textContent.includes('additive'));
  const file = await saved(() => figures()[1].querySelector('button').click());
  expect('the SVG of one matrix', file.querySelectorAll('g rect').length >= 4);
  expect('log scales are named', document.querySelector('figcaption').textContent.includes('log scale'));
  press('j');
  expect('the next sentence', $('which').textContent === 'sentence 2 of 6');
  press('w');
  expect('translations', $('made').getAttribute('aria-pressed') === 'true' && figures().length === 2);
  press('n');
  expect('numbers', document.querySelector('.with-numbers') !== null && $('most').textContent.startsWith('100 %'));
  const sort = document.querySelector('#table thead button');
  sort.click();
  expect('sorted', document.querySelector('#table th[aria-sort="ascending"]') !== null && rows().length === 4);
  expect('it still fits', fits());
});
