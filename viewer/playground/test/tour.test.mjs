// The tour in the playground: what docs/TOUR.md becomes.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { tourOf } from "../tour.mjs";

const docs = join(fileURLToPath(new URL(".", import.meta.url)), "../../../docs");
const comment = "<!-- tour: scenario=zoo/x seed=7 schedule=pictures/tour-x.schedule -->";

test("a section becomes a title, a run and plain paragraphs", () => {
    const markdown = `# A page

Some words.

## How to read it

Not a stop.

## 1. The \`first\`
<!-- tour: scenario=zoo/x clients=1 bytes=32 seed=7 schedule=pictures/tour-x.schedule -->

**Lead.** Words with \`code\`, a [link](../a.md) and
an *emphasis*; 2 * 3 * 4 stays.

1. One
   goes on.
2. Two.

\`\`\`console
$ command

output
\`\`\`

![a picture](pictures/tour-x.svg)

[a/b.cpp](../a/b.cpp), line 3:

    if (a) {
        b();

## The end

Not a stop.
`;
    assert.deepEqual(tourOf(markdown), [
        {
            number: 1,
            title: "The first",
            scenario: "zoo/x",
            settings: { clients: 1, bytes: 32 },
            seed: 7,
            schedule: "pictures/tour-x.schedule",
            paragraphs: [
                {
                    kind: "text",
                    text: "Lead. Words with code, a link and an emphasis; 2 * 3 * 4 stays.",
                },
                { kind: "item", text: "1. One goes on." },
                { kind: "item", text: "2. Two." },
                { kind: "text", text: "a/b.cpp, line 3:" },
                { kind: "code", text: "if (a) {\n    b();" },
            ],
        },
    ]);
});

test("markup of HTML stays text, to be shown as such", () => {
    const [stop] = tourOf(`## 1. T\n${comment}\n\n<b>x</b> </script>\n`);
    assert.equal(stop?.paragraphs[0]?.text, "<b>x</b> </script>");
});

test("a section that is not written as it should be is named", () => {
    const complaint = (/** @type {string} */ text) => {
        try {
            tourOf(text);
        } catch (error) {
            return /** @type {Error} */ (error).message;
        }
        return "";
    };
    assert.equal(
        complaint("## 3. T\n\nWords.\n"),
        "section 3 of the tour: its heading is not followed by <!-- tour: ... -->",
    );
    assert.equal(
        complaint("## 3. T\n<!-- tour: seed=7 schedule=s -->\n"),
        "section 3 of the tour: its comment has no scenario",
    );
    assert.equal(
        complaint("## 3. T\n<!-- tour: scenario=zoo/x seed=7 -->\n"),
        "section 3 of the tour: its comment has no schedule",
    );
    assert.equal(
        complaint("## 3. T\n<!-- tour: scenario=zoo/x schedule=s -->\n"),
        "section 3 of the tour: its comment has no seed",
    );
    assert.equal(
        complaint("## 3. T\n<!-- tour: scenario=zoo/x schedule=s seed=x -->\n"),
        "section 3 of the tour: seed should be a number",
    );
    assert.equal(
        complaint(`## 3. T\n${comment}\n\n\`\`\`console\n`),
        "section 3 of the tour: a block has no end",
    );
});

test("the page's sections are numbered, complete, and without markup", () => {
    const stops = tourOf(readFileSync(join(docs, "TOUR.md"), "utf8"));
    assert.ok(stops.length >= 19);
    const leads = ["The book's code.", "The demonstration.", "The choice", "Mended."];
    for (const [index, stop] of stops.entries()) {
        assert.equal(stop.number, index + 1);
        assert.ok(existsSync(join(docs, stop.schedule)), `${stop.schedule} should be there`);
        const schedule = readFileSync(join(docs, stop.schedule), "utf8");
        assert.ok(schedule.includes(`\nscenario ${stop.scenario}\n`), stop.title);
        for (const [name, value] of Object.entries(stop.settings)) {
            assert.ok(schedule.includes(`\nset ${name} ${value}\n`), `${stop.title}: ${name}`);
        }
        for (const lead of leads) {
            assert.ok(
                stop.paragraphs.some(({ text }) => text.startsWith(lead)),
                `${stop.title}: ${lead}`,
            );
        }
        assert.ok(
            stop.paragraphs.some(({ kind }) => kind === "item"),
            stop.title,
        );
        assert.ok(
            stop.paragraphs.some(({ kind }) => kind === "code"),
            stop.title,
        );
        for (const { kind, text } of stop.paragraphs) {
            if (kind !== "code")
                assert.doesNotMatch(text, /\*\*|`|\]\(|<!--|drydock-sim replay/, stop.title);
        }
    }
});
