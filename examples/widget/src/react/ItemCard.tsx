import { useEffect, useRef, useState, type CSSProperties, type MouseEvent } from 'react';
import { fillTemplate, formatPrice, hue, initials, titleOf, type Labels, type PriceFormat } from '../core/present';
import type { Recommendation } from '../core/types';
import { cx } from './ui';

export interface ItemCardProps {
  item: Recommendation;
  labels: Labels;
  price: PriceFormat;
  className: string | undefined;
  href: string | ((item: Recommendation) => string) | undefined;
  onClick: ((item: Recommendation, event: MouseEvent) => void) | undefined;
  explain: boolean;
}

/** One product: a link if it has an address, a button if it has a callback, text otherwise. */
export function ItemCard({ item, labels, price, className, href, onClick, explain }: ItemCardProps) {
  const name = titleOf(item, labels);
  const inside = (
    <>
      <Picture item={item} />
      <span className="rsl-text">
        <span className="rsl-name" title={name}>
          {name}
        </span>
        <span className="rsl-meta">{[item.brand, item.category].filter(Boolean).join(' · ')}</span>
        <span className="rsl-price">{formatPrice(item.price, price)}</span>
        {explain && <span className="rsl-why">{item.explanation}</span>}
      </span>
    </>
  );
  const shared = { className: cx('rsl-card', className), 'data-rsl-card': item.item_id };
  if (href) {
    const to = typeof href === 'function' ? href(item) : fillTemplate(href, item);
    return (
      <a {...shared} href={to} draggable={false} onClick={(e) => onClick?.(item, e)}>
        {inside}
      </a>
    );
  }
  if (onClick) {
    return (
      <button {...shared} type="button" onClick={(e) => onClick(item, e)}>
        {inside}
      </button>
    );
  }
  return (
    <div {...shared} tabIndex={-1}>
      {inside}
    </div>
  );
}

function Picture({ item }: { item: Recommendation }) {
  const [broken, setBroken] = useState<string>();
  const img = useRef<HTMLImageElement>(null);
  const src = item.img_url ?? undefined;

  // A picture can fail between the server's HTML and hydration, when nobody listens yet.
  useEffect(() => {
    if (img.current?.complete && img.current.naturalWidth === 0 && img.current.getAttribute('src')) setBroken(src);
  }, [src]);

  return (
    <span className="rsl-media">
      {src && broken !== src ? (
        <img ref={img} src={src} alt="" loading="lazy" decoding="async" draggable={false} onError={() => setBroken(src)} />
      ) : (
        <span className="rsl-initials" aria-hidden="true" style={{ '--rsl-hue': hue(item.item_id) } as CSSProperties}>
          {initials(item)}
        </span>
      )}
    </span>
  );
}

/** A card's shape, with the same height as a card. */
export function Bone({ explain, className }: { explain: boolean; className: string | undefined }) {
  return (
    <div className={cx('rsl-card', className)}>
      <span className="rsl-media rsl-bone" />
      <span className="rsl-text">
        <span className="rsl-name">
          <span className="rsl-bone rsl-bone-line" style={{ width: '90%' }} />
          <span className="rsl-bone rsl-bone-line" style={{ width: '60%' }} />
        </span>
        <span className="rsl-meta" />
        <span className="rsl-price">
          <span className="rsl-bone rsl-bone-line" style={{ width: '35%' }} />
        </span>
        {explain && <span className="rsl-why" />}
      </span>
    </div>
  );
}
