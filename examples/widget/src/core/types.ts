/** One recommended item, as the API sends it. Text that the catalogue lacks is null. */
export interface Recommendation {
  item_id: string;
  score?: number | null;
  title?: string | null;
  category?: string | null;
  brand?: string | null;
  price?: number | null;
  img_url?: string | null;
  /** Older name of img_url; read when img_url is absent. */
  image_url?: string | null;
  /** Where the item comes from: "model", "session", "popular", … */
  source?: string | null;
  /** One plain sentence, when the API was asked to explain. */
  explanation?: string | null;
  contributions?: Contribution[] | null;
}

/** How much one item of the customer's history adds to a score. */
export interface Contribution {
  item_id: string;
  title?: string | null;
  score: number;
}

/** What an item must satisfy to be recommended; all fields that are set must hold. */
export interface Filters {
  categories?: string[];
  brands?: string[];
  minPrice?: number;
  maxPrice?: number;
  includeItems?: string[];
  excludeItems?: string[];
  /** By attribute name, the values of which an item must have one. */
  attributes?: Record<string, string[]>;
}

/** Which ranking a list shows. */
export type ListKind = 'recommend' | 'similar-items' | 'popular' | 'trending' | 'bought-together';

/** Everything that decides which items the API returns. */
export interface ListQuery {
  /** Base URL of the API; may be relative to the page. */
  apiUrl: string;
  userId?: string | undefined;
  itemId?: string | undefined;
  sessionItems?: string[] | undefined;
  /** recommend, or similar-items when only an item is given, unless set. */
  list?: ListKind | undefined;
  count: number;
  filters?: Filters | undefined;
  /** Popular items for customers that the model does not know. */
  fallback: boolean;
  explain: boolean;
  apiKey?: string | undefined;
}

/** Additional fields by item id, or items that carry item_id or id. */
export type ItemDetails =
  | Record<string, Partial<Recommendation>>
  | (Partial<Recommendation> & { id?: string })[];

export type FetchItemDetails = (itemIds: string[]) => Promise<ItemDetails>;

/** An event for POST /events. */
export interface ShopEvent {
  user_id: string;
  item_id: string;
  event_type: string;
  /** Unix seconds. */
  ts?: number;
  qty?: number;
}
