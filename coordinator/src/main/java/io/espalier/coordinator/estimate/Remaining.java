package io.espalier.coordinator.estimate;

import io.espalier.protocol.message.JobSnapshot;
import io.espalier.protocol.message.JobSnapshot.StageState;
import io.espalier.protocol.message.StageName;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** What is left of one stage: by what such stages took before, and by how far it has come. */
final class Remaining {
    /** Below, how far a stage has come tells nothing: workers are still loading. */
    private static final double TELLING = 0.03;
    /** Share of a stage's time by which an extrapolation from its very beginning is off. */
    private static final double EXTRAPOLATION_SPREAD = 0.55;
    private static final double LEAST_SPREAD = 0.08;
    /** How many rounds a search takes is known only to the method. */
    private static final double SEARCH_SPREAD = 0.9;
    /** Some of a stage is always left: it has not ended. */
    private static final double ALWAYS_LEFT = 0.03;

    private Remaining() {}

    /** Busy seconds that are left; empty where nothing tells. */
    static Optional<Guess> of(JobSnapshot.Stage stage, Optional<Guess> whole, Instant at) {
        if (stage.state() != StageState.RUNNING) {
            return whole;
        }
        double spent = stage.busySeconds() + stage.running().stream().mapToDouble(attempt -> seconds(attempt
                .startedAt(), at)).sum();
        Optional<Guess> learned = whole.map(guess -> without(guess, spent));
        if (stage.progress() < TELLING || spent <= 0) {
            return learned;
        }
        Guess extrapolated = extrapolate(stage, spent);
        return Optional.of(learned.map(extrapolated::and).orElse(extrapolated));
    }

    private static Guess extrapolate(JobSnapshot.Stage stage, double spent) {
        double left = spent * Math.max(ALWAYS_LEFT, 1 - stage.progress()) / stage.progress();
        double spread = stage.stage() == StageName.SEARCH
                ? SEARCH_SPREAD
                : LEAST_SPREAD + EXTRAPOLATION_SPREAD * (1 - stage.progress());
        return Guess.of(left, spread, "its own progress");
    }

    /** What is certain about the whole makes what is left of it relatively less certain. */
    private static Guess without(Guess whole, double spent) {
        double left = Math.max(ALWAYS_LEFT * whole.median(), whole.median() - spent);
        return Guess.of(left, Math.min(1.5, whole.spread() * whole.median() / left), whole.basis());
    }

    private static double seconds(Instant from, Instant to) {
        return Math.max(0, Duration.between(from, to).toMillis() / 1000.0);
    }
}
