import { useEffect, useId, useMemo, useRef, useState, type MouseEvent } from 'react';
import { mountCarousel, type CarouselControls } from '../core/carousel';
import { Impressions } from '../core/impressions';
import { defaultLabels, type Labels } from '../core/present';
import { acquireReporter, type Reporter } from '../core/reporter';
import { listKind } from '../core/request';
import type { FetchItemDetails, Filters, ListKind, ListQuery, Recommendation } from '../core/types';
import { Bone, ItemCard } from './ItemCard';
import { Button, cx } from './ui';
import { useList } from './useList';

export interface RecommendationCarouselProps {
  /** Base URL of the recommendation API, absolute or relative to the page. */
  apiUrl: string;
  /** The customer. Unknown ones get popular items, unless fallback is false. */
  userId?: string;
  /** Shows items similar to this one. */
  itemId?: string;
  /** The current visit or basket, oldest first: for guests, or beside userId. */
  sessionItems?: string[];
  /** Another ranking of the API: popular, trending or bought-together. */
  list?: ListKind;
  /** Number of items, 10 unless set. */
  count?: number;
  filters?: Filters;
  /** Popular items for customers that the model does not know; true unless set. */
  fallback?: boolean;
  /** Asks for, and shows, one sentence per item that says why it is there. */
  explain?: boolean;
  /** Sent as X-API-Key. Use a key that may only read: visitors can see it. */
  apiKey?: string;

  title?: string;
  /** Additional class of the whole component. */
  className?: string;
  /** Additional class of the row of cards. */
  containerClassName?: string;
  /** Additional class of each card. */
  cardClassName?: string;
  /** ISO 4217. Prices are plain numbers without it. */
  currency?: string;
  /** BCP 47; the browser's language unless set. */
  locale?: string;
  /** Follows the system, or a .dark ancestor, unless set. */
  theme?: 'light' | 'dark';
  /** The widget's own texts, for other languages. */
  labels?: Partial<Labels>;
  /** The address of an item's page: "/product/{item_id}", or a function. Makes each card a link. */
  itemHref?: string | ((item: Recommendation) => string);

  onItemClick?: (item: Recommendation, event: MouseEvent) => void;
  /** Once per item, when half of its card has been visible for a second. */
  onImpression?: (item: Recommendation, position: number) => void;
  /** Reports impressions and clicks to the API's POST /events; needs userId. */
  reportEvents?: boolean;
  /** Additional or better fields for the items, by id. */
  fetchItemDetails?: FetchItemDetails;
  /** Shows these items and never asks the API. */
  testRecommendations?: Recommendation[];
}

/** RecommendationCarousel shows one list of the recommendation API. */
export function RecommendationCarousel(props: RecommendationCarouselProps) {
  const { count = 10, title = 'Recommended For You', fallback = true, explain = false } = props;
  const { userId, itemId, sessionItems, list, filters, apiUrl, apiKey } = props;
  const query: ListQuery = { apiUrl, userId, itemId, sessionItems, list, count, filters, fallback, explain, apiKey };
  const { state, retry } = useList(query, props.testRecommendations, props.fetchItemDetails);
  const labels = useMemo(() => ({ ...defaultLabels, ...props.labels }), [props.labels]);
  const id = useId();
  const viewport = useRef<HTMLDivElement>(null);
  const { edges, controls } = useCarousel(viewport, state.items);
  const reporter = useReporter(Boolean(props.reportEvents && userId), apiUrl, apiKey);
  useImpressions(viewport, state.items, `${listKind(query)} ${userId ?? ''} ${itemId ?? ''}`, (item, position) => {
    props.onImpression?.(item, position);
    reporter.current?.report({ user_id: userId!, item_id: item.item_id, event_type: 'impression' });
  });

  const reports = Boolean(props.reportEvents && userId);
  const clickable = Boolean(props.onItemClick) || reports || Boolean(props.itemHref);
  const click = (item: Recommendation, event: MouseEvent) => {
    reporter.current?.report({ user_id: userId!, item_id: item.item_id, event_type: 'click' }, true);
    props.onItemClick?.(item, event);
  };

  const { items, status } = state;
  const showItems = items.length > 0;
  const message = status === 'error' || status === 'empty';
  const bones = Math.min(count, 6);
  return (
    <section
      className={cx('rsl', props.className)}
      data-theme={props.theme}
      data-status={status}
      aria-roledescription="carousel"
      aria-labelledby={`${id}title`}
      aria-busy={status === 'loading'}
    >
      <div className="rsl-head">
        <h2 className="rsl-title" id={`${id}title`}>
          {title}
        </h2>
        {(edges.canPrev || edges.canNext) && (
          <div className="rsl-arrows">
            <Arrow label={labels.previous} controls={`${id}track`} off={!edges.canPrev} onClick={() => controls.current?.prev()} back />
            <Arrow label={labels.next} controls={`${id}track`} off={!edges.canNext} onClick={() => controls.current?.next()} />
          </div>
        )}
      </div>
      <div className="rsl-body">
        <div
          ref={viewport}
          className={cx('rsl-viewport', status === 'loading' && showItems && 'rsl-refreshing')}
          tabIndex={showItems && !clickable ? 0 : undefined}
          role={showItems && !clickable ? 'group' : undefined}
          aria-labelledby={showItems && !clickable ? `${id}title` : undefined}
        >
          <div id={`${id}track`} className={cx('rsl-track', !showItems && message && 'rsl-hidden', props.containerClassName)} aria-hidden={showItems ? undefined : true}>
            {showItems
              ? items.map((item, i) => (
                  <div
                    key={item.item_id}
                    className="rsl-slide"
                    role="group"
                    aria-roledescription="slide"
                    aria-label={labels.position(i + 1, items.length)}
                  >
                    <ItemCard
                      item={item}
                      labels={labels}
                      price={{ currency: props.currency, locale: props.locale }}
                      className={props.cardClassName}
                      href={props.itemHref}
                      onClick={props.onItemClick || reports ? click : undefined}
                      explain={explain}
                    />
                  </div>
                ))
              : Array.from({ length: bones }, (_, i) => (
                  <div key={i} className="rsl-slide">
                    <Bone explain={explain} className={props.cardClassName} />
                  </div>
                ))}
          </div>
        </div>
        {message && (
          <div className={cx('rsl-message', status === 'error' && 'rsl-message-error')} role={status === 'error' ? 'alert' : undefined}>
            <p>{status === 'error' ? labels.error : labels.empty}</p>
            {status === 'error' && <Button onClick={retry}>{labels.retry}</Button>}
          </div>
        )}
      </div>
      <span className="rsl-sr" role="status">
        {status === 'loading' ? labels.loading : ''}
      </span>
    </section>
  );
}

function Arrow(p: { label: string; controls: string; off: boolean; back?: boolean; onClick: () => void }) {
  // aria-disabled, not disabled: a button that vanishes from under the focus loses the reader's place.
  return (
    <button type="button" className="rsl-arrow" aria-label={p.label} aria-controls={p.controls} aria-disabled={p.off} onClick={p.off ? undefined : p.onClick}>
      <svg viewBox="0 0 20 20" fill="none" stroke="currentColor" strokeWidth="1.75" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true">
        <path d={p.back ? 'M12 4.5 6.5 10l5.5 5.5' : 'M8 4.5 13.5 10 8 15.5'} />
      </svg>
    </button>
  );
}

function useCarousel(viewport: React.RefObject<HTMLDivElement | null>, items: Recommendation[]) {
  const [edges, setEdges] = useState({ canPrev: false, canNext: false });
  const controls = useRef<CarouselControls | null>(null);
  const some = items.length > 0;
  useEffect(() => {
    if (!some || !viewport.current) return;
    const c = (controls.current = mountCarousel(viewport.current, setEdges));
    return () => {
      c.destroy();
      controls.current = null;
      setEdges({ canPrev: false, canNext: false });
    };
  }, [viewport, some]);
  useEffect(() => controls.current?.refresh(), [items]);
  return { edges, controls };
}

function useReporter(on: boolean, apiUrl: string, apiKey: string | undefined) {
  const reporter = useRef<Reporter | null>(null);
  useEffect(() => {
    if (!on) return;
    const shared = acquireReporter({ apiUrl, apiKey });
    reporter.current = shared.reporter;
    return () => {
      reporter.current = null;
      shared.release();
    };
  }, [on, apiUrl, apiKey]);
  return reporter;
}

/** useImpressions tells each item once for as long as subject, what the list is about, stays. */
function useImpressions(
  viewport: React.RefObject<HTMLDivElement | null>,
  items: Recommendation[],
  subject: string,
  tell: (item: Recommendation, position: number) => void,
) {
  const latest = useRef({ items, tell });
  latest.current = { items, tell };
  const impressions = useRef<Impressions | null>(null);
  useEffect(() => {
    const watch = (impressions.current = new Impressions((itemId) => {
      const position = latest.current.items.findIndex((i) => i.item_id === itemId);
      const item = latest.current.items[position];
      if (item) latest.current.tell(item, position);
    }));
    return () => {
      watch.reset();
      impressions.current = null;
    };
  }, [subject]);
  useEffect(() => {
    const watch = impressions.current;
    watch?.reset();
    for (const card of viewport.current?.querySelectorAll<HTMLElement>('[data-rsl-card]') ?? []) {
      watch?.observe(card, card.dataset.rslCard!);
    }
  }, [viewport, items, subject]);
}
