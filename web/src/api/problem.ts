/** What the API says when it refuses: RFC 9457, or what stands between the API and us. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    readonly requestId: string | null = null,
    readonly fields: readonly { pointer: string; message: string }[] = [],
    readonly retryAfterS: number | null = null,
  ) {
    super(detail);
    this.name = "Problem";
  }

  /** Whether asking again, unchanged, may go better. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

type Said = Partial<{
  code: string;
  detail: string;
  message: string;
  request_id: string;
  errors: { pointer: string; message: string }[];
}>;

/** The refusal in an answer; the body may be a proxy's, or nothing at all. */
export async function problemOf(answer: Response, unknown: string): Promise<Problem> {
  const said = (await answer
    .clone()
    .json()
    .catch(() => ({}))) as Said;
  const after = Number(answer.headers.get("retry-after"));
  return new Problem(
    answer.status,
    said.code ?? `http_${answer.status}`,
    said.detail ?? said.message ?? unknown,
    said.request_id ?? answer.headers.get("x-request-id"),
    said.errors ?? [],
    Number.isFinite(after) && after > 0 ? after : null,
  );
}
