import { $, closeButton, h, nameOf, picture } from './dom.js';

/** showChanges puts the ranking before a purchase beside the one after it. */
export function showChanges({ items, before, after, top, stored, ranked }) {
  const section = $('#changes');
  const rankBefore = new Map(before.map((r, i) => [r.item_id, i + 1]));
  const rankAfter = new Map(after.map((r, i) => [r.item_id, i + 1]));
  const fresh = after.slice(0, top).filter((r) => !(rankBefore.get(r.item_id) <= top)).length;

  const row = (r, i, mark, className) => h('li', { class: className }, h('span', {}, String(i + 1)), picture(r, 40), h('span', { class: 'name', title: nameOf(r) }, nameOf(r)), mark);
  const move = (r, i) => {
    const was = rankBefore.get(r.item_id);
    if (!was) return [h('span', { class: 'move up' }, 'new'), 'fresh'];
    if (was === i + 1) return [h('span', { class: 'move' }, '='), ''];
    const up = was > i + 1;
    return [h('span', { class: up ? 'move up' : 'move', 'aria-label': `${up ? 'up' : 'down'} ${Math.abs(was - i - 1)}` }, `${up ? '↑' : '↓'} ${Math.abs(was - i - 1)}`), was > top ? 'fresh' : ''];
  };
  const stays = (r) => {
    const bought = items.some((i) => i.item_id === r.item_id);
    const gone = !(rankAfter.get(r.item_id) <= top);
    return [h('span', { class: 'move' }, bought ? 'bought' : gone ? 'out' : ''), gone ? 'gone' : ''];
  };

  const close = closeButton({ close: () => (section.hidden = true) });
  section.replaceChildren(
    h('header', {},
      h('div', {},
        h('h2', { id: 'changes-title' }, fresh > 0 ? `${fresh} of the first ${top} picks ${fresh === 1 ? 'is' : 'are'} new` : 'What the purchase changed'),
        h('p', {}, 'You bought ', h('b', {}, items.map(nameOf).join(', ')), `. It was on disk after ${ms(stored)}, and the new ranking was here ${ms(ranked)} later.`)),
      close),
    h('div', { class: 'before-after' },
      h('div', {}, h('h3', {}, 'Before'), h('ol', {}, before.slice(0, top).map((r, i) => row(r, i, ...stays(r))))),
      h('div', {}, h('h3', {}, 'After'), h('ol', {}, after.slice(0, top).map((r, i) => row(r, i, ...move(r, i)))))));
  section.hidden = false;
  section.scrollIntoView({ block: innerWidth < 720 ? 'start' : 'center' });
}

const ms = (t) => `${t < 10 ? t.toFixed(1) : Math.round(t)} ms`;
