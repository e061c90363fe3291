/* browser.js - put at the end of a page by browser.sh, before browser_NAME.js: what uses of every page need. */
'use strict';
const $ = id => document.getElementById(id);
const failures = [];
const expect = (what, ok) => { if (!ok) failures.push(what); };
const rest = () => new Promise(done => setTimeout(done, 300)); /* longer than any transition */
const press = (key, at = document.body) => at.dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true, cancelable: true}));
const fits = () => document.documentElement.scrollWidth <= document.documentElement.clientWidth;
/* The file that is saved meanwhile, as a document of well-formed XML. */
async function saved(doing) {
  let blob = null;
  URL.createObjectURL = b => { blob = b; return 'about:blank#'; };
  HTMLAnchorElement.prototype.click = () => {};
  doing();
  delete HTMLAnchorElement.prototype.click;
  const file = new DOMParser().parseFromString(await blob.text(), 'image/svg+xml');
  expect('the SVG is well-formed', file.querySelector('parsererror') === null);
  return file;
}
const ground = () => getComputedStyle(document.body).backgroundColor;

/* Uses the page as a reader would, and tells the page that frames it how that went. */
async function use(steps) {
  try {
    expect('no script of the data has run', window.hacked === undefined);
    await steps();
    const before = ground();
    press('t');
    expect('the other theme', ground() !== before);
    expect('every button has a name', [...document.querySelectorAll('button')].every(b => b.textContent.trim() || b.getAttribute('aria-label')));
    expect('every chart says what it shows', [...document.querySelectorAll('svg.chart')].every(s => s.getAttribute('aria-label')));
    expect('no script of the data has run since', window.hacked === undefined);
  } catch (error) {
    failures.push(String(error));
  }
  parent.postMessage(`${failures.length === 0 ? 'all well' : failures.join('; ')}`, '*');
}
