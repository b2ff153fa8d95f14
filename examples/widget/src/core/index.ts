export * from './types';
export { ApiError } from './errors';
export { Client, normalise, sharedClient, type ClientOptions } from './client';
export { List, queryKey, type ListState } from './list';
export { Reporter, acquireReporter, type ReporterOptions } from './reporter';
export { Impressions } from './impressions';
export { mountCarousel, type CarouselControls, type CarouselEdges } from './carousel';
export { defaultLabels, formatPrice, hue, initials, titleOf, fillTemplate, type Labels, type PriceFormat } from './present';
export { listRequest, joinUrl, isAskable, listKind } from './request';
