#!/usr/bin/env bash
# Compares the drivers of the simulator on the zoo: ci/drivers.sh [--seconds N] [--sound SEEDS] [NAME...]
#
# For each specimen (NAME, without zoo/; all without one) it prints a row of Markdown: how many runs
# a farm of plain seeds and a farm with --pct 3 need for the first failure, as medians of three hunts
# that begin at seeds 1, 1,000,001 and 2,000,001; and how long bounded explorations take to find one.
# A hunt ends after N seconds (60), an exploration after 5. With --sound, it runs so many seeds of
# each sound server with both farms, and the same explorations, and none may fail.
# DRYDOCK_SIM names the tool; build/release/drydock-sim without it. All specimens take half an hour.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

python3 - "${DRYDOCK_SIM:-build/release/drydock-sim}" "$@" <<'PYTHON'
import argparse
import json
import subprocess
import sys

parser = argparse.ArgumentParser(prog="ci/drivers.sh")
parser.add_argument("tool")
parser.add_argument("--seconds", type=int, default=60)
parser.add_argument("--sound", type=int, metavar="SEEDS")
parser.add_argument("names", nargs="*")
options = parser.parse_intermixed_args()

farms = {"plain seeds": [], "--pct 3": ["--pct", "3"]}
first_seeds = [1, 1_000_001, 2_000_001]
within = ["--strikes", "2", "--overtakings", "2"]
# What strikes in an exploration, in the order in which it is tried.
explored = ["none", "interleave", "short_send", "partial_receive", "network_reset", "accept_shortage",
            "accept_reset", "no_buffers", "cancel_loses", "restart", "partition", "clock_skew",
            "interleave,network_reset"]
# These servers, most of which serve in turns, need more clients than the others, and one message of each.
clients_of = {
    "declines-without-a-second-look": 3, "joins-the-line-after-a-look": 3, "frees-a-turn-after-a-look": 3,
    "keeps-a-turn-that-it-declines": 4, "stops-at-one-that-has-gone": 4, "pauses-after-a-look": 3,
    "sound-duplex": 3, "sound-duplex-of-two": 3, "sound-limited": 3,
}


def run(command):
    done = subprocess.run([options.tool, *command, "--json"], capture_output=True, text=True)
    if done.returncode > 1:
        sys.exit(f"ci/drivers.sh: {' '.join(command)}: {done.stderr.strip()}")
    return json.loads(done.stdout.splitlines()[-1])


def known_scenarios():
    listed = subprocess.run([options.tool, "list"], capture_output=True, text=True, check=True).stdout
    return [line.split()[0] for line in listed.splitlines() if line and line[0] != " "]


def hunt(scenario, farm, first):
    found = run(["farm", scenario, "--first", str(first), "--seeds", "100000000", "--until-failure",
                 "--no-shrink", "--time", str(options.seconds), *farm])
    return found["seeds"] if found["failures"] else None, found["seeds"]


def median_of_hunts(scenario, farm):
    hunts = [hunt(scenario, farm, first) for first in first_seeds]
    runs = sorted(found if found is not None else float("inf") for found, _ in hunts)
    median = runs[1]
    if median != float("inf"):
        return f"{median:,}"
    return f"more than {min(tried for found, tried in hunts if found is None):,}"


def size_of(name):
    return ["--clients", str(clients_of[name]), "--bytes", "1"] if name in clients_of else []


def explore(scenario, faults):
    name = scenario.removeprefix("zoo/")
    return run(["explore", scenario, "--faults", faults, *within, "--time", "5", *size_of(name)])


def first_exploration(scenario):
    spent = 0.0
    for faults in explored:
        found = explore(scenario, faults)
        spent += found["seconds"]
        if found["failures"]:
            return f"`{faults}`, {found['seconds']:.1f} s"
    return f"none in {spent:.0f} s"


def check_sound(scenario):
    for driver, farm in farms.items():
        found = run(["farm", scenario, "--seeds", str(options.sound), *farm])
        print(f"{scenario}: {driver}: {found['seeds']:,} seeds, {found['failures']} failed", flush=True)
        if found["failures"]:
            sys.exit(1)
    for faults in explored:
        found = explore(scenario, faults)
        how = "completely within the bounds" if found["complete"] else "for 5 s"
        print(f"{scenario}: explored {how}, {faults}: {found['failures']} failed", flush=True)
        if found["failures"]:
            sys.exit(1)


scenarios = known_scenarios()
chosen = {name if "/" in name or name in scenarios else "zoo/" + name for name in options.names}
if unknown := sorted(chosen - set(scenarios)):
    sys.exit(f"ci/drivers.sh: no scenario has the name {unknown[0]}")
sound = [name for name in scenarios if "/" not in name or "/sound-" in name]
if options.sound is not None:
    for scenario in sound:
        if not chosen or scenario in chosen:
            check_sound(scenario)
    sys.exit(0)
print(f"| specimen | {' | '.join(farms)} | bounded exploration |\n|---|{'---:|' * len(farms)}---|")
for scenario in scenarios:
    if scenario in sound or (chosen and scenario not in chosen):
        continue
    hunts = [median_of_hunts(scenario, farm) for farm in farms.values()]
    name = scenario.removeprefix("zoo/")
    print(f"| `{name}` | {' | '.join(hunts)} | {first_exploration(scenario)} |", flush=True)
PYTHON
