#!/usr/bin/env bash
# Submits a farm to Slurm as an array, and the merge that runs once all of its tasks have succeeded.
#
#     packaging/slurm/submit.sh TASKS SCENARIO [OPTION...]
#     packaging/slurm/submit.sh 8 echo --seeds 100000
#
# TASKS is the number of tasks, which is the number of shards; the rest are arguments of `drydock-sim farm`.
# Options for sbatch, such as a partition, are taken from its variables (SBATCH_PARTITION, SBATCH_ACCOUNT).
# If a task fails for good, Slurm removes the merge (--kill-on-invalid-dep). Prints the array's job, the
# merge's job and the folder of the results, on one line.
#
# Exit status: that of sbatch; 2, wrong usage.
set -euo pipefail

if (($# < 2)) || ! [[ $1 =~ ^[1-9][0-9]*$ ]]; then
    echo "usage: submit.sh TASKS SCENARIO [OPTION...]" >&2
    exit 2
fi
tasks=$1
shift
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
farm=$(sbatch --parsable --array="1-$tasks" "$here/farm.sbatch" "$@")
farm=${farm%%;*} # a federated cluster adds its name
results=${DRYDOCK_RESULTS:-$PWD/drydock-farm-$farm}
merge=$(sbatch --parsable --dependency="afterok:$farm" --kill-on-invalid-dep=yes "$here/merge.sbatch" "$results")
echo "$farm ${merge%%;*} $results"
