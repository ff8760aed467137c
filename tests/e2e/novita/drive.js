// Novita's own JavaScript client, told nothing but where to go and who asks. Prints what it
// understood, as JSON: node drive.js URL KEY PICTURE
const { NovitaSDK, TaskStatus } = require("novita-sdk");

const POLL_MS = 500;
const MAX_POLLS = 120;
const [url, key, picture] = process.argv.slice(2);

function clientOf(secret) {
  const client = new NovitaSDK(secret);
  client.setBaseUrl(url);
  return client;
}

async function ended(client, task) {
  for (let poll = 0; poll < MAX_POLLS; poll += 1) {
    const seen = await client.progress(task);
    if ([TaskStatus.SUCCEED, TaskStatus.FAILED].includes(seen.task.status)) return seen;
    await new Promise((resume) => setTimeout(resume, POLL_MS));
  }
  throw new Error("the task has not ended");
}

async function refusal(ask) {
  try {
    await ask();
  } catch (error) {
    return { code: error.code, reason: error.reason, msg: error.msg };
  }
  return null;
}

async function main() {
  const client = clientOf(key);
  const request = { model_name: "style-lite", image_base64: picture, prompt: "neon" };
  const sampling = { width: 256, height: 256, image_num: 1, steps: 20, seed: -1 };
  const task = await client.img2Img({
    extra: { response_image_type: "webp" },
    request: { ...request, ...sampling, sampler_name: "Euler a", guidance_scale: 7.5 },
  });
  const done = await ended(client, task);
  const image = await fetch(done.images[0].image_url);
  const content = Buffer.from(await image.arrayBuffer());
  const words = { model_name: "sdxl", prompt: "a cat", ...sampling };
  return {
    status: done.task.status,
    type: done.images[0].image_type,
    header: content.subarray(8, 12).toString(),
    models: (
      await client.getModels({
        filter: { visibility: "public", types: "checkpoint", is_sdxl: false },
        pagination: { limit: 100, cursor: "c_0" },
      })
    ).models.map((model) => model.sd_name),
    missing: await refusal(() => client.progress({ task_id: "job_0000" })),
    unserved: await refusal(() => client.txt2Img({ request: words })),
    lora: await refusal(() =>
      client.img2Img({ request: { ...request, loras: [{ model_name: "l", strength: 1 }] } }),
    ),
    stranger: await refusal(() => clientOf("sk_nobody").getModels({})),
  };
}

main().then((told) => console.log(JSON.stringify(told)));
