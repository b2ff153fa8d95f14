import './style.css';

export { RecommendationCarousel, type RecommendationCarouselProps } from './react/RecommendationCarousel';
export { Button, Card, CardContent, CardHeader, type ButtonProps } from './react/ui';
export { sharedClient, Client, ApiError, defaultLabels } from './core';
export type { Recommendation, Contribution, Filters, FetchItemDetails, ItemDetails, ListKind, Labels } from './core';
