import { Button, Group, Input as Wrapper, Slider, Text } from "@mantine/core";
import { type PointerEvent, useEffect, useRef, useState } from "react";

import { texts } from "../texts";
import { type Field, readable } from "./schema";
import type { Given } from "./upload";

interface Props {
  field: Field;
  picture: Given | undefined;
  onMask: (mask: string | undefined) => void;
}

/** Draws over the picture: what was drawn is white in the mask, the rest black. */
export function MaskField({ field, picture, onMask }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [brush, setBrush] = useState(12);
  const drawing = useRef(false);
  const size = picture && "picture" in picture.measure ? picture.measure.picture : null;
  const clear = () => {
    const at = canvas.current;
    at?.getContext("2d")?.clearRect(0, 0, at.width, at.height);
    onMask(undefined);
  };
  const reference = picture?.reference;
  const forget = useRef(onMask);
  useEffect(() => {
    forget.current = onMask;
  });
  useEffect(() => {
    if (reference) forget.current(undefined); // a mask belongs to its picture
  }, [reference]);
  const stroke = (event: PointerEvent<HTMLCanvasElement>) => {
    const at = canvas.current;
    const pen = at?.getContext("2d");
    if (!drawing.current || !at || !pen) return;
    const box = at.getBoundingClientRect();
    const scale = at.width / box.width;
    pen.fillStyle = "#fff";
    pen.beginPath();
    const [x, y] = [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
    pen.arc(x, y, (brush / 100) * at.width, 0, 2 * Math.PI);
    pen.fill();
  };
  const finish = () => {
    if (drawing.current && canvas.current) onMask(blackAndWhite(canvas.current));
    drawing.current = false;
  };
  return (
    <Wrapper.Wrapper
      label={readable(field.name)}
      description={texts.play.maskHint}
      required={field.required}
      labelElement="div"
    >
      {picture && size ? (
        <>
          <div className="mask">
            <img src={picture.preview} alt={picture.name} width={320} />
            <canvas
              ref={canvas}
              width={size.width}
              height={size.height}
              aria-label={texts.play.maskHint}
              onPointerDown={(event) => {
                drawing.current = true;
                event.currentTarget.setPointerCapture(event.pointerId);
                stroke(event);
              }}
              onPointerMove={stroke}
              onPointerUp={finish}
            />
          </div>
          <Group>
            <Text size="sm">{texts.play.brush}</Text>
            <Slider
              w={120}
              min={2}
              max={30}
              value={brush}
              onChange={setBrush}
              thumbLabel={texts.play.brush}
            />
            <Button size="xs" variant="default" onClick={clear}>
              {texts.play.maskClear}
            </Button>
          </Group>
        </>
      ) : (
        <Text size="sm">{texts.play.maskFirst}</Text>
      )}
    </Wrapper.Wrapper>
  );
}

function blackAndWhite(drawn: HTMLCanvasElement): string {
  const copy = document.createElement("canvas");
  copy.width = drawn.width;
  copy.height = drawn.height;
  const pen = copy.getContext("2d");
  if (pen) {
    pen.fillStyle = "#000";
    pen.fillRect(0, 0, copy.width, copy.height);
    pen.drawImage(drawn, 0, 0);
  }
  return copy.toDataURL("image/png");
}
