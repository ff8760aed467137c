import type { Schemas } from "../api/client";

type Ceremony = Schemas["Ceremony"];
export type PasskeyAnswer = Schemas["Answer"];

/** Has the browser make a passkey; raises what the browser says when its user declines. */
export async function makePasskey({ ceremony, options }: Ceremony): Promise<PasskeyAnswer> {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(
    options as unknown as PublicKeyCredentialCreationOptionsJSON,
  );
  return answered(ceremony, await navigator.credentials.create({ publicKey }));
}

/** Has the browser prove that one of its passkeys is here. */
export async function provePasskey({ ceremony, options }: Ceremony): Promise<PasskeyAnswer> {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(
    options as unknown as PublicKeyCredentialRequestOptionsJSON,
  );
  return answered(ceremony, await navigator.credentials.get({ publicKey }));
}

function answered(ceremony: string, credential: Credential | null): PasskeyAnswer {
  return { ceremony, credential: (credential as PublicKeyCredential).toJSON() as never };
}
