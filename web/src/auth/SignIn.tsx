import { Alert, Button, Container, Divider, Stack, Text, Title } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useSearchParams } from "react-router";

import { api, must } from "../api/client";
import { providers, whoami } from "../api/queries";
import { texts } from "../texts";
import { Told } from "../ui/Told";
import { Credentials } from "./Credentials";
import { Factor } from "./Factor";
import { Passkey } from "./Passkey";

/** A path of ours, whatever the address claims. */
export function pathOf(claimed: string | null): string {
  return claimed && /^\/[^/\\]/.test(claimed) ? claimed : "/playground";
}

export default function SignIn() {
  const [search] = useSearchParams();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const then = pathOf(search.get("return_to"));
  const refused = search.get("error");
  const done = () => {
    queries.clear();
    void queries.fetchQuery(whoami).then(() => navigate(then, { replace: true }));
  };
  const asked = search.get("second_factor");
  return (
    <Container size={420} py="xl">
      <Stack>
        <Title order={1}>{texts.auth.signIn}</Title>
        {refused && (
          <Alert color="yellow" role="alert">
            {texts.auth.refused[refused] ?? texts.auth.refusedOther(refused)}
          </Alert>
        )}
        {asked ? (
          <Factor
            ask={() => must(api.POST("/v1/auth/sign-in/second-factor/options"))}
            send={async (body) => {
              await must(api.POST("/v1/auth/sign-in/second-factor", { body }));
              done();
            }}
          />
        ) : (
          <>
            <Credentials done={done} />
            <Passkey
              ask={() => must(api.POST("/v1/auth/sign-in/passkey/options"))}
              send={async (body) => {
                await must(api.POST("/v1/auth/sign-in/passkey", { body }));
                done();
              }}
            />
            <ByProvider then={then} />
          </>
        )}
        <Text size="sm">
          {texts.auth.noAccount} <Link to="/sign-up">{texts.auth.signUp}</Link>
        </Text>
        <Text size="sm">
          <Link to="/reset">{texts.auth.forgot}</Link>
        </Text>
      </Stack>
    </Container>
  );
}

export function ByProvider({ then }: { then: string }) {
  const known = useQuery(providers);
  const started = useMutation({
    mutationFn: (provider: string) =>
      must(
        api.POST("/v1/auth/providers/{provider}/start", {
          params: { path: { provider } },
          body: { return_to: then },
        }),
      ),
    onSuccess: ({ url }) => {
      window.location.assign(url);
    },
  });
  if (!known.data?.data.length) return null;
  return (
    <Stack>
      <Divider label={texts.auth.or} />
      {known.data.data.map(({ id, name }) => (
        <Button
          key={id}
          variant="default"
          loading={started.isPending && started.variables === id}
          onClick={() => {
            started.mutate(id);
          }}
        >
          {texts.auth.with(name)}
        </Button>
      ))}
      <Told error={started.error} />
    </Stack>
  );
}
