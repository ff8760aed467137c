import { Button, Container, PasswordInput, Stack, Text, TextInput, Title } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useNavigate } from "react-router";

import { api, must } from "../api/client";
import { texts } from "../texts";
import { say, Told } from "../ui/Told";
import { useChallenge } from "./Challenge";

/** First the address, then the mail's code together with the new password. */
export default function Reset() {
  const [email, setEmail] = useState("");
  const [code, setCode] = useState("");
  const [password, setPassword] = useState("");
  const navigate = useNavigate();
  const asked = useMutation({
    mutationFn: (challenge: string | null) =>
      must(api.POST("/v1/auth/password/reset", { body: { email, challenge } })),
  });
  const { widget, solution, waiting } = useChallenge(asked.error);
  const confirmed = useMutation({
    mutationFn: () =>
      must(
        api.POST("/v1/auth/password/reset/confirm", {
          body: { email, code: code.trim(), password },
        }),
      ),
    onSuccess: async () => {
      say(texts.auth.resetDone);
      await navigate("/sign-in");
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (asked.isSuccess) confirmed.mutate();
    else asked.mutate(solution);
  };
  return (
    <Container size={420} py="xl">
      <form onSubmit={submit}>
        <Stack>
          <Title order={1}>{texts.auth.resetTitle}</Title>
          <Text>{asked.isSuccess ? texts.auth.resetSent : texts.auth.resetText}</Text>
          <TextInput
            label={texts.auth.email}
            type="email"
            autoComplete="username"
            required
            readOnly={asked.isSuccess}
            value={email}
            onChange={(event) => {
              setEmail(event.currentTarget.value);
            }}
          />
          {asked.isSuccess && (
            <>
              <TextInput
                label={texts.auth.code}
                autoComplete="one-time-code"
                required
                value={code}
                onChange={(event) => {
                  setCode(event.currentTarget.value);
                }}
              />
              <PasswordInput
                label={texts.auth.newPassword}
                description={texts.auth.passwordHint}
                autoComplete="new-password"
                minLength={8}
                required
                value={password}
                onChange={(event) => {
                  setPassword(event.currentTarget.value);
                }}
              />
            </>
          )}
          <Told error={asked.error ?? confirmed.error} />
          {widget}
          <Button type="submit" disabled={waiting} loading={asked.isPending || confirmed.isPending}>
            {asked.isSuccess ? texts.auth.continue : texts.auth.resetAsk}
          </Button>
        </Stack>
      </form>
    </Container>
  );
}
