// Holds Kubernetes manifests against the schemas of their kinds: node kubernetes.js FILE… Unknown fields pass here; kubectl-validate
// (make lint) finds those too.
import { readFileSync } from "node:fs";
import * as groups from "kubernetes-models";
import { parseAllDocuments } from "yaml";

// modelOf finds the class that stands for apiVersion and kind, undefined where there is none.
function modelOf({ apiVersion = "", kind = "" }) {
  const [version, group = ""] = apiVersion.split("/").reverse();
  const name = group.replace(/[.-](.)/g, (_, letter) => letter.toUpperCase());
  return (group ? groups[name]?.[version] : groups[version])?.[kind];
}

let bad = 0;
for (const file of process.argv.slice(2)) {
  for (const document of parseAllDocuments(readFileSync(file, "utf8"))) {
    const manifest = document.toJS();
    const model = modelOf(manifest);
    try {
      if (document.errors.length > 0) throw document.errors[0];
      if (!model) throw new Error(`no such kind: ${manifest.apiVersion} ${manifest.kind}`);
      new model(manifest).validate();
    } catch (error) {
      console.error(`${file}: ${error.message}`);
      bad++;
    }
  }
}
process.exit(bad > 0 ? 1 : 0);
