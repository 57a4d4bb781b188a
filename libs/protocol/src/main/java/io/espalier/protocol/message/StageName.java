package io.espalier.protocol.message;

/** What a step of a job does. A job's list of stages is data: it may hold a name more than once. */
public enum StageName {
    /** Opens the checkpoint, refuses what cannot work, tokenises the calibration text. */
    PREPARE(WorkerKind.SCORING),
    /** Only for a target in time: times variants of the model. */
    TIME(WorkerKind.EVAL),
    /** Calibration statistics of units, one task per shard. */
    SCORE(WorkerKind.SCORING),
    /** Merges statistics, ranks units, writes a plan. */
    RANK(WorkerKind.SCORING),
    /** Iterative: proposes plans and lets candidates be measured until one is chosen. */
    SEARCH(WorkerKind.EVAL),
    /** Iterative: makes several plans, slices and shortly recovers each, and chooses by perplexity. */
    SELECT(WorkerKind.GPU),
    /** Applies a plan to the weights, block by block. */
    SLICE(WorkerKind.GPU),
    /** LoRA fine-tuning of the pruned model, merged at the end. */
    RECOVER(WorkerKind.GPU),
    /** Perplexity, tasks and cost of original, pruned and recovered. */
    EVALUATE(WorkerKind.EVAL),
    /** Writes the result folder. */
    REPORT(WorkerKind.GPU);

    private final WorkerKind worker;

    StageName(WorkerKind worker) {
        this.worker = worker;
    }

    /** The kind of worker that serves most tasks of this stage; a {@link Work} has the last word. */
    public WorkerKind worker() {
        return worker;
    }
}
