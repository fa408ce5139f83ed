"use strict";
// A table of the events of the run, or of both runs.
(function () {
    const data = JSON.parse(document.getElementById("drydock-run").textContent);
    const runs = data.format === "drydock-comparison" ? data.runs : [data];
    const common = new Set(["id", "time_ns", "kind", "step", "payload", "digest"]);
    function details(event) {
        return Object.keys(event).filter((key) => !common.has(key))
            .map((key) => key + "=" + event[key]).join(" ");
    }
    function addRow(body, event, marked) {
        const row = body.insertRow();
        if (marked.has(event.id)) row.className = "marked";
        for (const text of [event.id, event.time_ns, event.step, event.kind, details(event)]) {
            row.insertCell().textContent = String(text);
        }
    }
    for (const run of runs) {
        const table = document.createElement("table");
        const head = table.createTHead().insertRow();
        for (const title of ["event", "time (ns)", "step", "kind", "details"]) {
            const cell = document.createElement("th");
            cell.textContent = title;
            head.append(cell);
        }
        const body = table.createTBody();
        const marked = new Set(run.verdict.events);
        for (const event of run.events) addRow(body, event, marked);
        document.getElementById("view").append(table);
    }
})();
