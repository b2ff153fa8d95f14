import type { Recommendation } from './types';

/** Every text that the widget itself says; pass your own for other languages. */
export interface Labels {
  previous: string;
  next: string;
  loading: string;
  empty: string;
  error: string;
  retry: string;
  /** Said by screen readers for each card. */
  position: (index: number, count: number) => string;
  /** Name of an item without a title. */
  untitled: (itemId: string) => string;
}

export const defaultLabels: Labels = {
  previous: 'Show previous items',
  next: 'Show more items',
  loading: 'Loading recommendations',
  empty: 'Nothing to recommend yet.',
  error: 'Recommendations could not be loaded.',
  retry: 'Try again',
  position: (index, count) => `${index} of ${count}`,
  untitled: (itemId) => `Item ${itemId}`,
};

export interface PriceFormat {
  /** ISO 4217, such as EUR. Without one, prices are plain numbers: the API knows no currency. */
  currency?: string | undefined;
  /** BCP 47, such as de-DE; the browser's when unset. */
  locale?: string | undefined;
}

const formats = new Map<string, Intl.NumberFormat>();

export function formatPrice(price: number | null | undefined, f: PriceFormat): string {
  if (price == null || !Number.isFinite(price)) return '';
  const key = `${f.locale ?? ''}\n${f.currency ?? ''}`;
  let format = formats.get(key);
  if (!format) {
    const style: Intl.NumberFormatOptions = f.currency
      ? { style: 'currency', currency: f.currency }
      : { minimumFractionDigits: 2, maximumFractionDigits: 2 };
    formats.set(key, (format = new Intl.NumberFormat(f.locale, style)));
  }
  return format.format(price);
}

export function titleOf(item: Recommendation, labels: Labels): string {
  return item.title || labels.untitled(item.item_id);
}

/** What stands in for a missing picture: the first letters of up to two words. */
export function initials(item: Recommendation): string {
  const words = (item.title || item.item_id).match(/[\p{L}\p{N}]+/gu) ?? [];
  return words
    .slice(0, 2)
    .map((w) => [...w][0]!.toUpperCase())
    .join('');
}

/** A hue in degrees that always belongs to the same item. */
export function hue(itemId: string): number {
  let h = 0;
  for (const c of itemId) h = (h * 31 + c.codePointAt(0)!) >>> 0;
  return h % 360;
}

/** fillTemplate makes a link of "/product/{item_id}". */
export function fillTemplate(template: string, item: Recommendation): string {
  return template.replaceAll('{item_id}', encodeURIComponent(item.item_id));
}
