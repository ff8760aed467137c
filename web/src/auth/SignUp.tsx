import { Anchor, Button, Checkbox, Container, PasswordInput, Stack, Text, TextInput, Title,
} from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Link, useNavigate, useSearchParams } from "react-router";

import { api, must } from "../api/client";
import { documents, whoami } from "../api/queries";
import { texts } from "../texts";
import { say, Told } from "../ui/Told";
import { useChallenge } from "./Challenge";
import { ByProvider, pathOf } from "./SignIn";

/** What every sign-up attests and accepts; the versions are the current ones. */
function useConsent() {
  const current = useQuery(documents);
  const [attested, setAttested] = useState(false);
  const [accepted, setAccepted] = useState(false);
  const version = (name: string) =>
    current.data?.data.find((each) => each.document === name)?.version ?? "";
  const boxes = (
    <>
      <Checkbox
        required
        label={texts.auth.attest}
        checked={attested}
        onChange={(event) => {
          setAttested(event.currentTarget.checked);
        }}
      />
      <Checkbox
        required
        checked={accepted}
        onChange={(event) => {
          setAccepted(event.currentTarget.checked);
        }}
        label={
          <>
            {texts.auth.accept}{" "}
            {current.data?.data.map(({ document }, index) => (
              <span key={document}>
                {index > 0 && ` ${texts.auth.and} `}
                <Anchor href={`/documents/${document}`} target="_blank" underline="always">
                  {texts.auth.document[document] ?? document}
                </Anchor>
              </span>
            ))}
          </>
        }
      />
      <Told error={current.error} again={() => void current.refetch()} />
    </>
  );
  const consent = {
    attestation: { age_or_authority: true as const }, // nothing is sent until it is ticked
    accept: { terms: version("terms"), privacy: version("privacy") },
  };
  return { boxes, consent, given: attested && accepted && current.isSuccess };
}

export default function SignUp() {
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const { boxes, consent, given } = useConsent();
  const sent = useMutation({
    mutationFn: (challenge: string | null) =>
      must(api.POST("/v1/auth/sign-up", { body: { email, password, challenge, ...consent } })),
  });
  const { widget, solution, waiting } = useChallenge(sent.error);
  if (sent.isSuccess) return <Verify email={email} password={password} />;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    sent.mutate(solution);
  };
  return (
    <Container size={420} py="xl">
      <form onSubmit={submit}>
        <Stack>
          <Title order={1}>{texts.auth.signUp}</Title>
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
            description={texts.auth.passwordHint}
            autoComplete="new-password"
            minLength={8}
            required
            value={password}
            onChange={(event) => {
              setPassword(event.currentTarget.value);
            }}
          />
          {boxes}
          <Told error={sent.error} />
          {widget}
          <Button type="submit" disabled={!given || waiting} loading={sent.isPending}>
            {texts.auth.create}
          </Button>
          <ByProvider then="/playground" />
          <Text size="sm">
            {texts.auth.hasAccount} <Link to="/sign-in">{texts.auth.signIn}</Link>
          </Text>
        </Stack>
      </form>
    </Container>
  );
}

function Verify({ email, password }: { email: string; password: string }) {
  const [code, setCode] = useState("");
  const navigate = useNavigate();
  const queries = useQueryClient();
  const resent = useMutation({
    mutationFn: () => must(api.POST("/v1/auth/verify/resend", { body: { email } })),
    onSuccess: () => {
      say(texts.auth.resent);
    },
  });
  const sent = useMutation({
    mutationFn: async () => {
      await must(api.POST("/v1/auth/verify", { body: { email, code: code.trim() } }));
      await must(api.POST("/v1/auth/sign-in", { body: { email, password } }));
    },
    onSuccess: async () => {
      await queries.invalidateQueries();
      say(texts.auth.verified);
      await navigate("/playground");
    },
  });
  return (
    <Container size={420} py="xl">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          sent.mutate();
        }}
      >
        <Stack>
          <Title order={1}>{texts.auth.verifyTitle}</Title>
          <Text>{texts.auth.verifyText(email)}</Text>
          <TextInput
            label={texts.auth.code}
            inputMode="numeric"
            autoComplete="one-time-code"
            required
            value={code}
            onChange={(event) => {
              setCode(event.currentTarget.value);
            }}
          />
          <Told error={sent.error ?? resent.error} />
          <Button type="submit" loading={sent.isPending}>
            {texts.auth.verify}
          </Button>
          <Button
            variant="subtle"
            loading={resent.isPending}
            onClick={() => {
              resent.mutate();
            }}
          >
            {texts.auth.resend}
          </Button>
        </Stack>
      </form>
    </Container>
  );
}

/** Somebody new who came by a provider. */
export function Complete() {
  const [search] = useSearchParams();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const { boxes, consent, given } = useConsent();
  const sent = useMutation({
    mutationFn: () => must(api.POST("/v1/auth/providers/sign-up", { body: consent })),
    onSuccess: async () => {
      await queries.fetchQuery({ ...whoami, staleTime: 0 });
      await navigate(pathOf(search.get("return_to")));
    },
  });
  return (
    <Container size={420} py="xl">
      <Stack>
        <Title order={1}>{texts.auth.completeTitle}</Title>
        <Text>{texts.auth.completeText}</Text>
        {boxes}
        <Told error={sent.error} />
        <Button
          disabled={!given}
          loading={sent.isPending}
          onClick={() => {
            sent.mutate();
          }}
        >
          {texts.auth.create}
        </Button>
      </Stack>
    </Container>
  );
}
