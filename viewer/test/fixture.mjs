// Builds runs in the format "drydock-run" for tests: small ones event by event, and large ones.
import { readFileSync } from "node:fs";

/**
 * @param {string} name
 * @returns {any} a real run, as drydock-sim view --format json has written it
 */
export const realRun = (name) =>
    JSON.parse(readFileSync(new URL(`./runs/${name}.json`, import.meta.url), "utf8"));

/** @param {string | Uint8Array} data */
export const base64 = (data) => Buffer.from(data).toString("base64");

export class RunBuilder {
    constructor() {
        /** @type {any[]} */
        this.events = [];
        /** @type {any[]} */
        this.operations = [];
        /** @type {any[]} */
        this.transfers = [];
        this.time = 0;
        this.step = 0;
        this.choices = 0;
        /** @type {any} */
        this.verdict = { passed: true, property: "", sentence: "", events: [] };
    }

    /** @param {string} kind @param {any} [fields] @returns {number} the id */
    event(kind, fields = {}) {
        const id = this.events.length + 1;
        this.events.push({ id, time_ns: this.time, kind, step: this.step, ...fields });
        return id;
    }

    /** @param {string} label @param {number} value @param {number} [options] */
    choice(label, value, options = 2) {
        return this.event("choice", { choice: this.choices++, label, value, options });
    }

    /** @param {string} operation @param {any} [fields] @returns {number} the start */
    start(operation, fields = {}) {
        const start = this.operations.length + 1;
        const started = this.event("started", { operation, start, size: 0, place: 0, ...fields });
        this.operations.push({ start, started });
        return start;
    }

    /** @param {number} start @param {any} [fields] @returns {number} the id */
    complete(start, fields = {}) {
        this.step++;
        const operation = this.operations[start - 1];
        const {
            operation: kind,
            size,
            connection,
            end,
            place,
        } = this.events[operation.started - 1];
        operation.completed = this.event("completed", {
            operation: kind,
            start,
            size,
            connection,
            end,
            place,
            error: "ok",
            bytes: 0,
            digest: "0".repeat(16),
            ...fields,
        });
        return operation.completed;
    }

    /** @param {string} property @param {string} sentence @param {number[]} ids */
    fail(property, sentence, ids) {
        const id = this.event("verdict", { property, sentence, in_step: true });
        this.verdict = { passed: false, property, sentence, events: [...ids, id] };
    }

    /** @returns {any} */
    json() {
        return {
            format: "drydock-run",
            version: 1,
            scenario: "test",
            verdict: this.verdict,
            events: this.events,
            options: "",
            operations: this.operations,
            transfers: this.transfers,
            places: [
                { file: "server/echo.cpp", line: 7, column: 1, function: "serve()" },
                { file: "sim/peers.cpp", line: 252, column: 1, function: "judge()" },
            ],
            sources: [
                { file: "server/echo.cpp", first: 5, lines: ["five", "six", "seven <b>", "eight"] },
            ],
            left_out: { events: 0, payload: 0 },
        };
    }
}

const client = { connection: 1, end: "connecting" };
const server = { connection: 1, end: "accepted" };

/**
 * A client sends, the server receives: the events of one round on a connection.
 * @param {RunBuilder} run @param {number} connection @param {number} position @param {string | Uint8Array} data
 */
export function exchange(run, connection, position, data) {
    const size = Buffer.from(data).length;
    const payload = base64(data);
    const moved = { size, position: position + size, payload };
    const receive = run.start("receive", { ...server, connection, size: Math.max(64, size) });
    const send = run.start("send", { ...client, connection, size });
    const sent = run.event("bytes_sent", { ...client, connection, ...moved });
    run.time += 1000;
    const arrived = run.event("bytes_arrived", { ...server, connection, ...moved });
    run.complete(send, { bytes: size });
    const received = run.complete(receive, { bytes: size, position: position + size, payload });
    run.transfers.push({
        connection,
        from: "connecting",
        first: position,
        last: position + size,
        sent,
        arrived,
        received,
    });
    return { send, receive, sent, arrived, received };
}

/**
 * A run of about so many events, on several connections, that fails at its end.
 * @param {number} events @returns {any}
 */
export function largeRun(events) {
    const run = new RunBuilder();
    const connections = 4;
    const positions = new Array(connections + 1).fill(0);
    for (let c = 1; c <= connections; c++) {
        run.event("identified", { ...client, connection: c, role: "client", number: c });
    }
    const accept = run.start("accept");
    let last = 0;
    for (let i = 0; run.events.length < events - 10; i++) {
        const connection = 1 + (i % connections);
        if (i % 7 === 0) run.choice("completion: overtakes", i % 3, 4);
        last = exchange(run, connection, positions[connection], `line ${i}\n`).received;
        positions[connection] += `line ${i}\n`.length;
    }
    run.fail("echo-prefix", "client 1 got something else", [last, accept + 5]);
    return run.json();
}
