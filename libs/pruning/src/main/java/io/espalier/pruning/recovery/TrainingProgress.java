package io.espalier.pruning.recovery;

import java.util.ArrayList;
import java.util.List;

/**
 * What a run knows besides its tensors.
 *
 * @param data      digest of the training data
 * @param step      optimizer steps done
 * @param validated step of the last validation, -1 before the first
 * @param best      lowest validation loss so far, of step {@code bestStep}; step 0 is the model without recovery
 * @param sinceBest validations since then
 * @param losses    in order of steps
 */
record TrainingProgress(String data, int step, int validated, double best, int bestStep, int sinceBest,
        List<LossPoint> losses) {
    TrainingProgress {
        losses = List.copyOf(losses);
    }

    static TrainingProgress start(String data) {
        return new TrainingProgress(data, 0, -1, Double.MAX_VALUE, 0, 0, List.of());
    }

    /** One more step is done. */
    TrainingProgress trained(double loss) {
        return new TrainingProgress(data, step + 1, validated, best, bestStep, sinceBest,
                with(new LossPoint(step + 1, loss, null)));
    }

    /** The model as it is now was validated. */
    TrainingProgress validated(double loss) {
        boolean better = loss < best;
        Double train = step == 0 ? null : losses.getLast().train();
        List<LossPoint> points = step == 0 ? losses : losses.subList(0, losses.size() - 1);
        var all = new ArrayList<>(points);
        all.add(new LossPoint(step, train, loss));
        return new TrainingProgress(data, step, step, better ? loss : best, better ? step : bestStep,
                better ? 0 : sinceBest + 1, all);
    }

    /** Validation loss without recovery; NaN where nothing was held out. */
    double before() {
        return losses.isEmpty() || losses.getFirst().step() != 0 ? Double.NaN : losses.getFirst().validation();
    }

    private List<LossPoint> with(LossPoint point) {
        var all = new ArrayList<>(losses);
        all.add(point);
        return all;
    }
}
