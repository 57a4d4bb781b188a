package io.espalier.coordinator.job;

import java.time.Duration;

/**
 * How long and how often a task is tried.
 *
 * @param limit        attempts that may come to nothing since the last checkpoint before the job fails
 * @param firstDelay   before the second attempt; doubled for each further one
 * @param longestDelay the delay grows no further
 * @param silence      how long a worker may say nothing before its attempt is given up; well above the lease, because
 *                     the broker delivers a lost worker's task again by itself
 */
public record AttemptPolicy(int limit, Duration firstDelay, Duration longestDelay, Duration silence) {
    private static final int SILENT_LEASES = 4;

    public static AttemptPolicy forLease(Duration lease) {
        return new AttemptPolicy(5, Duration.ofSeconds(1), Duration.ofMinutes(1), lease.multipliedBy(SILENT_LEASES));
    }

    /** @param failures including the one that just happened, at least 1 */
    Duration delay(int failures) {
        Duration delay = firstDelay.multipliedBy(1L << Math.min(failures - 1, 20));
        return delay.compareTo(longestDelay) < 0 ? delay : longestDelay;
    }
}
