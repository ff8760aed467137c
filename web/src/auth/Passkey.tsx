import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";

import type { Schemas } from "../api/client";
import { texts } from "../texts";
import { Told } from "../ui/Told";
import { type PasskeyAnswer, provePasskey } from "./passkeys";

/** Proves by a passkey who sits here. */
export function Passkey({ ask, send }: {
  ask: () => Promise<Schemas["Ceremony"]>;
  send: (answer: PasskeyAnswer) => Promise<unknown>;
}) {
  const proved = useMutation({ mutationFn: async () => send(await provePasskey(await ask())) });
  return (
    <>
      <Button variant="default" loading={proved.isPending} onClick={() => { proved.mutate(); }}>
        {texts.auth.passkey}
      </Button>
      <Told error={proved.error && new Error(texts.auth.passkeyRefused)} />
    </>
  );
}
