// The unmodified openai client of npm: `node openai_client.mjs BASE_URL KEY`. It asks each door once and
// prints what it understood, as one line of JSON.
import OpenAI, { toFile } from "openai";

const [baseURL, apiKey] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey, maxRetries: 0, timeout: 60_000 });
const SENTENCE = "Good morning. The gate is open, and the water is rising slowly.";

async function refusal(ask) {
  try {
    await ask();
  } catch (error) {
    return { kind: error.constructor.name, status: error.status, code: error.code, param: error.param };
  }
  return null;
}

const chat = await client.chat.completions.create({
  model: "smollm2-135m",
  messages: [{ role: "user", content: "Say hello." }],
  max_tokens: 8,
});
const embeddings = await client.embeddings.create({ model: "e5-small", input: ["query: a", "passage: b"] });
const models = [];
for await (const model of client.models.list()) models.push(model.id);

const { data: spoken, response } = await client.audio.speech
  .create({ model: "joe-piper", input: SENTENCE, voice: "joe", response_format: "mp3" })
  .withResponse();
const sound = Buffer.from(await spoken.arrayBuffer());
const transcript = await client.audio.transcriptions.create({
  model: "whisper-tiny-en",
  file: await toFile(sound, "speech.mp3"),
  response_format: "verbose_json",
  timestamp_granularities: ["word"],
});
const png = Buffer.from(process.env.PICTURE, "base64");
const painted = await client.images.edit({
  model: "style-lite",
  image: await toFile(png, "a.png", { type: "image/png" }),
  prompt: "mosaic",
  response_format: "b64_json",
});
const moderation = await client.moderations.create({ input: "The tower is 300 m tall." });

console.log(
  JSON.stringify({
    chat: chat.choices[0].message.content,
    tokens: chat.usage.total_tokens,
    vectors: embeddings.data.map((entry) => entry.embedding.length),
    models: models.sort(),
    sound: { type: response.headers.get("content-type"), size: sound.length, job: response.headers.get("x-sluice-job") },
    transcript: transcript.text,
    words: transcript.words.length,
    painted: painted.data[0].b64_json,
    flagged: moderation.results[0].flagged,
    refusals: {
      tools: await refusal(() =>
        client.chat.completions.create({
          model: "smollm2-135m",
          messages: [{ role: "user", content: "x" }],
          tools: [{ type: "function", function: { name: "f", parameters: {} } }],
        }),
      ),
      voice: await refusal(() => client.audio.speech.create({ model: "joe-piper", input: "x", voice: "alloy" })),
      served: await refusal(() => client.images.generate({ model: "sdxl", prompt: "A red door" })),
      key: await refusal(() => new OpenAI({ baseURL, apiKey: "sk_nobody", maxRetries: 0 }).models.list()),
    },
  }),
);
