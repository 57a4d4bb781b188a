package io.espalier.protocol.message;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;

/**
 * How long an open job is likely to take from {@code at} on, waiting for workers included. Computed where a job is read,
 * from what stages of earlier jobs took and from how far the running ones are: it ages, so it never stands on a topic.
 *
 * @param remaining until the job has ended; null where a stage is of a kind that nothing has been measured of
 * @param stages    of the stages that are not done
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record JobEstimate(Instant at, Range remaining, List<Stage> stages) {
    public JobEstimate {
        stages = List.copyOf(stages);
    }

    /** The true value lies inside in four of five cases, if the future resembles the past. Seconds. */
    public record Range(double low, double high) {
        public Range {
            if (!(low >= 0 && high >= low)) {
                throw new IllegalArgumentException("not a range: " + low + " to " + high);
            }
        }
    }

    /**
     * One stage on its own, without waiting for workers.
     *
     * @param remaining null where nothing comparable has been measured
     * @param basis     what the estimate rests on, for people
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Stage(StageName stage, int step, Range remaining, String basis) {}
}
