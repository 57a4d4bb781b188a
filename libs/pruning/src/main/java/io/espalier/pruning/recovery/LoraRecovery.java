package io.espalier.pruning.recovery;

import ai.djl.ndarray.NDManager;
import io.espalier.model.forward.Model;
import io.espalier.pruning.method.Compute;
import io.espalier.pruning.recovery.data.BatchOrder;
import io.espalier.pruning.recovery.data.TrainingData;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Recovers a model: trains adapters, merges the best into the weights, and judges what was written by the examples held
 * out. The result is only accepted where it beats the model it came from.
 *
 * @param model   a checkpoint folder
 * @param compute its scratch folder also takes checkpoints while they are written
 */
public record LoraRecovery(Path model, TrainingData data, LoraSettings settings, Compute compute) {
    private static final Logger LOG = LoggerFactory.getLogger(LoraRecovery.class);

    /**
     * @param output     receives the recovered model; empty. What stands in it is of use only where the result is accepted
     * @param checkpoint where an earlier run had stopped
     */
    public RecoveryResult run(Path output, Optional<Path> checkpoint, TrainingWatch watch)
            throws IOException, InterruptedException {
        TrainingProgress progress;
        long trained;
        try (Model base = compute.open(model); NDManager scope = base.newScope()) {
            var state = new TrainingState(Adapters.create(scope, base.config(), settings), data.digest());
            resume(state, checkpoint);
            var dropout = new Dropout(settings.dropout(), settings.seed());
            var adapted = new AdaptedModel(compute.streamer(base), state.adapters(), dropout);
            new LoraTraining(adapted, state, data, settings, watch, compute.scratch()).run();
            progress = state.progress();
            trained = state.adapters().size();
            if (progress.bestStep() > 0 || data.validation().isEmpty()) {
                new MergedCheckpoint(base, state.adapters()).write(output,
                        () -> watch.progress(1, "merging the adapters into the weights"));
            }
        }
        return judge(output, progress, trained, watch);
    }

    private void resume(TrainingState state, Optional<Path> checkpoint) throws IOException {
        if (checkpoint.isEmpty()) {
            return;
        }
        if (state.restore(checkpoint.get())) {
            LOG.atInfo().addKeyValue("step", state.progress().step()).log("recovery goes on from a checkpoint");
        } else {
            LOG.warn("the checkpoint belongs to other training data: recovery starts anew");
        }
    }

    private RecoveryResult judge(Path output, TrainingProgress progress, long trained, TrainingWatch watch)
            throws IOException, InterruptedException {
        boolean judged = !data.validation().isEmpty();
        Double after = null;
        if (judged) {
            after = progress.bestStep() == 0 ? progress.best() : loss(output, watch);
        }
        boolean accepted = !judged || after < progress.before();
        return new RecoveryResult(accepted, judged ? progress.before() : null, after, progress.bestStep(),
                progress.step(), trained, data.train().size(), data.validation().size(), data.dropped(),
                progress.losses());
    }

    /** Validation loss of a written model. */
    private double loss(Path folder, TrainingWatch watch) throws InterruptedException {
        try (Model merged = compute.open(folder)) {
            var micros = BatchOrder.split(data.validation(), settings.microBatch());
            var plain = new AdaptedModel(compute.streamer(merged), Adapters.none(merged.config()), Dropout.NONE);
            return plain.meanLoss(micros, () -> watch.progress(1, "validating the merged model"));
        }
    }
}
