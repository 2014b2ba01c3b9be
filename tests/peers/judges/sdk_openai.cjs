// The openai SDK's reading of a server. Knows nothing of minillm.
"use strict";
const { call, joined, main, reading, sdk, turns, url } = require("./jobs.cjs");
const OpenAI = sdk("openai");

const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: "no-key-needed", maxRetries: 0, timeout: 60000 });
const schemaFormat = (ask) => ({ name: "weather", schema: ask.schema, strict: true });
const dataURL = (given) => `data:image/png;base64,${given.png}`;

// Chat Completions

const chatAsk = (ask) => {
  const spell = {
    user: (text) => [{ role: "user", content: text }],
    assistant: (text) => [{ role: "assistant", content: text }],
    image: (given) => [
      {
        role: "user",
        content: [
          { type: "text", text: given.text },
          { type: "image_url", image_url: { url: dataURL(given) } },
        ],
      },
    ],
    calls: (calls) => [
      {
        role: "assistant",
        tool_calls: calls.map((each) => ({
          id: each.id,
          type: "function",
          function: { name: each.name, arguments: each.arguments },
        })),
      },
    ],
    results: (results) => results.map((each) => ({ role: "tool", tool_call_id: each.id, content: each.text })),
  };
  return {
    messages: [{ role: "system", content: ask.system }, ...turns(ask, spell)],
    tools: ask.tools?.map((tool) => ({ type: "function", function: { ...tool, strict: true } })),
    max_completion_tokens: ask.max_tokens,
    reasoning_effort: ask.effort,
    response_format: ask.schema && { type: "json_schema", json_schema: schemaFormat(ask) },
  };
};

const chatUsage = (usage) =>
  usage && {
    input: usage.prompt_tokens,
    output: usage.completion_tokens,
    cached: usage.prompt_tokens_details?.cached_tokens ?? null,
    reasoning: usage.completion_tokens_details?.reasoning_tokens ?? null,
  };

const chatSaid = (completion) => {
  const { message, finish_reason } = completion.choices[0];
  return reading({
    text: message.content ?? "",
    refusal: message.refusal ?? "",
    reasoning: message.reasoning_content ?? "",
    calls: (message.tool_calls ?? []).map((each) =>
      each.type === "custom"
        ? call(each.id, each.custom.name, { input: each.custom.input })
        : call(each.id, each.function.name, each.function.arguments),
    ),
    sources: (message.annotations ?? []).map((each) => each.url_citation.url),
    finish: finish_reason,
    usage: chatUsage(completion.usage) ?? null,
  });
};

const counted = { stream: true, stream_options: { include_usage: true } };

const chatChunks = async (model, ask) => {
  const found = reading();
  const calls = [];
  for await (const chunk of await client.chat.completions.create({ model, ...chatAsk(ask), ...counted })) {
    found.usage = chatUsage(chunk.usage) ?? found.usage;
    for (const choice of chunk.choices.slice(0, 1)) {
      found.text += choice.delta.content ?? "";
      found.refusal += choice.delta.refusal ?? "";
      found.reasoning += choice.delta.reasoning_content ?? "";
      found.sources.push(...(choice.delta.annotations ?? []).map((each) => each.url_citation.url));
      found.finish = choice.finish_reason ?? found.finish;
      for (const piece of choice.delta.tool_calls ?? []) {
        const known = (calls[piece.index] ??= { id: "", name: "", arguments: "" });
        known.id += piece.id ?? "";
        known.name += piece.function?.name ?? "";
        known.arguments += piece.function?.arguments ?? "";
      }
    }
  }
  found.calls = calls.map((each) => call(each.id, each.name, each.arguments));
  return found;
};

const chatHelper = async (model, ask) => {
  const runner = client.chat.completions.stream({ model, ...chatAsk(ask), stream_options: { include_usage: true } });
  const heard = { text: "", refusal: "", arguments: "" };
  runner.on("content", (delta) => (heard.text += delta));
  runner.on("refusal.delta", (event) => (heard.refusal += event.delta));
  runner.on("tool_calls.function.arguments.delta", (event) => (heard.arguments += event.arguments_delta));
  return { ...chatSaid(await runner.finalChatCompletion()), heard };
};

// Responses

const responsesAsk = (ask) => {
  const spell = {
    user: (text) => [{ role: "user", content: text }],
    assistant: (text) => [{ role: "assistant", content: text }],
    image: (given) => [
      {
        role: "user",
        content: [
          { type: "input_text", text: given.text },
          { type: "input_image", detail: "auto", image_url: dataURL(given) },
        ],
      },
    ],
    calls: (calls) =>
      calls.map((each) => ({ type: "function_call", call_id: each.id, name: each.name, arguments: each.arguments })),
    results: (results) =>
      results.map((each) => ({ type: "function_call_output", call_id: each.id, output: each.text })),
  };
  return {
    instructions: ask.system,
    input: turns(ask, spell),
    tools: ask.tools?.map((tool) => ({ type: "function", ...tool, strict: true })),
    max_output_tokens: ask.max_tokens,
    reasoning: ask.effort && { effort: ask.effort, summary: "auto" },
    include: ask.effort && ["reasoning.encrypted_content"],
    text: ask.schema && { format: { type: "json_schema", ...schemaFormat(ask) } },
  };
};

const responsesSaid = (response) => {
  const found = reading({ finish: response.status });
  if (response.incomplete_details) found.finish += `:${response.incomplete_details.reason}`;
  for (const item of response.output) {
    if (item.type === "message") {
      for (const part of item.content) {
        if (part.type === "output_text") {
          found.text += part.text;
          found.sources.push(...part.annotations.filter((each) => each.type === "url_citation").map((each) => each.url));
        } else found.refusal += part.refusal;
      }
    } else if (item.type === "function_call") {
      found.calls.push(call(item.call_id, item.name, item.arguments));
    } else if (item.type === "custom_tool_call") {
      found.calls.push(call(item.call_id, item.name, { input: item.input }));
    } else if (item.type === "reasoning") {
      const shown = item.content?.length ? item.content : item.summary;
      found.reasoning = joined(found.reasoning, ...shown.map((part) => part.text));
      if (item.encrypted_content) found.seals.push(item.encrypted_content);
    }
  }
  if (found.text !== response.output_text) found.text = `output_text differs: ${response.output_text}`;
  if (response.usage) {
    found.usage = {
      input: response.usage.input_tokens,
      output: response.usage.output_tokens,
      cached: response.usage.input_tokens_details?.cached_tokens ?? null,
      reasoning: response.usage.output_tokens_details?.reasoning_tokens ?? null,
    };
  }
  return found;
};

const ear = () => ({ heard: { text: "", refusal: "", arguments: "" }, last: null, flat: false });
const hear = (ears, event) => {
  if (event.type === "response.output_text.delta") ears.heard.text += event.delta;
  else if (event.type === "response.refusal.delta") ears.heard.refusal += event.delta;
  else if (event.type === "response.function_call_arguments.delta") ears.heard.arguments += event.delta;
  else if (event.type === "error") ears.flat = true;
  else if (["response.completed", "response.incomplete", "response.failed"].includes(event.type)) {
    ears.last = event.response;
  }
};
const outputText = (response) =>
  response.output
    .flatMap((item) => (item.type === "message" ? item.content : []))
    .map((part) => (part.type === "output_text" ? part.text : ""))
    .join("");

const responsesChunks = async (model, ask) => {
  const ears = ear();
  for await (const event of await client.responses.create({ model, ...responsesAsk(ask), stream: true })) {
    hear(ears, event);
  }
  if (ears.flat || !ears.last) return reading({ finish: ears.flat ? "flat error event" : "no terminal event" });
  return { ...responsesSaid({ ...ears.last, output_text: outputText(ears.last) }), heard: ears.heard };
};

const responsesHelper = async (model, ask) => {
  const ears = ear();
  const stream = client.responses.stream({ model, ...responsesAsk(ask) });
  for await (const event of stream) hear(ears, event);
  const last = await stream.finalResponse();
  return { ...responsesSaid({ ...last, output_text: outputText(last) }), heard: ears.heard };
};

main({
  "openai_chat_completions whole": async (model, ask) =>
    chatSaid(await client.chat.completions.create({ model, ...chatAsk(ask) })),
  "openai_chat_completions chunks": chatChunks,
  "openai_chat_completions helper": chatHelper,
  "openai_responses whole": async (model, ask) =>
    responsesSaid(await client.responses.create({ model, ...responsesAsk(ask) })),
  "openai_responses chunks": responsesChunks,
  "openai_responses helper": responsesHelper,
});
