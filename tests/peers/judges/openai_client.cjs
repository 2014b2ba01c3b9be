// The JavaScript SDK's reading of the same server: node openai_client.cjs NPM_FOLDER BASE_URL < models.json
"use strict";
const { createRequire } = require("node:module");
const { readFileSync } = require("node:fs");

const [folder, baseURL] = process.argv.slice(2);
const OpenAI = createRequire(`${folder}/`)("openai");

const messages = [{ role: "user", content: "go" }];
const TOOLS = ["get_weather", "get_time"].map((name) => ({
  type: "function",
  function: { name, parameters: { type: "object", properties: { city: { type: "string" } } } },
}));

const offered = (model) => (model.includes("call") ? TOOLS : undefined);

const said = (completion) => {
  const choice = completion.choices[0];
  return {
    text: choice.message.content ?? "",
    refusal: choice.message.refusal ?? "",
    finish: choice.finish_reason,
    calls: (choice.message.tool_calls ?? []).map((call) => ({
      id: call.id,
      name: call.function.name,
      arguments: call.function.arguments,
    })),
    usage: completion.usage ?? null,
  };
};

const ways = {
  plain: async (client, model) => said(await client.chat.completions.create({ model, messages, tools: offered(model) })),
  chunks: async (client, model) => {
    const found = { text: "", refusal: "", finish: null, calls: [], usage: null };
    const stream = await client.chat.completions.create({
      model,
      messages,
      tools: offered(model),
      stream: true,
      stream_options: { include_usage: true },
    });
    for await (const chunk of stream) {
      found.usage = chunk.usage ?? found.usage;
      for (const choice of chunk.choices) {
        found.text += choice.delta.content ?? "";
        found.refusal += choice.delta.refusal ?? "";
        found.finish = choice.finish_reason ?? found.finish;
        for (const piece of choice.delta.tool_calls ?? []) {
          const call = (found.calls[piece.index] ??= { id: "", name: "", arguments: "" });
          call.id += piece.id ?? "";
          call.name += piece.function?.name ?? "";
          call.arguments += piece.function?.arguments ?? "";
        }
      }
    }
    return found;
  },
  helper: async (client, model) => {
    const runner = client.chat.completions.stream({
      model,
      messages,
      tools: offered(model),
      stream_options: { include_usage: true },
    });
    return said(await runner.finalChatCompletion());
  },
};

const tried = async (ask, client, model) => {
  try {
    return await ask(client, model);
  } catch (error) {
    return {
      error: error.constructor.name,
      message: error.message,
      status: error.status ?? null,
      code: error.code ?? null,
      type: error.type ?? null,
    };
  }
};

const main = async () => {
  const client = new OpenAI({ baseURL, apiKey: "no-key-needed", maxRetries: 0, timeout: 60000 });
  const report = {};
  for (const model of JSON.parse(readFileSync(0, "utf8"))) {
    report[model] = {};
    for (const [name, ask] of Object.entries(ways)) report[model][name] = await tried(ask, client, model);
  }
  process.stdout.write(JSON.stringify(report));
};

main();
