/** A request that failed: status 0 means that no answer came. */
export class ApiError extends Error {
  readonly status: number;
  /** Seconds after which the server asks to be tried again. */
  readonly retryAfter: number | undefined;

  constructor(message: string, status: number, retryAfter?: number) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/** fromResponse reads problem+json; a proxy's page of HTML leaves the status alone. */
export async function fromResponse(r: Response): Promise<ApiError> {
  let detail = `the API answered ${r.status}`;
  try {
    const body = (await r.json()) as { detail?: unknown; title?: unknown };
    if (typeof body.detail === 'string') detail = body.detail;
    else if (typeof body.title === 'string') detail = body.title;
  } catch {
    // Not JSON: the status is all there is to tell.
  }
  const after = Number(r.headers.get('Retry-After') ?? NaN);
  return new ApiError(detail, r.status, Number.isFinite(after) ? after : undefined);
}
