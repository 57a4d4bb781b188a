package io.espalier.model.forward;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.espalier.model.config.ModelConfig;
import io.espalier.model.config.Role;
import io.espalier.model.config.TensorSpec;
import io.espalier.model.engine.Torch;
import io.espalier.model.weights.WeightSource;
import java.util.function.Consumer;

/** Token embedding, read row by row out of the stored weights: the table itself is never loaded. */
public final class Embedding {
    private final WeightSource weights;
    private final ModelConfig config;
    private final TensorSpec table;
    private final boolean resident;

    Embedding(WeightSource weights, boolean resident) {
        this.weights = weights;
        this.config = weights.config();
        this.resident = resident;
        this.table = config.tensors().stream().filter(t -> t.holds(Role.EMBEDDING)).findFirst().orElseThrow();
    }

    /**
     * @param tokens [B][T], rows of equal length
     * @return [B, T, d]
     */
    public NDArray forward(NDManager manager, int[][] tokens) {
        int length = tokens[0].length;
        var values = new float[tokens.length * length * config.hiddenSize()];
        int at = 0;
        for (int[] sequence : tokens) {
            if (sequence.length != length) {
                throw new IllegalArgumentException("sequences differ in length: " + length + ", " + sequence.length);
            }
            for (int token : sequence) {
                if (token < 0 || token >= config.vocabularySize()) {
                    throw new IllegalArgumentException("token id " + token + " is outside the vocabulary of "
                            + config.vocabularySize() + ": this is another model's tokenizer");
                }
                weights.readRow(table, token, values, at);
                at += config.hiddenSize();
            }
        }
        if (!resident) {
            weights.unload(table);
        }
        NDArray x = Torch.ofFloats(manager, values,
                new Shape(tokens.length, length, config.hiddenSize()));
        return scaled(x);
    }

    /** From the gradient with respect to what {@link #forward} returned to that with respect to the table's rows. */
    NDArray backward(NDArray upstream) {
        return scaled(upstream);
    }

    /** The table piece by piece; a piece is closed after its turn. */
    void forEachPiece(NDManager scope, Consumer<Head.Piece> use) {
        Head.forEachPiece(weights, table, Head.Limits.DEFAULT, scope, use);
    }

    private NDArray scaled(NDArray x) {
        return config.family().scaledEmbedding() ? Torch.scale(x, Math.sqrt(config.hiddenSize())) : x;
    }
}
