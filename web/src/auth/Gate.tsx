import { Anchor, Button, Modal, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { api, must } from "../api/client";
import { answered, type Ask, onAsked } from "../api/gate";
import { providers } from "../api/queries";
import { texts } from "../texts";
import { Told } from "../ui/Told";
import { Credentials } from "./Credentials";
import { Passkey } from "./Passkey";

/** One dialog over the page, which stays as it is: proves who sits here, then the request goes on. */
export function Gate() {
  const [ask, setAsk] = useState<Ask | null>(null);
  const queries = useQueryClient();
  useEffect(() => {
    onAsked(setAsk);
    return () => {
      onAsked(null);
    };
  }, []);
  const end = (proved: boolean) => {
    setAsk(null);
    answered(proved);
    if (proved) void queries.invalidateQueries({ queryKey: ["whoami"] });
  };
  const here = encodeURIComponent(window.location.pathname + window.location.search);
  return (
    <Modal
      opened={ask !== null}
      onClose={() => {
        end(false);
      }}
      zIndex={1000} // over the dialog whose request waits
      title={ask === "sign-in" ? texts.auth.expiredTitle : texts.auth.stepUpTitle}
    >
      {ask === "sign-in" ? (
        <Stack>
          <Text>{texts.auth.expiredText}</Text>
          <Credentials
            done={() => {
              end(true);
            }}
          />
          <Anchor href={`/sign-in?return_to=${here}`}>{texts.auth.elsewhere}</Anchor>
        </Stack>
      ) : (
        <Stack>
          <StepUp
            done={() => {
              end(true);
            }}
          />
          <Passkey
            ask={() => must(api.POST("/v1/auth/step-up/options"))}
            send={async (passkey) => {
              await must(api.POST("/v1/auth/step-up", { body: { second_factor: { passkey } } }));
              end(true);
            }}
          />
          <ByIdentity here={window.location.pathname + window.location.search} />
        </Stack>
      )}
    </Modal>
  );
}

function StepUp({ done }: { done: () => void }) {
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const sent = useMutation({
    mutationFn: () =>
      must(
        api.POST("/v1/auth/step-up", {
          body: { password, ...(code && { second_factor: { code: code.trim() } }) },
        }),
      ),
    onSuccess: done,
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        sent.mutate();
      }}
    >
      <Stack>
        <Text>{texts.auth.stepUpText}</Text>
        <PasswordInput
          label={texts.auth.password}
          required
          autoComplete="current-password"
          value={password}
          onChange={(event) => {
            setPassword(event.currentTarget.value);
          }}
        />
        {sent.error && (
          <TextInput
            label={texts.auth.totp}
            autoComplete="one-time-code"
            value={code}
            onChange={(event) => {
              setCode(event.currentTarget.value);
            }}
          />
        )}
        <Told error={sent.error} />
        <Button type="submit" loading={sent.isPending}>
          {texts.auth.continue}
        </Button>
      </Stack>
    </form>
  );
}

/** Who signed up by a provider may have no password, and proves it there. */
function ByIdentity({ here }: { here: string }) {
  const linked = useQuery({
    queryKey: ["identities"],
    queryFn: () => must(api.GET("/v1/auth/identities")),
  });
  const named = useQuery(providers);
  const begun = useMutation({
    mutationFn: (provider: string) =>
      must(
        api.POST("/v1/auth/providers/{provider}/start-for-user", {
          params: { path: { provider } },
          body: { purpose: "step-up", return_to: `/step-up?then=${encodeURIComponent(here)}` },
        }),
      ),
    onSuccess: ({ url }) => {
      window.location.assign(url);
    },
  });
  return (
    <>
      {linked.data?.data.map(({ provider }) => (
        <Button
          key={provider}
          variant="default"
          loading={begun.isPending}
          onClick={() => {
            begun.mutate(provider);
          }}
        >
          {texts.auth.with(named.data?.data.find((each) => each.id === provider)?.name ?? provider)}
        </Button>
      ))}
      <Told error={begun.error} />
    </>
  );
}
