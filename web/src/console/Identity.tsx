import { Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api, must } from "../api/client";
import { providers } from "../api/queries";
import { texts } from "../texts";
import { Confirmed } from "../ui/Confirmed";
import { Part } from "../ui/Part";
import { Coming, say, Told } from "../ui/Told";

/** Another address, once its mailbox has answered. */
export function Email() {
  const [email, setEmail] = useState("");
  const [code, setCode] = useState("");
  const asked = useMutation({
    mutationFn: () => must(api.POST("/v1/auth/email", { body: { email } })),
  });
  const confirmed = useMutation({
    mutationFn: () => must(api.POST("/v1/auth/email/confirm", { body: { code: code.trim() } })),
    onSuccess: (changed) => {
      say(texts.settings.emailChanged(changed.email));
      setEmail("");
      setCode("");
      asked.reset();
    },
  });
  return (
    <Part title={texts.auth.email}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (asked.isSuccess) confirmed.mutate();
          else asked.mutate();
        }}
      >
        <Stack maw={400}>
          {asked.isSuccess ? (
            <>
              <Text>{texts.auth.verifyText(email)}</Text>
              <TextInput
                label={texts.auth.code}
                required
                autoComplete="one-time-code"
                value={code}
                onChange={(event) => { setCode(event.currentTarget.value); }}
              />
            </>
          ) : (
            <TextInput
              label={texts.settings.newEmail}
              description={texts.settings.newEmailHint}
              type="email"
              required
              value={email}
              onChange={(event) => { setEmail(event.currentTarget.value); }}
            />
          )}
          <Told error={asked.error ?? confirmed.error} />
          <Button type="submit" w="fit-content" loading={asked.isPending || confirmed.isPending}>
            {asked.isSuccess ? texts.auth.verify : texts.settings.change}
          </Button>
        </Stack>
      </form>
    </Part>
  );
}

/** By whom one may sign in besides. */
export function Identities() {
  const queries = useQueryClient();
  const known = useQuery(providers);
  const listed = useQuery({
    queryKey: ["identities"],
    queryFn: () => must(api.GET("/v1/auth/identities")),
  });
  const linked = useMutation({
    mutationFn: (provider: string) =>
      must(
        api.POST("/v1/auth/providers/{provider}/start-for-user", {
          params: { path: { provider } },
          body: { purpose: "link", return_to: "/settings" },
        }),
      ),
    onSuccess: ({ url }) => { window.location.assign(url); },
  });
  const unlinked = useMutation({
    mutationFn: (provider: string) =>
      must(api.DELETE("/v1/auth/identities/{provider}", { params: { path: { provider } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["identities"] }),
  });
  if (known.data?.data.length === 0) return null;
  return (
    <Part title={texts.settings.identities}>
      {(known.isPending || listed.isPending) && <Coming lines={1} />}
      <Told error={known.error ?? listed.error ?? linked.error} />
      {listed.data && known.data?.data.map(({ id, name }) => {
        const has = listed.data.data.find((each) => each.provider === id);
        return (
          <Group key={id} justify="space-between">
            <Text>{has?.email ? `${name} · ${has.email}` : name}</Text>
            {has ? (
              <Confirmed
                label={texts.settings.unlink}
                title={texts.settings.unlinkTitle(name)}
                act={() => unlinked.mutateAsync(id)}
              />
            ) : (
              <Button
                size="xs"
                variant="default"
                loading={linked.isPending && linked.variables === id}
                onClick={() => { linked.mutate(id); }}
              >
                {texts.settings.link}
              </Button>
            )}
          </Group>
        );
      })}
    </Part>
  );
}
