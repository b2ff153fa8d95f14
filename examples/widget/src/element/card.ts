import { fillTemplate, formatPrice, hue, initials, titleOf, type Labels, type PriceFormat } from '../core/present';
import type { Recommendation } from '../core/types';
import { h } from './dom';

export interface CardOptions {
  labels: Labels;
  price: PriceFormat;
  /** Address of an item's page; without one, cards are buttons. */
  href: string | null;
  explain: boolean;
}

/** card shows one product. */
export function card(item: Recommendation, o: CardOptions): HTMLElement {
  const name = titleOf(item, o.labels);
  const inside = [
    picture(item),
    h('span', { class: 'rsl-text', part: 'text' },
      h('span', { class: 'rsl-name', part: 'name', title: name }, name),
      h('span', { class: 'rsl-meta', part: 'meta' }, [item.brand, item.category].filter(Boolean).join(' · ')),
      h('span', { class: 'rsl-price', part: 'price' }, formatPrice(item.price, o.price)),
      o.explain && h('span', { class: 'rsl-why', part: 'explanation' }, item.explanation ?? ''),
    ),
  ];
  const shared = { class: 'rsl-card', part: 'card', 'data-rsl-card': item.item_id };
  return o.href
    ? h('a', { ...shared, href: fillTemplate(o.href, item), draggable: 'false' }, ...inside)
    : h('button', { ...shared, type: 'button' }, ...inside);
}

function picture(item: Recommendation): HTMLElement {
  const media = h('span', { class: 'rsl-media', part: 'media' });
  const fallback = () => {
    const letters = h('span', { class: 'rsl-initials', 'aria-hidden': 'true' }, initials(item));
    letters.style.setProperty('--rsl-hue', String(hue(item.item_id)));
    media.replaceChildren(letters);
  };
  if (!item.img_url) {
    fallback();
    return media;
  }
  const img = h('img', { alt: '', loading: 'lazy', decoding: 'async', draggable: 'false' });
  img.addEventListener('error', fallback, { once: true });
  img.src = item.img_url;
  media.append(img);
  return media;
}

/** bone is a card's shape, with the height of a card. */
export function bone(explain: boolean): HTMLElement {
  const line = (width: string) => {
    const s = h('span', { class: 'rsl-bone rsl-bone-line' });
    s.style.width = width;
    return s;
  };
  return h('div', { class: 'rsl-card', part: 'skeleton' },
    h('span', { class: 'rsl-media rsl-bone' }),
    h('span', { class: 'rsl-text' },
      h('span', { class: 'rsl-name' }, line('90%'), line('60%')),
      h('span', { class: 'rsl-meta' }),
      h('span', { class: 'rsl-price' }, line('35%')),
      explain && h('span', { class: 'rsl-why' }),
    ),
  );
}
