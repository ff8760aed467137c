import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";

import { api, must, pressed } from "../api/client";
import { Problem } from "../api/problem";
import { ENDED, job as jobQuery } from "../api/queries";
import type { Input } from "../forms/schema";
import type { Measure } from "../forms/upload";

const RETRIES = 3;

/** One press, one job: repeated under the same key until the API has said what became of it. */
export function useOrder(model: string) {
  const queries = useQueryClient();
  const submitted = useMutation({
    mutationFn: ({ input, header }: { input: Input; header: ReturnType<typeof pressed> }) =>
      must(api.POST("/v1/inference/jobs", { body: { model, input } as never, params: { header } })),
    retry: (failures, error) =>
      failures < RETRIES && error instanceof Problem && error.passing && error.status !== 429,
  });
  const id = submitted.data?.id;
  const followed = useQuery({ ...jobQuery(id ?? ""), enabled: id !== undefined });
  const job = followed.data ?? submitted.data;
  const open = submitted.isPending || (job !== undefined && !ENDED.has(job.status));
  const ended = job !== undefined && !open ? job.id : undefined;
  // A second click comes before the first is shown, so what is shown cannot refuse it.
  const under = useRef(false);
  const failed = submitted.isError;
  useEffect(() => {
    if (!open && (ended ?? failed)) under.current = false;
  }, [open, ended, failed]);
  useEffect(() => {
    if (!ended) return;
    for (const name of ["balance", "jobs", "lines"])
      void queries.invalidateQueries({ queryKey: [name] });
  }, [ended, queries]);
  const canceled = useMutation({
    mutationFn: () =>
      must(api.DELETE("/v1/inference/jobs/{job_id}", { params: { path: { job_id: id ?? "" } } })),
    onSettled: () => void followed.refetch(),
  });
  return {
    job,
    open,
    error: submitted.error ?? followed.error ?? canceled.error,
    press: (input: Input) => {
      if (open || under.current) return;
      under.current = true;
      submitted.mutate({ input, header: pressed() });
    },
    cancel: id && open ? () => { canceled.mutate(); } : undefined,
  };
}

const SETTLED_MS = 500;

/** What a press would hold; asked for once the form rests. */
export function useQuote(model: string, input: Input | null, measure: Measure | undefined) {
  const body = input && { model, input, ...measure };
  const wanted = JSON.stringify(body);
  const [rested, setRested] = useState(wanted);
  useEffect(() => {
    const timer = setTimeout(() => {
      setRested(wanted);
    }, SETTLED_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [wanted]);
  return useQuery({
    queryKey: ["quote", rested],
    enabled: rested !== "null" && input !== null,
    placeholderData: keepPreviousData,
    retry: false,
    staleTime: Infinity,
    queryFn: () =>
      must(api.POST("/v1/billing/quotes", { body: JSON.parse(rested) as NonNullable<typeof body> })),
  });
}

/** Seconds since something began, while it goes on. */
export function useSeconds(goes: boolean): number {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    if (!goes) return;
    const begun = Date.now();
    const timer = setInterval(() => {
      setSeconds(Math.floor((Date.now() - begun) / 1000));
    }, 1000);
    return () => {
      clearInterval(timer);
      setSeconds(0);
    };
  }, [goes]);
  return seconds;
}

const PREFIX = "sluice.draft.";

/** What somebody typed, kept in this tab over reloads and new sign-ins. */
export function useDraft<T>(name: string, first: T): [T, (value: T) => void] {
  const [value, setValue] = useState<T>(() => {
    const kept = sessionStorage.getItem(PREFIX + name);
    return kept ? (JSON.parse(kept) as T) : first;
  });
  const keep = (next: T) => {
    setValue(next);
    try {
      sessionStorage.setItem(PREFIX + name, JSON.stringify(next));
    } catch {
      // A full store keeps no draft; the form itself still has it.
    }
  };
  return [value, keep];
}
