package io.espalier.model.forward;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import io.espalier.model.config.ModelConfig;
import io.espalier.model.config.Role;
import io.espalier.model.config.TensorSpec;
import io.espalier.model.engine.Products;
import io.espalier.model.engine.Torch;
import io.espalier.model.weights.WeightSource;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Final norm and lm_head. The vocabulary is large: tokens are taken in pieces so that the logits of one stay small, and a
 * streamed lm_head is widened in pieces of rows.
 */
public final class Head {
    /**
     * How much may be in memory at once.
     *
     * @param logits  numbers in the logits of one piece of tokens
     * @param weights numbers in one piece of a vocabulary matrix
     */
    record Limits(long logits, long weights) {
        /** 32 MiB and 256 MiB of fp32. */
        static final Limits DEFAULT = new Limits(1 << 23, 1 << 26);
    }

    /** What a DJL array made of a buffer can hold. */
    private static final long MAX_ELEMENTS = Integer.MAX_VALUE / Float.BYTES;

    private final WeightSource weights;
    private final ModelConfig config;
    private final NDManager manager;
    private final boolean resident;
    private final TensorSpec matrix;
    private final TensorSpec finalNorm;
    private final Norm norm;
    private final Limits limits;
    private NDArray kept;

    Head(WeightSource weights, NDManager manager, boolean resident, Limits limits) {
        this.weights = weights;
        this.config = weights.config();
        this.manager = manager;
        this.limits = limits;
        Role role = config.tiedEmbeddings() ? Role.EMBEDDING : Role.HEAD;
        this.matrix = tensor(role);
        this.resident = resident && config.parameters(matrix) <= MAX_ELEMENTS;
        this.finalNorm = tensor(Role.FINAL_NORM);
        this.norm = new Norm(config.rmsNormEps(), config.family().unitOffsetNorm());
    }

    /** Rows of lm_head: {@code weight} is [rows, d]. */
    public record Piece(int firstRow, NDArray weight) {
        int rows() {
            return (int) weight.getShape().get(0);
        }
    }

    /** The final norm's weight [d]. */
    public NDArray normWeight(NDManager scope) {
        return weights.load(scope, finalNorm, Role.FINAL_NORM);
    }

    /** Final norm; takes part in autograd. {@code x} and the result: [B, T, d]. */
    public NDArray normed(NDArray x, NDArray normWeight) {
        return norm.apply(x, normWeight);
    }

    /**
     * All logits of some tokens; for few tokens.
     *
     * @param x what the last block returned, [n, d]
     * @return [n, V]
     */
    public NDArray logits(NDArray x) {
        NDManager scope = x.getManager();
        NDArray h = normed(x, normWeight(scope));
        var parts = new NDList();
        forEachPiece(scope, piece -> parts.add(product(h, piece.weight())));
        return parts.size() == 1 ? parts.singletonOrThrow() : NDArrays.concat(parts, 1);
    }

    /**
     * How well each next token is predicted.
     *
     * @param x      what the last block returned, [B, T, d]
     * @param tokens [B][T]
     * @return one entry per sequence, T - 1 targets each
     */
    public List<TokenScores> scores(NDArray x, int[][] tokens) {
        int length = tokens[0].length;
        NDArray h = normed(Positions.slice(x, 1, 0, length - 1L), normWeight(x.getManager()));
        var targets = new int[tokens.length * (length - 1)];
        for (int b = 0; b < tokens.length; b++) {
            System.arraycopy(tokens[b], 1, targets, b * (length - 1), length - 1);
        }
        TokenScores all = new SoftmaxHead(this).scores(h.reshape(targets.length, config.hiddenSize()), targets);
        return IntStream.range(0, tokens.length)
                .mapToObj(b -> all.part(b * (length - 1), (b + 1) * (length - 1))).toList();
    }

    /**
     * How well given tokens are predicted by some positions only.
     *
     * @param x       what the last block returned, [B, T, d]
     * @param rows    positions in [B * T]
     * @param targets what each of them shall predict
     */
    public TokenScores scores(NDArray x, long[] rows, int[] targets) {
        NDManager scope = x.getManager();
        NDArray flat = x.reshape(-1, config.hiddenSize());
        NDArray chosen = JniUtils.embedding((PtNDArray) scope.create(rows), (PtNDArray) flat, false); // (n, d)
        return new SoftmaxHead(this).scores(normed(chosen, normWeight(scope)), targets);
    }

    /** Work that asks for lm_head. */
    @FunctionalInterface
    interface Use<T, E extends Exception> {
        T run() throws E;
    }

    /** Runs work that asks for lm_head again and again: it stays widened meanwhile, if one piece holds it all. */
    <T, E extends Exception> T held(Use<T, E> work) throws E {
        if (kept != null || resident || config.parameters(matrix) > limits.weights()) {
            return work.run();
        }
        keep();
        try {
            return work.run();
        } finally {
            kept.close();
            kept = null;
        }
    }

    private void keep() {
        kept = weights.load(manager, matrix, 0, config.vocabularySize());
        weights.unload(matrix);
    }

    /** lm_head piece by piece from the first row on; a streamed piece is closed after its turn. */
    public void forEachPiece(NDManager scope, Consumer<Piece> use) {
        if (resident && kept == null) {
            keep();
        }
        if (kept != null) {
            use.accept(new Piece(0, kept));
            return;
        }
        forEachPiece(weights, matrix, limits, scope, use);
    }

    /**
     * Some rows of lm_head, for those who read the heads of several models side by side; to be read only while {@code scope}
     * lives. Call {@link #release} after the last.
     *
     * @return [count, d]
     */
    NDArray rows(NDManager scope, int first, int count) {
        if (resident && kept == null) {
            keep();
        }
        if (kept == null) {
            return weights.load(scope, matrix, first, count);
        }
        NDArray rows = Positions.slice(kept, 0, first, (long) first + count);
        if (rows != kept) {
            rows.attach(scope);
        }
        return rows;
    }

    /** Drops the file pages of lm_head. */
    void release() {
        if (!resident) {
            weights.unload(matrix);
        }
    }

    static void forEachPiece(WeightSource weights, TensorSpec matrix, Limits limits, NDManager scope,
            Consumer<Piece> use) {
        int vocabulary = weights.config().vocabularySize();
        int step = Math.clamp(limits.weights() / weights.config().hiddenSize(), 1, vocabulary);
        for (int first = 0; first < vocabulary; first += step) {
            int count = Math.min(step, vocabulary - first);
            try (NDManager pieceScope = scope.newSubManager()) {
                use.accept(new Piece(first, weights.load(pieceScope, matrix, first, count)));
            }
        }
        weights.unload(matrix);
    }

    /** Tokens whose logits may be in memory together. */
    int tokensPerPiece() {
        return Math.clamp(limits.logits() / config.vocabularySize(), 1, Integer.MAX_VALUE);
    }

    /** Logits of a piece of the vocabulary: {@code h W^T}, capped where the model caps them, [n, rows]. */
    public NDArray product(NDArray h, NDArray weight) {
        NDArray z = Products.linear(h, weight, null);
        Double cap = config.logitCap();
        if (cap == null) {
            return z;
        }
        NDArray capped = Torch.scale(Torch.scale(z, 1 / cap).tanh(), cap);
        z.close();
        return capped;
    }

    /**
     * How logits change with {@code h W^T}: {@code 1 - (z / cap)^2}.
     *
     * @param logits of {@link #product}
     * @return of the same shape; null where logits are not capped, the slope is 1 then
     */
    public NDArray slope(NDArray logits) {
        if (config.logitCap() == null) {
            return null;
        }
        NDArray share = Torch.scale(logits, 1 / config.logitCap());
        return share.mul(share).neg().add(1);
    }

    /** The same for one logit; 1 where logits are not capped. */
    double slope(double logit) {
        double share = config.logitCap() == null ? 0 : logit / config.logitCap();
        return 1 - share * share;
    }

    private TensorSpec tensor(Role role) {
        return config.tensors().stream().filter(t -> t.holds(role)).findFirst().orElseThrow();
    }
}
