import { search } from './api.js';
import { $, h, money, nameOf, picture } from './dom.js';
import { showProduct } from './product.js';

/** setUpSearch makes the field a combobox over the catalogue. */
export function setUpSearch() {
  const form = $('#search');
  const input = form.elements.q;
  const list = $('#found');
  let found = [];
  let at = -1;
  let latest = 0;
  let timer;

  const mark = (i) => {
    at = i;
    [...list.children].forEach((li, n) => li.setAttribute('aria-selected', n === at));
    if (at >= 0) input.setAttribute('aria-activedescendant', `found-${at}`);
    else input.removeAttribute('aria-activedescendant');
  };
  const hide = () => {
    list.hidden = true;
    input.setAttribute('aria-expanded', 'false');
    mark(-1);
  };
  const open = (item) => {
    hide();
    input.value = '';
    void showProduct(item);
  };
  const look = async () => {
    const mine = ++latest;
    const q = input.value.trim();
    if (q.length < 2) return hide();
    try {
      found = await search(q);
    } catch {
      found = [];
    }
    if (mine !== latest) return;
    list.replaceChildren(...found.map((item, i) => h('li', { id: `found-${i}`, role: 'option', 'aria-selected': 'false', mousedown: (e) => { e.preventDefault(); open(item); } },
      picture(item, 44), h('span', {}, nameOf(item)), h('span', {}, money(item.price)))));
    list.hidden = found.length === 0;
    input.setAttribute('aria-expanded', String(found.length > 0));
    mark(-1);
  };

  input.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(look, 120);
  });
  input.addEventListener('blur', hide);
  input.addEventListener('keydown', (e) => {
    if (e.key === 'Escape') hide();
    if (list.hidden || (e.key !== 'ArrowDown' && e.key !== 'ArrowUp')) return;
    e.preventDefault();
    mark((at + (e.key === 'ArrowDown' ? 1 : found.length - 1)) % found.length);
  });
  form.addEventListener('submit', (e) => {
    e.preventDefault();
    const item = found[Math.max(at, 0)];
    if (!list.hidden && item) open(item);
  });
}
