package io.espalier.cli.stack;

/**
 * A main class of another module.
 *
 * @param name       in messages and as the name of its log
 * @param module     folder below the repository root
 * @param usesEngine whether it loads PyTorch
 */
public record Program(String name, String module, String mainClass, boolean usesEngine) {
    public static final Program BROKER = new Program("broker", "libs/embedded-broker",
            "io.espalier.broker.BrokerMain", false);
    public static final Program COORDINATOR = new Program("coordinator", "coordinator",
            "io.espalier.coordinator.CoordinatorMain", false);
    public static final Program SCORING_WORKER = new Program("scoring-worker", "scoring-worker",
            "io.espalier.scoring.ScoringWorker", true);
    public static final Program GPU_WORKER = new Program("gpu-worker", "gpu-worker", "io.espalier.gpu.GpuWorker",
            true);
    public static final Program EVAL_WORKER = new Program("eval-worker", "eval-worker",
            "io.espalier.eval.EvalWorker", true);
    public static final Program CHECK = new Program("check", "scoring-worker", "io.espalier.scoring.CheckMain", true);
    public static final Program BENCH = new Program("bench", "bench", "io.espalier.bench.BenchMain", true);
}
