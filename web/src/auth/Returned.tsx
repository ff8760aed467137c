import { useQuery } from "@tanstack/react-query";
import { Navigate, useSearchParams } from "react-router";

import { api, must } from "../api/client";
import { texts } from "../texts";
import { Coming, say, Told } from "../ui/Told";
import { pathOf } from "./SignIn";

/** Back from a provider that asked who sits here: the session becomes fresh, then on. */
export default function Returned() {
  const [search] = useSearchParams();
  const stepped = useQuery({
    queryKey: ["step-up"],
    retry: false,
    staleTime: Infinity, // the provider's word counts once
    gcTime: 0,
    queryFn: async () => {
      const fresh = await must(api.POST("/v1/auth/step-up", { body: {} }));
      say(texts.auth.stepped);
      return fresh;
    },
  });
  if (stepped.error) return <Told error={stepped.error} />;
  return stepped.data ? <Navigate to={pathOf(search.get("then"))} replace /> : <Coming />;
}
