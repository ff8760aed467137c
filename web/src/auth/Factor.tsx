import { Anchor, Button, Stack, Text, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";

import type { Schemas } from "../api/client";
import { texts } from "../texts";
import { Told } from "../ui/Told";
import { Passkey } from "./Passkey";

export type Proof = Schemas["SecondFactor"];

/** Asks for an app's code, a passkey or a recovery code. */
export function Factor({ send, ask }: {
  send: (proof: Proof) => Promise<unknown>;
  ask?: () => Promise<Schemas["Ceremony"]>;
}) {
  const [code, setCode] = useState("");
  const [recovery, setRecovery] = useState(false);
  const sent = useMutation({
    mutationFn: () => send(recovery ? { recovery_code: code.trim() } : { code: code.trim() }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    sent.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <Text>{texts.auth.factorText}</Text>
        <TextInput
          label={recovery ? texts.auth.recovery : texts.auth.totp}
          value={code}
          onChange={(event) => {
            setCode(event.currentTarget.value);
          }}
          autoComplete="one-time-code"
          required
        />
        <Told error={sent.error} />
        <Button type="submit" loading={sent.isPending}>
          {texts.auth.continue}
        </Button>
        {ask && <Passkey ask={ask} send={(passkey) => send({ passkey })} />}
        <Anchor
          component="button"
          type="button"
          onClick={() => {
            setRecovery(!recovery);
          }}
        >
          {recovery ? texts.auth.useTotp : texts.auth.useRecovery}
        </Anchor>
      </Stack>
    </form>
  );
}
