// The types that the modules share: a run as it is read, and the picture's parts. No code.

/**
 * @typedef {object} Place a place in the source of the program
 * @property {string} file
 * @property {number} line from 1; 0: not known
 * @property {string} function
 */

/**
 * @typedef {object} Choice
 * @property {number} index its position in the schedule, from 0
 * @property {number} value 0 is the benign one
 * @property {number} options how many values there were
 * @property {string} label
 * @property {string} valueText what the value means, if the run says so
 */

/**
 * @typedef {object} Event one event of a run; fields that its kind lacks have empty values
 * @property {number} id from 1
 * @property {number} time virtual, in nanoseconds
 * @property {number} step completions that came out before, this one included
 * @property {string} kind
 * @property {number} connection from 1; 0: none
 * @property {boolean} accepted the server's end of the connection
 * @property {string} operation
 * @property {number} start which start of the run, from 1; 0: none
 * @property {number} size
 * @property {string} error "ok", or the name of the error
 * @property {number} bytes of the result
 * @property {Place | null} place
 * @property {Choice | null} choice
 * @property {string} fault
 * @property {number} number of a client or a task, or which start of a host
 * @property {string} host on which it happened; empty: the world's own machine
 * @property {boolean} unsent a reset that arrived and that the other end had not sent
 * @property {number} position in the stream, behind the last of the bytes; 0: not known
 * @property {string} name
 * @property {string} text
 * @property {Uint8Array | null} data bytes that moved, or the first of them
 * @property {number} dataSize of all of them
 * @property {number} ready index of the event after which the completion could come out; -1
 * @property {number[]} overtook starts whose completions were ready earlier and came out later
 */

/**
 * @typedef {object} Operation a bar: from its start to its completion. Numbers are event indices.
 * @property {number} start
 * @property {string} kind
 * @property {number} connection
 * @property {boolean} accepted
 * @property {number} started
 * @property {number} completed -1: in flight when the run or its host ended
 * @property {number} cut the end of its host, with which it ended; -1: it did not
 * @property {string} host
 * @property {number} size
 * @property {number} bytes
 * @property {string} error
 * @property {Place | null} place
 */

/**
 * @typedef {object} Transfer bytes [first, last) that were sent, arrived and received together.
 * @property {number} connection
 * @property {boolean} fromAccepted
 * @property {number} first
 * @property {number} last
 * @property {number} sent event index
 * @property {number} arrived event index; -1: they have not arrived
 * @property {number} received event index; -1: not received
 */

/**
 * @typedef {object} Signal an end of stream or a reset, on its way
 * @property {"end" | "reset"} kind
 * @property {number} connection
 * @property {boolean} fromAccepted
 * @property {number} sent event index
 * @property {number} arrived event index; -1: it has not arrived
 */

/**
 * @typedef {object} Connection
 * @property {number} number
 * @property {string} role of its client; empty: not known
 * @property {number} client
 * @property {[string, string]} hosts of its connecting and of its accepted end
 */

/**
 * @typedef {object} Life from a start of a host to its end. Numbers are event indices.
 * @property {number} started
 * @property {number} ended -1: it was up when the run ended
 */

/**
 * @typedef {object} Host a machine of the world
 * @property {string} name
 * @property {Life[]} lives
 */

/**
 * @typedef {object} Partition nothing gets from some hosts to others
 * @property {number} event event index
 * @property {string[]} from
 * @property {string[]} to
 * @property {boolean} bothWays
 * @property {number} span for so long, in nanoseconds of virtual time, if the world does not become calm
 * @property {number} healed event index of the first event since then; -1: the run had ended
 */

/**
 * @typedef {object} Excerpt consecutive lines of a source file
 * @property {number} first number of the first line
 * @property {string[]} lines
 */

/**
 * @typedef {object} CurvePoint of the runs that share the first choices of this one
 * @property {number} choices how many of the choices they share
 * @property {number} event index of the event of the last of these; -1: none
 * @property {number} runs
 * @property {number} share that failed in the same way, from 0 to 1
 */

/**
 * @typedef {object} Model a run, and what follows from its events
 * @property {string} scenario
 * @property {string} title the scenario and the seed or file
 * @property {boolean} passed
 * @property {string} property
 * @property {string} sentence
 * @property {string} expected what the property expects
 * @property {string} see where the property is explained
 * @property {string} again the command that repeats the run
 * @property {string} options what the run chose at its beginning
 * @property {string} outcome
 * @property {number} leftOut events that the recording had no room for
 * @property {Event[]} events
 * @property {Operation[]} operations in the order of their starts
 * @property {Int32Array} operationOf for each event: its operation; -1
 * @property {Transfer[]} transfers
 * @property {Signal[]} signals
 * @property {Connection[]} connections
 * @property {Host[]} hosts in the order in which events name them
 * @property {Partition[]} partitions
 * @property {number[]} steps event indices that begin a step; the first is 0
 * @property {number[]} notBenign indices of choices with another value than 0, and of faults
 * @property {Set<number>} marked event indices that the verdict is about
 * @property {number} failure index of the event at which the run failed; -1
 * @property {Map<string, Excerpt[]>} sources by file
 * @property {CurvePoint[]} curve
 * @property {string} curveSentence
 */

/**
 * @typedef {object} Lane
 * @property {string} id
 * @property {string} group the connection's or part's id; lanes of a group fold together
 * @property {"notbenign" | "queue" | "runs" | "end" | "network" | "free" | "notes" | "curve" |
 *   "host" | "folded"} kind
 * @property {string} title
 * @property {string} note smaller text beside the title
 * @property {string} section in a run with hosts: the group of all lanes of the host; empty: none
 * @property {string} host
 * @property {number} connection
 * @property {boolean} accepted
 * @property {number} rows
 * @property {number} y
 * @property {number} height
 * @property {boolean} head the first of its group: it has the fold button
 * @property {string} groupTitle
 */

/**
 * @typedef {object} Spot where an event is in the picture
 * @property {number} x
 * @property {number} y
 * @property {number} lane index of the lane
 */

export {};
