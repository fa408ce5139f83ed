// The entry of the bundle. A page that holds a run in <script id="drydock-run"> is shown at once; a
// host page calls drydockViewer.mountRun().
import { h } from "./dom.js";
import { mountRun } from "./mount.js";

export { mountRun };

function start() {
    const data = document.getElementById("drydock-run");
    if (data === null) return;
    document.body.classList.add("dv-page");
    const element =
        document.getElementById("view") ?? document.body.appendChild(h("main", { id: "view" }));
    try {
        mountRun(element, JSON.parse(data.textContent ?? ""));
        // The page says the verdict without scripts, too: once is enough.
        const still = document.getElementById("verdict");
        if (still !== null) still.hidden = true;
    } catch (error) {
        element.append(
            h(
                "p",
                { role: "alert" },
                `The run cannot be shown: ${/** @type {Error} */ (error).message}`,
            ),
        );
    }
}

if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
else start();
