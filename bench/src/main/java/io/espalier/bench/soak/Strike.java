package io.espalier.bench.soak;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * One blow.
 *
 * @param which among the processes of the kind, modulo their number
 * @param after pause since the blow before
 */
record Strike(Kind kind, int which, Duration after) {
    private static final int SHORTEST_PAUSE_MILLIS = 1_000;
    private static final int LONGEST_PAUSE_MILLIS = 4_000;

    /** What can be done to a stack, each as likely as its weight says. */
    enum Kind {
        WORKER_KILLED(30, "worker, kill -9"), WORKER_STALLED(14, "worker, SIGSTOP for two leases"), WORKER_DRAINED(10,
                "worker, SIGTERM"), COORDINATOR_KILLED(12, "coordinator, kill -9"), COORDINATOR_STALLED(4,
                        "coordinator, SIGSTOP past its session"), BROKER_KILLED(8, "broker, kill -9"), BROKER_RESTARTED(
                                6, "broker, SIGTERM"), NETWORK_SLOW(6, "network, 60 ms late for 5 s"), NETWORK_CUT(4,
                                        "network, every connection cut"), DISK_FULL(6, "disk full for 3 s");

        private final int weight;
        private final String label;

        Kind(int weight, String label) {
            this.weight = weight;
            this.label = label;
        }

        String label() {
            return label;
        }

        boolean hitsWorker() {
            return this == WORKER_KILLED || this == WORKER_STALLED || this == WORKER_DRAINED;
        }
    }

    /** The same seed gives the same blows. */
    static List<Strike> plan(long seed, int count) {
        var random = new Random(seed);
        List<Strike> strikes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            strikes.add(new Strike(draw(random), random.nextInt(Integer.MAX_VALUE), Duration.ofMillis(random.nextInt(
                    SHORTEST_PAUSE_MILLIS, LONGEST_PAUSE_MILLIS))));
        }
        return strikes;
    }

    private static Kind draw(Random random) {
        int all = 0;
        for (Kind kind : Kind.values()) {
            all += kind.weight;
        }
        int left = random.nextInt(all);
        for (Kind kind : Kind.values()) {
            left -= kind.weight;
            if (left < 0) {
                return kind;
            }
        }
        throw new AssertionError("the weights do not add up");
    }
}
