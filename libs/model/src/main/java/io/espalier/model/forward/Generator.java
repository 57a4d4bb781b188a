package io.espalier.model.forward;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;

/** Generation with a key-value cache: one {@link #prefill}, then {@link #decode} token by token. */
public final class Generator implements AutoCloseable {
    private final Model model;
    private final NDManager manager;
    private final KvCache cache;
    private int length;

    public Generator(Model model) {
        this.model = model;
        this.manager = model.newScope();
        this.cache = new KvCache(manager);
    }

    /**
     * The prompt at once.
     *
     * @return logits behind its last token, [V]
     */
    public float[] prefill(int[] prompt) {
        if (length > 0) {
            throw new IllegalStateException("the prompt comes first");
        }
        return step(prompt);
    }

    /** One more token; returns the logits behind it. */
    public float[] decode(int token) {
        return step(new int[]{token});
    }

    /** Tokens in the cache. */
    public int length() {
        return length;
    }

    @Override
    public void close() {
        cache.close();
        manager.close();
    }

    private float[] step(int[] tokens) {
        try (NDManager scope = manager.newSubManager()) {
            Positions positions = model.positions(scope, length, tokens.length);
            NDArray x = model.embedding().forward(scope, new int[][]{tokens});
            for (int layer = 0; layer < model.config().layers().size(); layer++) {
                try (NDManager blockScope = model.newScope()) {
                    x = model.decoder().forward(x, model.block(blockScope, layer), positions, BlockHooks.NONE, cache);
                }
                model.release(layer);
            }
            length += tokens.length;
            NDArray last = Positions.slice(x, 1, tokens.length - 1L, tokens.length);
            return model.head().logits(last.reshape(1, model.config().hiddenSize())).toFloatArray();
        }
    }
}
