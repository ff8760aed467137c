import { Button, Modal, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";

import { Told } from "./Told";

/** What cannot be undone is asked once more. */
export function Confirmed({ label, title, text, act }: {
  label: string;
  title: string;
  text?: string;
  act: () => Promise<unknown>;
}) {
  const [asked, setAsked] = useState(false);
  const done = useMutation({
    mutationFn: act,
    onSuccess: () => {
      setAsked(false);
    },
  });
  return (
    <>
      <Button
        size="xs"
        variant="default"
        onClick={() => {
          setAsked(true);
        }}
      >
        {label}
      </Button>
      <Modal
        opened={asked}
        onClose={() => {
          setAsked(false);
        }}
        title={title}
      >
        <Stack>
          {text && <Text>{text}</Text>}
          <Told error={done.error} />
          <Button
            color="red"
            loading={done.isPending}
            onClick={() => {
              done.mutate();
            }}
          >
            {label}
          </Button>
        </Stack>
      </Modal>
    </>
  );
}
