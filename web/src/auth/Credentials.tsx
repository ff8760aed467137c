import { Button, PasswordInput, Stack, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";

import { api, must } from "../api/client";
import { texts } from "../texts";
import { Told } from "../ui/Told";
import { Factor } from "./Factor";

/** Signs in by password, and by a second factor where there is one. */
export function Credentials({ done }: { done: () => void }) {
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [factor, setFactor] = useState(false);
  const sent = useMutation({
    mutationFn: () => must(api.POST("/v1/auth/sign-in", { body: { email, password } })),
    onSuccess: (answer) => {
      if ("second_factor" in answer) setFactor(true);
      else done();
    },
  });
  if (factor)
    return (
      <Factor
        ask={() => must(api.POST("/v1/auth/sign-in/second-factor/options"))}
        send={async (body) => {
          await must(api.POST("/v1/auth/sign-in/second-factor", { body }));
          done();
        }}
      />
    );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        sent.mutate();
      }}
    >
      <Stack>
        <TextInput
          label={texts.auth.email}
          type="email"
          autoComplete="username"
          required
          value={email}
          onChange={(event) => {
            setEmail(event.currentTarget.value);
          }}
        />
        <PasswordInput
          label={texts.auth.password}
          autoComplete="current-password"
          required
          value={password}
          onChange={(event) => {
            setPassword(event.currentTarget.value);
          }}
        />
        <Told error={sent.error} />
        <Button type="submit" loading={sent.isPending}>
          {texts.auth.signIn}
        </Button>
      </Stack>
    </form>
  );
}
