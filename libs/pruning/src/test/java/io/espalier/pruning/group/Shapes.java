package io.espalier.pruning.group;

import io.espalier.model.config.LayerShape;
import java.util.Collections;

/** Shapes of well-known models. */
public final class Shapes {
    private Shapes() {}

    public static ModelShape llama7b() {
        return llama(4096, 128, 32000, false, 32, new LayerShape(32, 32, 11008));
    }

    public static ModelShape llama3With8b() {
        return llama(4096, 128, 128256, false, 32, new LayerShape(32, 8, 14336));
    }

    /** examples/models/stories. */
    public static ModelShape stories() {
        return llama(64, 8, 512, true, 5, new LayerShape(8, 4, 172));
    }

    public static ModelShape llama(int hidden, int headDim, int vocabulary, boolean tied, int layers,
            LayerShape widths) {
        return new ModelShape(hidden, headDim, vocabulary, tied, ModelShape.Extras.LLAMA,
                Collections.nCopies(layers, widths));
    }
}
