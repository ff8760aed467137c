import { QueryClient, queryOptions } from "@tanstack/react-query";

import { api, must } from "./client";
import { Problem } from "./problem";

const RETRIES = 2;

export const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      retry: (failures, error) =>
        failures < RETRIES && error instanceof Problem && error.passing && error.status !== 429,
    },
  },
});

/** Who is signed in; null for nobody. */
export const whoami = queryOptions({
  queryKey: ["whoami"],
  staleTime: 60_000,
  queryFn: async () => {
    try {
      return await must(api.GET("/v1/auth/whoami"));
    } catch (error) {
      if (error instanceof Problem && error.status === 401) return null;
      throw error;
    }
  },
});

export const accounts = queryOptions({
  queryKey: ["accounts"],
  staleTime: 60_000,
  queryFn: () => must(api.GET("/v1/auth/accounts")),
});

export const providers = queryOptions({
  queryKey: ["providers"],
  staleTime: Infinity,
  queryFn: () => must(api.GET("/v1/auth/providers")),
});

export const documents = queryOptions({
  queryKey: ["documents"],
  staleTime: 60_000,
  queryFn: () => must(api.GET("/v1/auth/documents")),
});

export const models = queryOptions({
  queryKey: ["models"],
  staleTime: 60_000,
  queryFn: () => must(api.GET("/v1/inference/models")),
});

export const model = (id: string) =>
  queryOptions({
    queryKey: ["model", id],
    queryFn: () =>
      must(api.GET("/v1/inference/models/{model}", { params: { path: { model: id } } })),
  });

export const balance = queryOptions({
  queryKey: ["balance"],
  queryFn: () => must(api.GET("/v1/billing/balance")),
});

export const policy = queryOptions({
  queryKey: ["policy"],
  staleTime: Infinity,
  queryFn: () => must(api.GET("/v1/content/policy")),
});

export const ENDED: ReadonlySet<string> = new Set([
  "succeeded",
  "failed",
  "blocked",
  "canceled",
  "expired",
]);
const POLL_MS = 1_000;
const SLOW_POLL_MS = 3_000;
const SLOW_AFTER = 15;

/** One job, asked for until it has ended: every second at first. */
export const job = (id: string) =>
  queryOptions({
    queryKey: ["job", id],
    queryFn: () =>
      must(api.GET("/v1/inference/jobs/{job_id}", { params: { path: { job_id: id } } })),
    refetchInterval: ({ state }) => {
      if (state.data && ENDED.has(state.data.status)) return false;
      return state.dataUpdateCount < SLOW_AFTER ? POLL_MS : SLOW_POLL_MS;
    },
  });
