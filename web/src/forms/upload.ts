import { api, must, pressed } from "../api/client";
import { Problem } from "../api/problem";
import type { Schemas } from "../api/client";
import { texts } from "../texts";
import type { FileRule } from "./schema";

export interface Given {
  reference: string;
  name: string;
  preview: string;
  type: string;
  measure: Measure;
}

export type Measure =
  | { picture: { width: number; height: number } }
  | { audio: { duration_ms: number } };

/** Checks a file, measures it, uploads it. Raises Problem. */
export async function upload(file: File, rule: FileRule): Promise<Given> {
  const type = file.type === "audio/x-wav" ? "audio/wav" : file.type;
  if (!rule.content_types.includes(type))
    throw refused(texts.play.wrongType(rule.content_types.join(", ")));
  if (file.size > rule.max_bytes)
    throw refused(texts.play.tooLarge((rule.max_bytes / 1e6).toFixed(0)));
  const preview = URL.createObjectURL(file);
  const measure = await measured(file, preview);
  const bytes = await file.arrayBuffer();
  const body = {
    content_type: type as Schemas["UploadRequest"]["content_type"],
    size_bytes: file.size,
    sha256: hex(await crypto.subtle.digest("SHA-256", bytes)),
  };
  const params = { header: pressed() };
  const announced = await must(api.POST("/v1/inference/uploads", { body, params }));
  const form = new FormData();
  for (const [name, value] of Object.entries(announced.fields)) form.append(name, value);
  form.append("file", new Blob([bytes], { type }));
  const posted = await fetch(announced.url, { method: "POST", body: form }).catch(() => null);
  if (!posted?.ok) throw refused(texts.play.uploadFailed);
  return { reference: announced.reference, name: file.name, preview, type, measure };
}

const refused = (detail: string) => new Problem(422, "file", detail);

const hex = (bytes: ArrayBuffer) =>
  Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");

async function measured(file: File, preview: string): Promise<Measure> {
  try {
    if (file.type.startsWith("image/")) {
      const { width, height } = await createImageBitmap(file);
      return { picture: { width, height } };
    }
    return { audio: { duration_ms: await duration(preview) } };
  } catch {
    throw refused(texts.play.unreadable);
  }
}

function duration(preview: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const audio = new Audio(preview);
    audio.onloadedmetadata = () => {
      resolve(Math.max(1, Math.ceil(audio.duration * 1000)));
    };
    audio.onerror = () => {
      reject(new Error("no sound"));
    };
  });
}
