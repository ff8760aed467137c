import { Alert, Button, Group, Skeleton, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { Link } from "react-router";

import { Problem } from "../api/problem";
import { texts } from "../texts";

/** A refusal: what to do, and what to quote to support. */
export function Told({ error, again }: { error: unknown; again?: () => void }) {
  if (!error) return null;
  const problem = error instanceof Problem ? error : null;
  return (
    <Alert color="red" role="alert" variant="light">
      <Text size="sm">{error instanceof Error ? error.message : String(error)}</Text>
      {problem?.fields.map((field) => (
        <Text size="sm" key={field.pointer}>
          {field.pointer}: {field.message}
        </Text>
      ))}
      {problem?.retryAfterS && <Text size="sm">{texts.error.retryIn(problem.retryAfterS)}</Text>}
      <Group mt={4} gap="sm">
        {problem?.status === 402 && <Link to="/credit">{texts.error.credit}</Link>}
        {again && (
          <Button size="compact-sm" variant="default" onClick={again}>
            {texts.common.retry}
          </Button>
        )}
        {problem?.requestId && (
          <Text size="xs">
            {texts.error.request} {problem.requestId}
          </Text>
        )}
      </Group>
    </Alert>
  );
}

/** While something comes: its shape, and words for who cannot see it. */
export function Coming({ lines = 3 }: { lines?: number }) {
  return (
    <div role="status" aria-label={texts.common.loading}>
      {Array.from({ length: lines }, (_, line) => (
        <Skeleton key={line} height={18} mb="sm" />
      ))}
    </div>
  );
}

export const say = (message: string) => notifications.show({ message });
