// h makes an element: properties that are functions become listeners, all others attributes.
export function h(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value == null) continue;
    if (typeof value === 'function') node.addEventListener(name, value);
    else node.setAttribute(name, value === true ? '' : value);
  }
  node.append(...children.flat().filter((c) => c !== false && c != null));
  return node;
}

export const $ = (selector) => document.querySelector(selector);

export function icon(d) {
  const ns = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(ns, 'svg');
  svg.setAttribute('viewBox', '0 0 20 20');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(ns, 'path');
  path.setAttribute('d', d);
  svg.append(path);
  return svg;
}

const pounds = new Intl.NumberFormat('en-GB', { style: 'currency', currency: 'GBP' });
export const money = (price) => (price == null ? '' : pounds.format(price));
export const nameOf = (item) => item.title ?? `Item ${item.item_id}`;

export function picture(item, size) {
  return h('img', { src: item.img_url ?? '', alt: '', width: size, height: size, loading: 'lazy', decoding: 'async' });
}

// A dialog closes by its button, by Escape, and by a click beside it.
export function closeButton(dialog) {
  return h('button', { type: 'button', class: 'close', 'aria-label': 'Close', click: () => dialog.close() }, icon('m5 5 10 10M15 5 5 15'));
}

export function closable(dialog) {
  dialog.addEventListener('click', (e) => {
    if (e.target === dialog) dialog.close();
  });
}

let timer;
export function toast(text) {
  const t = $('#toast');
  t.textContent = text;
  t.hidden = false;
  clearTimeout(timer);
  timer = setTimeout(() => (t.hidden = true), 3500);
}
