package io.espalier.model.export;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.espalier.model.forward.BlockHooks;
import io.espalier.model.forward.Model;
import io.espalier.model.forward.Positions;

/**
 * Whether what was written computes what it was made of: logits of both on the same tokens.
 *
 * @param maxAbsLogitDifference largest difference of one logit
 * @param top1Agreement         share of positions at which both prefer the same token
 * @param relativeError         root mean square of the differences over that of the logits around their mean
 */
public record LoadCheck(double maxAbsLogitDifference, double top1Agreement, double relativeError) {
    /** One block of the model in memory at a time. @return [T][V] */
    public static float[][] logits(Model model, int[] tokens) {
        try (NDManager scope = model.newScope()) {
            Positions positions = model.positions(scope, 0, tokens.length);
            NDArray x = model.embedding().forward(scope, new int[][]{tokens});
            for (int layer = 0; layer < model.config().layers().size(); layer++) {
                try (NDManager block = model.newScope()) {
                    x = model.decoder().forward(x, model.block(block, layer), positions, BlockHooks.NONE);
                    x.attach(scope);
                }
                model.release(layer);
            }
            float[] all = model.head().logits(x.reshape(tokens.length, model.config().hiddenSize())).toFloatArray();
            int vocabulary = model.config().vocabularySize();
            float[][] rows = new float[tokens.length][vocabulary];
            for (int t = 0; t < tokens.length; t++) {
                System.arraycopy(all, t * vocabulary, rows[t], 0, vocabulary);
            }
            return rows;
        }
    }

    /** Compares [T][V] with [T][V]. NaN counts as infinitely far. */
    public static LoadCheck of(float[][] expected, float[][] found) {
        double largest = 0;
        double error = 0;
        double signal = 0;
        int agreed = 0;
        for (int t = 0; t < expected.length; t++) {
            double mean = mean(expected[t]);
            for (int v = 0; v < expected[t].length; v++) {
                double difference = (double) found[t][v] - expected[t][v];
                difference = Double.isNaN(difference) ? Double.POSITIVE_INFINITY : difference;
                largest = Math.max(largest, Math.abs(difference));
                error += difference * difference;
                signal += (expected[t][v] - mean) * (expected[t][v] - mean);
            }
            agreed += top(expected[t]) == top(found[t]) ? 1 : 0;
        }
        double relative = error == 0 ? 0 : Math.sqrt(error / signal);
        return new LoadCheck(largest, (double) agreed / expected.length, relative);
    }

    private static double mean(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += value;
        }
        return sum / values.length;
    }

    private static int top(float[] values) {
        int best = 0;
        for (int i = 1; i < values.length; i++) {
            best = values[i] > values[best] ? i : best;
        }
        return best;
    }
}
