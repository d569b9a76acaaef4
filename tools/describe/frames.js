// Holds frames against the AsyncAPI document: node frames.js DOCUMENT FRAMES
//
// FRAMES has a line of JSON a frame: {"side": "server" or "client", "frame": …, "refused": true if it is to fit none}.
// A frame has to fit exactly one description of its side, and may have no member that is not described.
// Prints {"problems": […], "fitted": {key: how many frames}}.
import { readFile } from "node:fs/promises";
import Ajv from "ajv";
import addFormats from "ajv-formats";

const [documentFile, framesFile] = process.argv.slice(2);
const document = JSON.parse(await readFile(documentFile, "utf8"));
const ajv = new Ajv({ allErrors: true, strict: true, strictRequired: false, allowUnionTypes: true });
addFormats(ajv);

const messages = Object.entries(document.channels.socket.messages).map(([key, message]) => ({
  key,
  side: key.split("_")[0],
  type: message.payload.properties.type?.const,
  fits: ajv.compile({ ...message.payload, additionalProperties: false }),
}));

const problems = [];
const fitted = {};

// The examples are frames like any other.
for (const [key, message] of Object.entries(document.channels.socket.messages)) {
  for (const { payload } of message.examples) check(key.split("_")[0], payload, false, key);
}
for (const line of (await readFile(framesFile, "utf8")).split("\n")) {
  if (line === "") continue;
  const { side, frame, refused } = JSON.parse(line);
  check(side, frame, refused);
}
console.log(JSON.stringify({ problems, fitted }));

function check(side, frame, refused, example) {
  const candidates = messages.filter((m) => m.side === side && m.type === frame.type);
  const fits = candidates.filter((m) => m.fits(frame));
  if (refused) {
    if (fits.length > 0) problems.push(`${fits[0].key} takes ${JSON.stringify(frame)}`);
  } else if (fits.length !== 1 || (example !== undefined && fits[0].key !== example)) {
    const why = candidates.map((m) => `${m.key}: ${ajv.errorsText(m.fits.errors)}`).join("; ") || "nothing describes it";
    problems.push(`${side}: ${JSON.stringify(frame)} fits ${fits.length}: ${why}`);
  } else if (example === undefined) {
    fitted[fits[0].key] = (fitted[fits[0].key] ?? 0) + 1;
  }
}
