import { RecsysCarousel } from './RecsysCarousel';

/** The element's name. */
export const tagName = 'recsys-carousel';

/** define registers the element; importing this module has done so already. */
export function define(name = tagName): void {
  if (typeof customElements !== 'undefined' && !customElements.get(name)) customElements.define(name, RecsysCarousel);
}

define();

export { RecsysCarousel, type RecsysCarouselEventMap } from './RecsysCarousel';

declare global {
  interface HTMLElementTagNameMap {
    'recsys-carousel': RecsysCarousel;
  }
}
