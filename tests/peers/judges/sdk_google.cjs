// The google-genai SDK's reading of a server. Knows nothing of minillm.
"use strict";
const { call, main, reading, sdk, turns, url } = require("./jobs.cjs");
const { GoogleGenAI } = sdk("@google/genai");

const client = new GoogleGenAI({ apiKey: "no-key-needed", httpOptions: { baseUrl: url, timeout: 60000 } });

const contents = (ask) =>
  turns(ask, {
    user: (text) => [{ role: "user", parts: [{ text }] }],
    assistant: (text) => [{ role: "model", parts: [{ text }] }],
    image: (given) => [
      { role: "user", parts: [{ text: given.text }, { inlineData: { data: given.png, mimeType: "image/png" } }] },
    ],
    calls: (calls) => [
      {
        role: "model",
        parts: calls.map((each) => ({
          functionCall: { id: each.id, name: each.name, args: JSON.parse(each.arguments) },
        })),
      },
    ],
    results: (results) => [
      {
        role: "user",
        parts: results.map((each) => ({
          functionResponse: { id: each.id, name: each.name, response: { output: each.text } },
        })),
      },
    ],
  });

const config = (ask) => ({
  systemInstruction: ask.system,
  maxOutputTokens: ask.max_tokens,
  tools: ask.tools && [
    {
      functionDeclarations: ask.tools.map((tool) => ({
        name: tool.name,
        description: tool.description,
        parametersJsonSchema: tool.parameters,
      })),
    },
  ],
  thinkingConfig: ask.effort && { thinkingLevel: ask.effort.toUpperCase(), includeThoughts: true },
  responseMimeType: ask.schema && "application/json",
  responseJsonSchema: ask.schema,
});

const countedIn = (usage) =>
  usage && {
    input: (usage.promptTokenCount ?? 0) + (usage.toolUsePromptTokenCount ?? 0),
    output: (usage.candidatesTokenCount ?? 0) + (usage.thoughtsTokenCount ?? 0),
    cached: usage.cachedContentTokenCount ?? null,
    reasoning: usage.thoughtsTokenCount ?? null,
  };

const readPart = (found, part) => {
  if (part.thought) found.reasoning += part.text ?? "";
  else if (part.text) found.text += part.text;
  else if (part.functionCall) {
    found.calls.push(call(part.functionCall.id, part.functionCall.name, part.functionCall.args));
  }
  if (part.thoughtSignature) found.seals.push(part.thoughtSignature);
};

const understood = (responses) => {
  const found = reading();
  let convenient = "";
  for (const response of responses) {
    found.usage = countedIn(response.usageMetadata) ?? found.usage;
    convenient += response.text ?? "";
    if (response.promptFeedback?.blockReason) found.finish = `blocked:${response.promptFeedback.blockReason}`;
    for (const candidate of (response.candidates ?? []).slice(0, 1)) {
      found.finish = candidate.finishReason ?? found.finish;
      found.refusal += candidate.finishMessage ?? "";
      for (const part of candidate.content?.parts ?? []) readPart(found, part);
    }
  }
  if (convenient !== found.text) found.text = `.text differs: ${convenient}`;
  return found;
};

const all = async (stream) => {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return understood(chunks);
};

const opened = (model, ask) => {
  const history = contents(ask);
  const last = history.pop();
  return [client.chats.create({ model, config: config(ask), history }), { message: last.parts }];
};

// The model's last turn as the chat would send it next, which leaves out turns it holds for broken.
const remembered = (session) => {
  const found = reading();
  const history = session.getHistory(true);
  const start = history.findLastIndex((content) => content.role !== "model") + 1;
  for (const content of history.slice(start)) for (const part of content.parts) readPart(found, part);
  return { text: found.text, calls: found.calls.map((each) => each.name) };
};

main({
  "gemini_generate_content whole": async (model, ask) =>
    understood([await client.models.generateContent({ model, contents: contents(ask), config: config(ask) })]),
  "gemini_generate_content chunks": async (model, ask) =>
    all(await client.models.generateContentStream({ model, contents: contents(ask), config: config(ask) })),
  "gemini_generate_content chat": async (model, ask) => {
    const [session, message] = opened(model, ask);
    return { ...understood([await session.sendMessage(message)]), heard: remembered(session) };
  },
  "gemini_generate_content chat_chunks": async (model, ask) => {
    const [session, message] = opened(model, ask);
    return { ...(await all(await session.sendMessageStream(message))), heard: remembered(session) };
  },
});
