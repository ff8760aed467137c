import { Button, Card, Code, CopyButton, Group, Stack, Tabs, Text, Title } from "@mantine/core";

import type { Input } from "../forms/schema";
import { texts } from "../texts";
import { curl, javascript, python } from "./samples";

const LANGUAGES = { curl, Python: python, JavaScript: javascript };

export function AsCode({ model, input }: { model: string; input: Input }) {
  const request = { url: window.location.origin, model, input };
  return (
    <Card withBorder>
      <Stack gap="xs">
        <Title order={2} size="h5">
          {texts.play.code}
        </Title>
        <Text size="sm">{texts.play.codeNote}</Text>
        <Tabs defaultValue="curl">
          <Tabs.List>
            {Object.keys(LANGUAGES).map((name) => (
              <Tabs.Tab key={name} value={name}>
                {name}
              </Tabs.Tab>
            ))}
          </Tabs.List>
          {Object.entries(LANGUAGES).map(([name, write]) => (
            <Tabs.Panel key={name} value={name} pt="xs">
              <Copied text={write(request)} label={name} />
            </Tabs.Panel>
          ))}
        </Tabs>
      </Stack>
    </Card>
  );
}

export function Copied({ text, label }: { text: string; label: string }) {
  return (
    <Stack gap="xs">
      {/* It scrolls, so the keyboard must reach it. */}
      <Code block tabIndex={0} role="region" aria-label={label} className="plain" mah={260}
        style={{ overflow: "auto" }}>
        {text}
      </Code>
      <Group>
        <CopyButton value={text}>
          {({ copied, copy }) => (
            <Button size="xs" variant="default" onClick={copy}>
              {copied ? texts.common.copied : texts.common.copy}
            </Button>
          )}
        </CopyButton>
      </Group>
    </Stack>
  );
}
