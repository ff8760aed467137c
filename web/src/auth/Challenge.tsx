import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";

import { api, must } from "../api/client";
import { Problem } from "../api/problem";
import { texts } from "../texts";
import { Told } from "../ui/Told";

/** Turnstile's, as its documents give it; others who speak as it does give the same. */
interface Widget {
  render: (into: HTMLElement, options: Options) => string;
  remove: (id: string) => void;
}
interface Options {
  sitekey: string;
  callback: (solution: string) => void;
  "expired-callback": () => void;
}
declare global {
  interface Window {
    turnstile?: Widget;
  }
}

const ASKED: ReadonlySet<string> = new Set(["challenge_required", "challenge_failed"]);

/**
 * The challenge that shows that a person sits here: nothing until a request was refused for want of
 * one, and a new one after each refusal, since a solution is good once.
 */
export function useChallenge(refusal: Error | null) {
  const [solution, setSolution] = useState<string | null>(null);
  const asked = refusal instanceof Problem && ASKED.has(refusal.code);
  return {
    solution,
    waiting: asked && solution === null,
    widget: asked && <Challenge key={refusal.requestId} solved={setSolution} />,
  };
}

function Challenge({ solved }: { solved: (solution: string | null) => void }) {
  const place = useRef<HTMLDivElement>(null);
  const known = useQuery({
    queryKey: ["challenge"],
    staleTime: Infinity,
    queryFn: async () => {
      const challenge = await must(api.GET("/v1/auth/challenge"));
      if (challenge.script) await load(challenge.script);
      return challenge;
    },
  });
  const sitekey = known.data?.site_key;
  useEffect(() => {
    solved(null);
    const into = place.current;
    const widget = window.turnstile;
    if (!sitekey || !into || !widget) return;
    const id = widget.render(into, {
      sitekey,
      callback: solved,
      "expired-callback": () => { solved(null); },
    });
    return () => { widget.remove(id); };
  }, [sitekey, solved]);
  return (
    <>
      <div ref={place} role="group" aria-label={texts.auth.challenge} />
      <Told error={known.error} again={() => void known.refetch()} />
    </>
  );
}

function load(address: string): Promise<void> {
  if (window.turnstile) return Promise.resolve();
  return new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = `${address}?render=explicit`;
    script.onload = () => { done(); };
    script.onerror = () => {
      script.remove();
      failed(new Error(texts.auth.challengeBlocked));
    };
    document.head.append(script);
  });
}
