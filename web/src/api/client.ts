import createClient from "openapi-fetch";

import { texts } from "../texts";
import { actingFor } from "./account";
import { prove } from "./gate";
import { Problem, problemOf } from "./problem";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];

/** Answers of these are for whoever asked, not for the dialogs. */
const PROVING = /^\/v1\/auth\/(sign-in|sign-up|step-up|verify|password|providers|whoami)/;

/** Sends a request; where the session is too old or gone, asks its user and sends it again. */
async function send(request: Request): Promise<Response> {
  const account = actingFor();
  if (account) request.headers.set("Sluice-Account", account);
  const again = request.clone();
  const answer = await once(request);
  if (PROVING.test(new URL(request.url).pathname)) return answer;
  if (answer.status === 401) return (await prove("sign-in")) ? once(again) : answer;
  if (answer.status !== 403) return answer;
  const { code } = await problemOf(answer, "");
  return code === "step_up_required" && (await prove("step-up")) ? once(again) : answer;
}

async function once(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Problem(0, "offline", texts.error.offline);
  }
}

export const api = createClient<paths>({ baseUrl: window.location.origin, fetch: send });

interface Answered<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The body of an answer; raises Problem for a refusal. */
export async function must<T>(asked: Promise<Answered<T>>): Promise<T> {
  const { data, response } = await asked;
  if (response.ok) return data as T;
  throw await problemFrom(await asked);
}

async function problemFrom({ error, response }: Answered<unknown>): Promise<Problem> {
  // The client has read the body already.
  const body = typeof error === "string" ? error : JSON.stringify(error ?? {});
  const copy = new Response(body, { status: response.status, headers: response.headers });
  return problemOf(copy, texts.error.unknown(response.status));
}

/** Once for each press, so that a repeated request is the same request. */
export function pressed(): { "idempotency-key": string } {
  return { "idempotency-key": crypto.randomUUID() };
}
