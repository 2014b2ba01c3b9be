// The anthropic SDK's reading of a server. Knows nothing of minillm.
"use strict";
const { call, joined, main, reading, sdk, turns, url } = require("./jobs.cjs");
const Anthropic = sdk("@anthropic-ai/sdk");
const { jsonSchemaOutputFormat } = sdk("@anthropic-ai/sdk/helpers/json-schema");

const client = new Anthropic({ baseURL: url, apiKey: "no-key-needed", maxRetries: 0, timeout: 60000 });

const spoken = (ask, typed) => {
  const spell = {
    user: (text) => [{ role: "user", content: text }],
    assistant: (text) => [{ role: "assistant", content: text }],
    image: (given) => [
      {
        role: "user",
        content: [
          { type: "text", text: given.text },
          { type: "image", source: { type: "base64", media_type: "image/png", data: given.png } },
        ],
      },
    ],
    calls: (calls) => [
      {
        role: "assistant",
        content: calls.map((each) => ({
          type: "tool_use",
          id: each.id,
          name: each.name,
          input: JSON.parse(each.arguments),
        })),
      },
    ],
    results: (results) => [
      {
        role: "user",
        content: results.map((each) => ({ type: "tool_result", tool_use_id: each.id, content: each.text })),
      },
    ],
  };
  const format = ask.schema && (typed ? jsonSchemaOutputFormat(ask.schema) : { type: "json_schema", schema: ask.schema });
  return {
    system: ask.system,
    messages: turns(ask, spell),
    max_tokens: ask.max_tokens ?? 4096,
    tools: ask.tools?.map((tool) => ({
      name: tool.name,
      description: tool.description,
      input_schema: tool.parameters,
    })),
    thinking: ask.effort && { type: "adaptive" },
    output_config: format ? { format } : ask.effort && { effort: ask.effort },
  };
};

const countedIn = (usage) => ({
  input: usage.input_tokens + (usage.cache_read_input_tokens ?? 0) + (usage.cache_creation_input_tokens ?? 0),
  output: usage.output_tokens,
  cached: usage.cache_read_input_tokens ?? null,
  reasoning: usage.output_tokens_details?.thinking_tokens ?? null,
});

const understood = (message) => {
  const found = reading({ finish: message.stop_reason, usage: countedIn(message.usage) });
  for (const block of message.content) {
    if (block.type === "text") found.text += block.text;
    else if (block.type === "tool_use") found.calls.push(call(block.id, block.name, block.input));
    else if (block.type === "thinking") {
      found.reasoning = joined(found.reasoning, block.thinking);
      if (block.signature) found.seals.push(block.signature);
    } else if (block.type === "redacted_thinking") found.seals.push(block.data);
  }
  found.refusal = (message.stop_details?.type === "refusal" && message.stop_details.explanation) || "";
  found.parsed = message.parsed_output ?? null;
  return found;
};

const chunks = async (model, ask) => {
  const found = reading();
  const calls = [];
  const usage = {};
  const count = (told) => {
    for (const [name, value] of Object.entries(told ?? {})) if (value !== null) usage[name] = value;
  };
  for await (const event of await client.messages.create({ model, stream: true, ...spoken(ask) })) {
    if (event.type === "message_start") count(event.message.usage);
    else if (event.type === "content_block_start") {
      const block = event.content_block;
      if (block.type === "tool_use") calls[event.index] = [block.id, block.name, ""];
      if (block.type === "redacted_thinking") found.seals.push(block.data);
      if (block.type === "thinking" && found.reasoning) found.reasoning += "\n\n";
    } else if (event.type === "content_block_delta") {
      const delta = event.delta;
      if (delta.type === "text_delta") found.text += delta.text;
      else if (delta.type === "thinking_delta") found.reasoning += delta.thinking;
      else if (delta.type === "signature_delta") found.seals.push(delta.signature);
      else if (delta.type === "input_json_delta" && calls[event.index]) calls[event.index][2] += delta.partial_json;
    } else if (event.type === "message_delta") {
      found.finish = event.delta.stop_reason;
      found.refusal = (event.delta.stop_details?.type === "refusal" && event.delta.stop_details.explanation) || "";
      count(event.usage);
    }
  }
  found.calls = calls.filter(Boolean).map((each) => call(...each));
  found.usage = countedIn(usage);
  return found;
};

const helper = async (model, ask) => {
  const heard = { text: "", reasoning: "", arguments: "", blocks: 0, stopped: false };
  const stream = client.messages.stream({ model, ...spoken(ask, true) });
  stream.on("text", (delta) => (heard.text += delta));
  stream.on("thinking", (delta) => (heard.reasoning += delta));
  stream.on("inputJson", (delta) => (heard.arguments += delta));
  stream.on("contentBlock", () => (heard.blocks += 1));
  stream.on("message", () => (heard.stopped = true));
  return { ...understood(await stream.finalMessage()), heard };
};

main({
  "anthropic_messages whole": async (model, ask) => understood(await client.messages.create({ model, ...spoken(ask) })),
  "anthropic_messages parse": async (model, ask) =>
    understood(await client.messages.parse({ model, ...spoken(ask, true) })),
  "anthropic_messages chunks": chunks,
  "anthropic_messages helper": helper,
});
