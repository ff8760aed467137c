/** Where a request waits until its user has proved who they are. */
export type Ask = "step-up" | "sign-in";
type Waiting = (proved: boolean) => void;

let open: ((ask: Ask) => void) | null = null;
let waiting: Waiting[] = [];

/** The dialog that asks; one at a time. */
export function onAsked(show: ((ask: Ask) => void) | null): void {
  open = show;
}

/** Resolves once somebody answered: whether the request may be sent again. */
export function prove(ask: Ask): Promise<boolean> {
  if (!open) return Promise.resolve(false);
  if (waiting.length === 0) open(ask);
  return new Promise((resolve) => {
    waiting.push(resolve);
  });
}

export function answered(proved: boolean): void {
  const all = waiting;
  waiting = [];
  for (const one of all) one(proved);
}
