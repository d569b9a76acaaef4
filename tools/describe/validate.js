// Holds a description against its standard: node validate.js openapi|asyncapi FILE
//
// Prints each problem in a line of its own. Exit status 1 if there is any, 2 for wrong usage.
import { readFile } from "node:fs/promises";
import { Parser } from "@asyncapi/parser";
import { Validator } from "@seriousme/openapi-schema-validator";

// Not a problem: the document is of the version that it is meant to be.
const fine = new Set(["asyncapi-latest-version"]);

const checks = {
  async openapi(text) {
    const validator = new Validator();
    const { valid, errors } = await validator.validate(JSON.parse(text));
    if (valid) {
      validator.resolveRefs(); // throws where one leads nowhere
      return [];
    }
    return typeof errors === "string" ? [errors] : errors.map((e) => `${e.instancePath}: ${e.message}`);
  },
  async asyncapi(text) {
    const problems = await new Parser().validate(text);
    return problems.filter((p) => !fine.has(p.code)).map((p) => `${p.path.join("/")}: ${p.message} (${p.code})`);
  },
};

const [kind, file] = process.argv.slice(2);
if (!Object.hasOwn(checks, kind ?? "") || file === undefined) {
  console.error("usage: node validate.js openapi|asyncapi FILE");
  process.exit(2);
}
let problems;
try {
  problems = await checks[kind](await readFile(file, "utf8"));
} catch (err) {
  problems = [err.message];
}
for (const problem of problems) console.log(problem);
process.exitCode = problems.length > 0 ? 1 : 0;
