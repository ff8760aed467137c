import { Button, FileButton, Input as Wrapper, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";

import { texts } from "../texts";
import { Told } from "../ui/Told";
import { type Field, readable } from "./schema";
import { type Given, upload } from "./upload";

interface Props {
  field: Field;
  given: Given | undefined;
  onGiven: (given: Given) => void;
}

/** Drop a file or choose one; it is uploaded at once. */
export function FileField({ field, given, onGiven }: Props) {
  const [over, setOver] = useState(false);
  const rule = field.schema["x-sluice-file"] ?? { content_types: [], max_bytes: 0 };
  const sent = useMutation({ mutationFn: (file: File) => upload(file, rule), onSuccess: onGiven });
  const take = (file: File | null | undefined) => {
    if (file) sent.mutate(file);
  };
  return (
    <Wrapper.Wrapper
      label={readable(field.name)}
      description={field.schema.description}
      required={field.required}
      labelElement="div"
    >
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions --
          dropping is one way of two; the button inside is the other */}
      <div
        role="group"
        aria-label={readable(field.name)}
        className="drop"
        data-over={over}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => {
          setOver(false);
        }}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          take(event.dataTransfer.files[0]);
        }}
      >
        <Stack align="center" gap="xs">
          {given?.type.startsWith("image/") && <img src={given.preview} alt={given.name} height={120} />}
          {/* eslint-disable-next-line jsx-a11y/media-has-caption -- nobody wrote captions for it */}
          {given?.type.startsWith("audio/") && <audio controls src={given.preview} />}
          <Text size="sm">{given ? given.name : texts.play.dropFile}</Text>
          <FileButton onChange={take} accept={rule.content_types.join(",")}>
            {(props) => (
              <Button {...props} variant="default" size="xs" loading={sent.isPending}>
                {given ? texts.play.change : texts.play.choose}
              </Button>
            )}
          </FileButton>
        </Stack>
      </div>
      <Told error={sent.error} />
    </Wrapper.Wrapper>
  );
}
