import { ActionIcon, Input as Wrapper, NumberInput, Select, Slider, Stack, Switch, Textarea,
  TextInput } from "@mantine/core";
import { IconDice5 } from "@tabler/icons-react";

import { texts } from "../texts";
import { FileField } from "./FileField";
import { MaskField } from "./MaskField";
import { type Field, type Input, lowest, readable, type Schema, stepOf } from "./schema";
import type { Given } from "./upload";

interface Props {
  fields: Field[];
  values: Input;
  files: Record<string, Given>;
  change: (name: string, value: unknown) => void;
  give: (name: string, given: Given) => void;
}

export function SchemaForm({ fields, values, files, change, give }: Props) {
  return (
    <Stack>
      {fields.map((field) => {
        const set = (value: unknown) => {
          change(field.name, value);
        };
        if (field.kind === "file")
          return (
            <FileField
              key={field.name}
              field={field}
              given={files[field.name]}
              onGiven={(given) => {
                give(field.name, given);
              }}
            />
          );
        if (field.kind === "mask")
          return (
            <MaskField key={field.name} field={field} picture={files.image} onMask={set} />
          );
        return <Control key={field.name} field={field} value={values[field.name]} set={set} />;
      })}
    </Stack>
  );
}

function Control({ field, value, set }: {
  field: Field;
  value: unknown;
  set: (value: unknown) => void;
}) {
  const { kind, schema } = field;
  const told = {
    label: readable(field.name),
    description: schema.description,
    required: field.required,
  };
  const text = typeof value === "string" ? value : "";
  switch (kind) {
    case "choice":
      return (
        <Select
          {...told}
          data={(schema.enum ?? []).map(String)}
          value={value === undefined ? null : String(value)}
          onChange={(chosen) => {
            set(schema.enum?.find((each) => String(each) === chosen));
          }}
        />
      );
    case "flag":
      return (
        <Switch
          {...told}
          checked={value === true}
          onChange={(event) => {
            set(event.currentTarget.checked);
          }}
        />
      );
    case "slider":
      return <Numbers told={told} schema={schema} value={value} set={set} />;
    case "seed":
    case "number":
      return (
        <NumberInput
          {...told}
          min={schema.minimum}
          max={schema.maximum}
          allowDecimal={schema.type !== "integer"}
          placeholder={kind === "seed" ? texts.play.randomSeed : undefined}
          value={typeof value === "number" ? value : ""}
          onChange={(number) => {
            set(typeof number === "number" ? number : undefined);
          }}
          rightSection={
            kind === "seed" && (
              <ActionIcon
                variant="subtle"
                aria-label={texts.play.dice}
                onClick={() => {
                  set(Math.floor(Math.random() * 1_000_000));
                }}
              >
                <IconDice5 size={18} />
              </ActionIcon>
            )
          }
        />
      );
    case "text":
      return (
        <TextInput
          {...told}
          value={text}
          maxLength={schema.maxLength}
          onChange={(event) => {
            set(event.currentTarget.value);
          }}
        />
      );
    default:
      return (
        <Textarea
          {...told}
          description={kind === "lines" ? `${schema.description ?? ""} ${texts.play.lines}` : told.description}
          autosize
          minRows={2}
          maxRows={10}
          maxLength={schema.maxLength}
          value={Array.isArray(value) ? value.join("\n") : text}
          onChange={(event) => {
            set(event.currentTarget.value);
          }}
        />
      );
  }
}

function Numbers({ told, schema, value, set }: {
  told: { label: string; description?: string; required: boolean };
  schema: Schema;
  value: unknown;
  set: (value: unknown) => void;
}) {
  const [least, most] = [lowest(schema) ?? 0, schema.maximum ?? 0];
  const shown = typeof value === "number" ? value : least;
  return (
    <Wrapper.Wrapper {...told} labelElement="div">
      <Stack gap={4} mt={4}>
        <NumberInput
          aria-label={told.label}
          size="xs"
          w={110}
          min={least}
          max={most}
          step={stepOf(schema)}
          allowDecimal={schema.type !== "integer"}
          value={typeof value === "number" ? value : ""}
          onChange={(number) => {
            set(typeof number === "number" ? number : undefined);
          }}
        />
        <Slider
          thumbLabel={told.label}
          min={least}
          max={most}
          step={stepOf(schema)}
          value={shown}
          onChange={set}
          label={null}
        />
      </Stack>
    </Wrapper.Wrapper>
  );
}
