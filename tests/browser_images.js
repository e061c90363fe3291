/* browser_images.js - uses a heatmap page of a source that is an image, as browser.sh makes it. */
use(async () => {
  const seen = () => [...document.querySelectorAll('.seen')];
  const veils = figure => [...figure.querySelectorAll('.veil')].map(e => Number(e.getAttribute('fill-opacity')));
  expect('the image is shown first', $('image').getAttribute('aria-pressed') === 'true' && !$('image').hidden);
  expect('one for each target token', seen().map(e => e.textContent.slice(-5)).length === 2 && seen()[1].querySelector('figcaption').textContent === '</s>');
  const pixels = seen()[0].querySelector('canvas').getContext('2d').getImageData(0, 0, 4, 2).data;
  expect('its pixels', [...pixels].filter((_, i) => i % 4 === 0).join() === '0,255,255,255,128,51,0,0');
  expect('what is not looked at is dimmed', veils(seen()[0]).join() === '0,0.75' && veils(seen()[1]).join() === '0,0');
  expect('gold outlined', seen()[0].querySelectorAll('.gold').length === 1 && seen()[0].querySelectorAll('.possible').length === 1);
  expect('the page fits its width', fits());
  seen()[0].click();
  await rest();
  expect('a click says what it looks at', $('status').textContent.startsWith('one (probability 100 %) looks at r1c1 100 %') && seen()[0].classList.contains('on'));
  press('Escape');
  press('m');
  expect('the matrix', document.querySelectorAll('#view td[data-t]').length === 4 && seen().length === 0);
  press('i');
  expect('and the image again', seen().length === 2);
  press('j');
  expect('a text has a matrix', document.querySelectorAll('#view td[data-t]').length === 4);
  press('j');
  expect('without pixels the grid', seen().length === 1 && seen()[0].querySelector('canvas').width === 1 && seen()[0].querySelector('canvas').height === 2);
});
