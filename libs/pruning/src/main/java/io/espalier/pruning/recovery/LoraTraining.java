package io.espalier.pruning.recovery;

import io.espalier.pruning.recovery.data.BatchOrder;
import io.espalier.pruning.recovery.data.MicroBatch;
import io.espalier.pruning.recovery.data.TrainingData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The training loop. Every turn looks at where the {@link TrainingState} stands, so it makes no difference whether the
 * state was reached by this process or read from a checkpoint. A step's loss is the mean over all counted tokens of its
 * batch, however it is cut into micro-batches. Training ends early when validation stops getting better; the state ends
 * with the best adapters.
 */
final class LoraTraining {
    private final AdaptedModel model;
    private final TrainingState state;
    private final LoraSettings settings;
    private final TrainingWatch watch;
    private final Path scratch;
    private final BatchOrder order;
    private final List<MicroBatch> validation;
    private final AdamW optimizer;
    private final LearningRate rate;
    private final int steps;
    private int checkpointed;

    LoraTraining(AdaptedModel model, TrainingState state, TrainingData data, LoraSettings settings,
            TrainingWatch watch, Path scratch) {
        this.model = model;
        this.state = state;
        this.settings = settings;
        this.watch = watch;
        this.scratch = scratch;
        this.order = new BatchOrder(data.train(), settings.batch(), settings.seed());
        this.validation = BatchOrder.split(data.validation(), settings.microBatch());
        this.optimizer = new AdamW(settings.weightDecay(), settings.clip());
        this.steps = settings.steps() != null ? settings.steps() : settings.epochs() * order.stepsPerEpoch();
        this.rate = new LearningRate(settings.learningRate(), settings.warmup(), steps);
        this.checkpointed = state.progress().step();
    }

    void run() throws IOException, InterruptedException {
        while (true) {
            if (isValidationDue()) {
                state.validated(validate());
            }
            if (isOver()) {
                break;
            }
            if (step() % settings.checkpointEvery() == 0) {
                checkpoint();
            }
            train();
        }
        if (!validation.isEmpty()) {
            state.restoreBest();
        }
    }

    /** Mean loss of the held-out examples. */
    private double validate() throws InterruptedException {
        double loss = model.meanLoss(validation, this::beat);
        countTokens(validation);
        return loss;
    }

    private void train() throws InterruptedException {
        List<MicroBatch> micros = order.step(step(), settings.microBatch());
        int counted = micros.stream().mapToInt(MicroBatch::counted).sum();
        double loss = model.accumulate(micros, step(), 1.0 / counted, this::beat);
        if (!Double.isFinite(loss)) {
            throw new DivergedException("LoRA diverged: the loss of step " + (step() + 1) + " is " + loss
                    + "; a lower learningRate may help");
        }
        optimizer.step(state.adapters().parameters(), step() + 1, rate.at(step()));
        state.trained(loss);
        countTokens(micros);
    }

    private void countTokens(List<MicroBatch> micros) {
        watch.tokens(micros.stream().mapToLong(m -> (long) m.rows() * m.length()).sum());
    }

    private boolean isValidationDue() {
        boolean due = step() % settings.evaluateEvery() == 0 || step() >= steps;
        return due && !validation.isEmpty() && state.progress().validated() != step();
    }

    private boolean isOver() {
        return step() >= steps || state.progress().sinceBest() >= settings.patience();
    }

    private int step() {
        return state.progress().step();
    }

    private void beat() throws IOException, InterruptedException {
        if (watch.stopping()) {
            checkpoint();
        }
        watch.progress((double) step() / steps, line());
    }

    private String line() {
        List<LossPoint> losses = state.progress().losses();
        String loss = losses.isEmpty() || losses.getLast().train() == null
                ? ""
                : ", loss %.4f".formatted(losses.getLast().train());
        return "step " + step() + " of " + steps + loss;
    }

    /** Once per step at most: nothing that a checkpoint holds changes within one. */
    private void checkpoint() throws IOException {
        if (checkpointed == step()) {
            return;
        }
        Path folder = Files.createTempDirectory(scratch, "checkpoint");
        state.save(folder);
        watch.checkpoint(folder);
        delete(folder);
        checkpointed = step();
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }
}
