// What the SDKs' JavaScript readers share: node sdk_X.cjs NPM_FOLDER BASE_URL < jobs.json; see jobs.py for the forms.
"use strict";
const { createRequire } = require("node:module");
const { readFileSync } = require("node:fs");

const [folder, url] = process.argv.slice(2);

const reading = (found) => ({
  text: "",
  refusal: "",
  reasoning: "",
  seals: [],
  sources: [],
  calls: [],
  finish: null,
  usage: null,
  parsed: null,
  heard: {},
  ...found,
});

// Arguments that came as text are read, and free text is named "input".
const read = (text) => {
  try {
    return JSON.parse(text || "{}");
  } catch {
    return { input: text };
  }
};

const call = (id, name, args) => ({
  id: id ?? null,
  name,
  arguments: typeof args === "string" ? read(args) : (args ?? {}),
});

const turns = (ask, spell) =>
  ask.turns.flatMap((turn) => Object.entries(turn).flatMap(([kind, content]) => spell[kind](content)));

const joined = (...texts) => texts.filter(Boolean).join("\n\n");

const tried = async (way, job) => {
  try {
    return await way(job.model, job.ask);
  } catch (error) {
    return {
      error: error.constructor.name,
      code: error.code ?? null,
      status: error.status ?? null,
      message: String(error.message),
      retry_after: error.headers?.get?.("retry-after") ?? null,
    };
  }
};

const main = async (ways) => {
  const readings = [];
  for (const job of JSON.parse(readFileSync(0, "utf8"))) {
    readings.push(await tried(ways[`${job.wire} ${job.way}`], job));
  }
  process.stdout.write(JSON.stringify(readings));
};

module.exports = { call, joined, main, reading, sdk: createRequire(`${folder}/`), turns, url };
