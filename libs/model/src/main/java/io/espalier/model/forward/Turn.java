package io.espalier.model.forward;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.espalier.model.engine.Torch;
import java.util.function.Consumer;

/**
 * Where a pass turns round: what the last block returned goes through the final norm to the objective, and its slot of the
 * store holds the gradient then.
 *
 * @param sequences how many the mean is taken over
 */
record Turn(Model model, MicroBatches tokens, HeadObjective objective, Gradients kind, int sequences,
        ActivationStore store) {
    /**
     * @param normWeight of the final norm
     * @param hidden     receives what the norm returned
     * @return sum of the objective over the micro-batch's sequences
     */
    double at(int microBatch, NDArray normWeight, Consumer<NDArray> hidden) {
        int slot = model.config().layers().size();
        try (NDManager scope = model.newScope()) {
            NDArray x = store.get(scope, slot, microBatch);
            x.setRequiresGradient(true);
            NDArray h = Torch.withGradients(() -> model.head().normed(x, normWeight));
            HeadObjective.Result result = objective.apply(model.head(), h.stopGradient(), tokens.get(microBatch));
            NDArray upstream = kind == Gradients.BATCH ? result.gradient().mul(1f / sequences) : result.gradient();
            Torch.backward(h, upstream);
            hidden.accept(h);
            store.put(slot, microBatch, x.getGradient());
            return result.value();
        }
    }
}
