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
        /** @type {any[]} */
        this.partitions = [];
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
            host,
        } = this.events[operation.started - 1];
        operation.completed = this.event("completed", {
            operation: kind,
            start,
            size,
            connection,
            end,
            place,
            ...(host === undefined ? {} : { host }),
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
            ...(this.partitions.length > 0 ? { partitions: this.partitions } : {}),
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

/**
 * Two hosts. The visitor sends to the store, which is killed with a receive in flight and comes back;
 * a partition parts them; the visitor's system gives its connection up. A client of the world visits
 * the store, too.
 */
export function hostsRun() {
    const run = new RunBuilder();
    const visitor = { connection: 1, end: "connecting", host: "visitor 1" };
    const store = { connection: 1, end: "accepted", host: "store" };
    run.event("host_started", { number: 1, host: "store" });
    run.event("task_joined", { task: 1, place: 0, host: "store" });
    run.event("host_started", { number: 1, host: "visitor 1" });
    run.event("socket_opened", { ...visitor, place: 0 });
    run.event("socket_opened", { ...store, place: 0 });
    run.event("identified", { connection: 2, end: "connecting", role: "client", number: 1 });
    run.event("socket_opened", { connection: 2, end: "accepted", host: "store", place: 0 });
    const send = run.start("send", { ...visitor, size: 5 });
    const moved = { size: 5, position: 5, payload: base64("hello") };
    const sent = run.event("bytes_sent", { ...visitor, ...moved });
    run.time += 1000;
    const arrived = run.event("bytes_arrived", { ...store, ...moved });
    const first = run.start("receive", { ...store, size: 64 });
    run.complete(send, { bytes: 5 });
    const received = run.complete(first, { bytes: 5, ...moved });
    run.transfers.push({
        connection: 1,
        from: "connecting",
        first: 0,
        last: 5,
        sent,
        arrived,
        received,
    });
    const cut = run.start("receive", { ...store, size: 64 });
    run.choice("host: restart", 1);
    run.event("fault", { fault: "restart" });
    run.choice("host: how it ends, and for how long", 3, 9);
    const ended = run.event("host_ended", { host: "store", text: "its program was killed" });
    /** @type {any} */ (run.operations[cut - 1]).cut = ended;
    run.choice("host: writes that are lost", 1, 3);
    run.complete(run.start("timer", { place: 1 }));
    run.event("host_started", { number: 2, host: "store" });
    run.choice("network: partition", 1);
    run.event("fault", { fault: "partition" });
    run.choice("network: which partition", 1, 9);
    const text = "store | visitor 1, both ways, for 5000 ms";
    const event = run.event("partitioned", { text });
    const until_ns = run.time + 5e9;
    const timer = run.start("timer", { host: "visitor 1" });
    run.complete(timer);
    run.time = until_ns;
    const healed = run.event("reset_arrived", { ...visitor });
    const [from, to] = [["store"], ["visitor 1"]];
    run.partitions.push({ event, from, to, both_ways: true, until_ns, healed });
    run.event("probe", { name: "visitor.gave_up", host: "visitor 1" });
    run.fail("store-answers", "visitor 1 has no answer", [received]);
    return run.json();
}
